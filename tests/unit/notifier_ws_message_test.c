#include "notifier/ws_message.h"

#include "tests/lib/test.h"

static struct ws_message message;
static struct ws_refusal refusal;

/* The code of the refusal, or "ok"; only_id as on /ws/chat/{id}/. */
static const char *
read_on(uint64_t only_id, const char *text)
{
	static struct arena *arena;

	arena_free(arena);
	arena = arena_new();
	return ws_message_read(
		   arena, slice_of(text), only_id, &message, &refusal)
	    ? "ok"
	    : refusal.code;
}

static const char *
read_text(const char *text)
{
	return read_on(0, text);
}

TEST(a_message_is_read_with_all_that_it_may_have)
{
	CHECK_STR(read_text("{\"type\":\"message\",\"conversation_id\":7,"
			    "\"message\":\"hi\",\"client_id\":\"c\","
			    "\"reply_to\":9}"),
	    "ok");
	CHECK(message.command == WS_SEND);
	CHECK(message.conversation_id == 7);
	CHECK(slice_is(message.text, "hi"));
	CHECK(slice_is(message.client_id, "c"));
	CHECK(message.reply_to == 9);
}

TEST(what_is_optional_may_be_null)
{
	CHECK_STR(read_text("{\"type\":\"message\",\"conversation_id\":7,"
			    "\"message\":\"hi\",\"client_id\":null,"
			    "\"reply_to\":null}"),
	    "ok");
	CHECK(message.client_id.data == NULL);
	CHECK(message.reply_to == 0);
}

TEST(marks_typing_and_ping_are_read)
{
	CHECK_STR(read_text("{\"type\":\"read\",\"conversation_id\":7,"
			    "\"up_to\":3}"),
	    "ok");
	CHECK(message.command == WS_READ && message.up_to == 3);
	CHECK_STR(read_text("{\"type\":\"delivered\",\"conversation_id\":7,"
			    "\"up_to\":4}"),
	    "ok");
	CHECK(message.command == WS_DELIVERED && message.up_to == 4);
	CHECK_STR(read_text("{\"type\":\"typing\",\"conversation_id\":7,"
			    "\"typing\":true,\"activity\":\"file\"}"),
	    "ok");
	CHECK(message.command == WS_TYPING && message.typing);
	CHECK(slice_is(message.activity, "file"));
	CHECK_STR(read_text("{\"type\":\"ping\"}"), "ok");
	CHECK(message.command == WS_ASK_PONG);
}

TEST(what_is_no_json_is_refused)
{
	CHECK_STR(read_text(""), "not_json");
	CHECK_STR(read_text("{"), "not_json");
	CHECK_STR(read_text("{} {}"), "not_json");
	CHECK_STR(read_text("[]"), "invalid");
	CHECK_STR(read_text("\"message\""), "invalid");
}

TEST(an_unknown_type_is_refused)
{
	CHECK_STR(read_text("{}"), "required");
	CHECK_STR(read_text("{\"type\":\"shout\"}"), "invalid");
	CHECK_STR(read_text("{\"type\":7}"), "invalid");
}

TEST(an_unknown_field_is_refused)
{
	CHECK_STR(read_text("{\"type\":\"ping\",\"x\":1}"), "unknown_field");
	CHECK_STR(
	    read_text("{\"type\":\"ping\",\"up_to\":1}"), "unknown_field");
	CHECK_STR(read_text("{\"type\":\"message\",\"conversation_id\":7,"
			    "\"message\":\"hi\",\"sender_id\":1}"),
	    "unknown_field");
}

TEST(a_field_of_the_wrong_type_is_refused)
{
	CHECK_STR(read_text("{\"type\":\"read\",\"conversation_id\":\"7\","
			    "\"up_to\":1}"),
	    "wrong_type");
	CHECK_STR(read_text("{\"type\":\"read\",\"conversation_id\":7,"
			    "\"up_to\":1.5}"),
	    "wrong_type");
	CHECK_STR(read_text("{\"type\":\"message\",\"conversation_id\":7,"
			    "\"message\":1}"),
	    "wrong_type");
	CHECK_STR(read_text("{\"type\":\"typing\",\"conversation_id\":7,"
			    "\"typing\":1}"),
	    "wrong_type");
	CHECK_STR(read_text("{\"type\":\"typing\",\"conversation_id\":7,"
			    "\"typing\":true,\"activity\":\"song\"}"),
	    "invalid");
}

TEST(a_number_goes_up_to_two_to_the_53_less_one)
{
	CHECK_STR(read_text("{\"type\":\"read\",\"conversation_id\":7,"
			    "\"up_to\":9007199254740991}"),
	    "ok");
	CHECK_STR(read_text("{\"type\":\"read\",\"conversation_id\":7,"
			    "\"up_to\":9007199254740992}"),
	    "out_of_range");
}

TEST(a_missing_field_is_named)
{
	CHECK_STR(
	    read_text("{\"type\":\"message\",\"message\":\"hi\"}"), "required");
	CHECK_STR(
	    read_text("{\"type\":\"read\",\"conversation_id\":7}"), "required");
}

TEST(a_refusal_names_the_client_id)
{
	CHECK_STR(read_text("{\"type\":\"message\",\"client_id\":\"c7\"}"),
	    "required");
	CHECK(slice_is(refusal.client_id, "c7"));
}

TEST(the_older_form_is_a_message_on_a_chat_connection_alone)
{
	const char *older = "{\"message\":\"hi\",\"sender_id\":5,"
			    "\"recipient_id\":\"x\",\"item_id\":null,"
			    "\"image\":\"\"}";

	CHECK_STR(read_on(7, older), "ok");
	CHECK(message.command == WS_SEND && message.conversation_id == 7);
	CHECK_STR(read_text(older), "required");
}

TEST(a_chat_connection_carries_its_conversation_alone)
{
	CHECK_STR(read_on(7, "{\"type\":\"read\",\"up_to\":1}"), "ok");
	CHECK(message.conversation_id == 7);
	CHECK_STR(read_on(7,
		      "{\"type\":\"read\",\"up_to\":1,"
		      "\"conversation_id\":7}"),
	    "ok");
	CHECK_STR(read_on(7,
		      "{\"type\":\"read\",\"up_to\":1,"
		      "\"conversation_id\":8}"),
	    "not_found");
}

TEST_MAIN()
