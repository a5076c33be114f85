#include "notifier/event_type.h"

#include "tests/lib/test.h"

static enum err
parse(const char *list, uint32_t *ret_types)
{
	return event_types_parse(slice_of(list), ret_types);
}

TEST(every_type_has_a_bit_of_its_own)
{
	CHECK(event_type_bit(slice_of("chat_message")) != 0);
	CHECK(event_type_bit(slice_of("chat_message")) !=
	    event_type_bit(slice_of("presence")));
	CHECK(event_type_bit(slice_of("chat")) == 0);
	CHECK(event_type_bit(slice_of("")) == 0);
}

TEST(a_list_of_names_is_their_bits)
{
	uint32_t types;

	CHECK(parse("chat_message,presence", &types) == OK);
	CHECK(types ==
	    (event_type_bit(slice_of("chat_message")) |
		event_type_bit(slice_of("presence"))));
	CHECK(parse("typing", &types) == OK);
	CHECK(types == event_type_bit(slice_of("typing")));
}

TEST(a_list_with_anything_else_in_it_is_invalid)
{
	static const char *const bad[] = { "", ",", "typing,", ",typing",
		"typing,,presence", "shouting", "typing, presence" };
	uint32_t types;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		CHECK(parse(bad[i], &types) == ERR_INVALID);
}

TEST(what_nobody_knows_goes_to_those_who_want_everything)
{
	CHECK(event_type_wanted(EVENT_TYPES_ALL, 0));
	CHECK(!event_type_wanted(event_type_bit(slice_of("typing")), 0));
}

TEST_MAIN()
