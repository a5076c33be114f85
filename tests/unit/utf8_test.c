#include "common/utf8.h"

#include "tests/lib/test.h"

TEST(every_code_point_but_surrogates_is_valid)
{
	CHECK(utf8_is_valid(slice_of("")));
	CHECK(utf8_is_valid(slice_of("a\x7f\xc2\x80\xdf\xbf")));
	CHECK(utf8_is_valid(slice_of("\xe0\xa0\x80\xed\x9f\xbf\xee\x80\x80")));
	CHECK(utf8_is_valid(slice_of("\xf0\x90\x80\x80\xf4\x8f\xbf\xbf")));
	CHECK(!utf8_is_valid(slice_of("\xed\xa0\x80")));
	CHECK(!utf8_is_valid(slice_of("\xed\xbf\xbf")));
}

TEST(overlong_and_too_large_forms_are_invalid)
{
	CHECK(!utf8_is_valid(slice_of("\xc0\x80")));
	CHECK(!utf8_is_valid(slice_of("\xc1\xbf")));
	CHECK(!utf8_is_valid(slice_of("\xe0\x9f\xbf")));
	CHECK(!utf8_is_valid(slice_of("\xf0\x8f\xbf\xbf")));
	CHECK(!utf8_is_valid(slice_of("\xf4\x90\x80\x80")));
	CHECK(!utf8_is_valid(slice_of("\xf8\x88\x80\x80\x80")));
	CHECK(!utf8_is_valid(slice_of("\xff")));
}

TEST(a_character_cut_short_is_invalid)
{
	static const char smile[] = "\xf0\x9f\x98\x80";

	for (size_t cut = 1; cut < 4; cut++)
		CHECK(!utf8_is_valid((struct slice){ smile, cut }));
	CHECK(!utf8_is_valid(slice_of("\x80")));
	CHECK(!utf8_is_valid(slice_of("\xc3(")));
}

TEST(length_counts_code_points)
{
	CHECK(utf8_length(slice_of("")) == 0);
	CHECK(utf8_length(slice_of("a\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80")) ==
	    4);
}

TEST(blank_is_what_a_person_sees_as_nothing)
{
	CHECK(utf8_is_blank(slice_of("")));
	CHECK(utf8_is_blank(slice_of(" \t\r\n\v\f\xc2\xa0\xe3\x80\x80")));
	CHECK(utf8_is_blank(slice_of("\xe2\x80\x8b\xef\xbb\xbf")));
	CHECK(!utf8_is_blank(slice_of("  .")));
}

TEST_MAIN()
