#include "common/draft.h"

#include "tests/lib/test.h"

#define EMOJI "\xf0\x9f\x98\x80"

static const struct config config = {
	.client_id_max = 2,
	.message_characters = 3,
};

TEST(a_text_has_so_many_characters_and_is_not_blank)
{
	CHECK_STR(draft_text_problem(&config, slice_of("")), "text_empty");
	CHECK_STR(draft_text_problem(&config, slice_of(" \n\xe2\x80\x8b")),
	    "text_empty");
	CHECK(draft_text_problem(&config, slice_of("x")) == NULL);
	CHECK(draft_text_problem(&config, slice_of(EMOJI EMOJI EMOJI)) == NULL);
	CHECK_STR(
	    draft_text_problem(&config, slice_of(EMOJI EMOJI EMOJI EMOJI)),
	    "text_too_long");
	CHECK_STR(
	    draft_text_problem(&config, slice_of("abcd")), "text_too_long");
}

TEST(a_text_is_utf8_without_nul)
{
	CHECK_STR(draft_text_problem(&config, (struct slice){ "a\0b", 3 }),
	    "invalid");
	CHECK_STR(draft_text_problem(&config, slice_of("\xff")), "invalid");
}

TEST(a_client_id_has_one_to_so_many_characters)
{
	CHECK_STR(draft_client_id_problem(&config, slice_of("")), "invalid");
	CHECK(draft_client_id_problem(&config, slice_of(EMOJI EMOJI)) == NULL);
	CHECK_STR(
	    draft_client_id_problem(&config, slice_of("abc")), "too_long");
	CHECK_STR(draft_client_id_problem(&config, (struct slice){ "\0", 1 }),
	    "invalid");
	CHECK_STR(
	    draft_client_id_problem(&config, slice_of("\xc3")), "invalid");
}

TEST_MAIN()
