#include "common/buf.h"

#include "tests/lib/test.h"

static const char *
text_of(struct buf *buf)
{
	buf_raw(buf, "", 1);
	return buf->data;
}

TEST(numbers_and_text_are_written_one_after_the_other)
{
	struct buf buf;

	buf_init(&buf, 1000);
	buf_u64(&buf, 0);
	buf_text(&buf, " ");
	buf_u64(&buf, UINT64_MAX);
	CHECK(buf_ok(&buf));
	CHECK_STR(text_of(&buf), "0 18446744073709551615");
	buf_done(&buf);
}

TEST(json_strings_escape_what_json_and_a_line_must_not_hold)
{
	struct buf buf;

	buf_init(&buf, 1000);
	buf_json(
	    &buf, (struct slice){ "a\"b\\c\n\r\t\b\f\x01\x7f\0\xc3\xa9", 15 });
	CHECK_STR(text_of(&buf),
	    "\"a\\\"b\\\\c\\n\\r\\t\\b\\f\\u0001\\u007f\\u0000\xc3\xa9\"");
	buf_done(&buf);
}

TEST(the_maximum_fits_and_one_byte_more_does_not)
{
	struct buf buf;

	buf_init(&buf, 4);
	buf_text(&buf, "1234");
	CHECK(buf_ok(&buf) && buf.len == 4);
	buf_text(&buf, "5");
	CHECK(!buf_ok(&buf) && buf.len == 4);
	buf_clear(&buf);
	buf_text(&buf, "");
	CHECK(buf_ok(&buf) && buf.len == 0);
	buf_done(&buf);
}

TEST_MAIN()
