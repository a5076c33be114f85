#include "common/clock.h"

#include "tests/lib/test.h"

TEST(a_time_is_written_in_utc_with_milliseconds)
{
	char text[CLOCK_TEXT_SIZE];

	clock_text(0, text);
	CHECK_STR(text, "1970-01-01T00:00:00.000Z");
	clock_text(1795162530123, text);
	CHECK_STR(text, "2026-11-20T08:15:30.123Z");
	clock_text(UINT64_MAX, text);
	CHECK_STR(text, "9999-12-31T23:59:59.999Z");
}

TEST(the_clocks_go_forward)
{
	uint64_t before = clock_monotonic_ms();

	CHECK(clock_monotonic_ms() >= before);
	CHECK(clock_now_ms() > 1700000000000);
}

TEST_MAIN()
