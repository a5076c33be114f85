#include "api/cookie.h"

#include "tests/lib/test.h"

static void
check(const char *header, const char *want)
{
	struct slice value = { 0 };
	bool found = cookie_get(slice_of(header), "s", &value);

	CHECK(found == (want != NULL));
	if (found)
		CHECK(slice_is(value, want));
}

TEST(a_cookie_is_found_by_its_name)
{
	check("s=1", "1");
	check("a=0; s=1; b=2", "1");
	check("a=0;s=1;b=2", "1");
	check("  s = 1 ;", "1");
	check("s=1; s=2", "1");
	check("s=a=b", "a=b");
	check("s=\"1\"", "1");
}

TEST(what_is_not_quite_it_is_none)
{
	const char *const headers[] = { "", ";", "=", "s", "s=", "s=\"\"",
		"S=1", "as=1", "sa=1", "a=s=1", "a=\"s=1\"", ";;;=;=s", " " };

	for (size_t i = 0; i < sizeof(headers) / sizeof(headers[0]); i++)
		check(headers[i], NULL);
}

TEST(an_empty_one_does_not_hide_the_next)
{
	check("s=; s=2", "2");
}

TEST_MAIN()
