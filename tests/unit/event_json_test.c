#include "db/event_json.h"

#include "common/clock.h"
#include "tests/lib/test.h"

#define AT   1763626530123 /* 2025-11-20T08:15:30.123Z */
#define AT_S "\"timestamp\":\"2025-11-20T08:15:30.123Z\""

static struct buf buf;

static struct event
message(const char *payload)
{
	buf_init(&buf, 65536);
	return (struct event){
		.pos = 71,
		.type = "chat_message",
		.conversation_id = 5,
		.seq = 9,
		.actor_id = 3,
		.author_id = 3,
		.message_id = 40,
		.no = 2,
		.timestamp = AT,
		.payload = slice_of(payload),
	};
}

static void
check(const char *want)
{
	CHECK(buf_ok(&buf));
	buf_raw(&buf, "", 1);
	CHECK_STR(buf.data, want);
	buf_clear(&buf);
}

TEST(a_message_carries_its_numbers_before_its_payload)
{
	struct event event = message("{\"message\":\"hi\",\"sender_id\":3}");

	event_json(&buf, &event);
	check("{\"type\":\"chat_message\",\"event_id\":71,"
	      "\"conversation_id\":5,\"seq\":9," AT_S ",\"message_id\":40,"
	      "\"no\":2,\"is_new_conversation\":false,\"message\":\"hi\","
	      "\"sender_id\":3}");

	event.no = 1;
	event.payload = slice_of("{ \"message\": \"hi\" }");
	event_json(&buf, &event);
	check("{\"type\":\"chat_message\",\"event_id\":71,"
	      "\"conversation_id\":5,\"seq\":9," AT_S ",\"message_id\":40,"
	      "\"no\":1,\"is_new_conversation\":true,\"message\": \"hi\" }");
	buf_done(&buf);
}

TEST(an_empty_payload_and_absent_columns_leave_valid_json)
{
	struct event event = {
		.type = "user_updated", .pos = 1, .timestamp = AT
	};
	const char *const empty[] = { "{}", "{ }", " {} ", "" };

	buf_init(&buf, 65536);
	for (size_t i = 0; i < sizeof(empty) / sizeof(empty[0]); i++) {
		event.payload = slice_of(empty[i]);
		event_json(&buf, &event);
		check("{\"type\":\"user_updated\",\"event_id\":1," AT_S "}");
	}
	buf_done(&buf);
}

TEST(others_messages_and_ones_own_reading_count)
{
	struct event event = message("{}");

	CHECK(event_counts(&event, 4));
	CHECK(!event_counts(&event, 3));
	event.type = "message_read";
	CHECK(event_counts(&event, 3));
	CHECK(!event_counts(&event, 4));
	event.type = "message_delivered";
	CHECK(!event_counts(&event, 3));
	CHECK(!event_counts(&event, 4));
}

TEST(a_count_tells_what_changed_it)
{
	struct event event = message("{}");

	event_count_json(&buf, &event);
	check("{\"type\":\"notification_count_update\",\"conversation_id\":5,"
	      "\"trigger\":\"new_message\",\"last_no\":2," AT_S "}");

	event.type = "message_read";
	event.no = 8;
	event.up_to = 6;
	event.unread_count = 2;
	event_count_json(&buf, &event);
	check("{\"type\":\"notification_count_update\",\"conversation_id\":5,"
	      "\"trigger\":\"message_read\",\"last_no\":8,\"read_no\":6,"
	      "\"unread_count\":2," AT_S "}");
	buf_done(&buf);
}

TEST(a_notification_quotes_the_sender_and_the_text)
{
	struct event event = message(
	    "{\"reply_to\":null,\"mentions\":[{\"message\":\"no\"},2],"
	    "\"sender_info\": {\"id\":3,\"username\":\"ada\","
	    "\"name\":\"Ada \\\"L\\\"\"}, \"message\":\"h\\u00e9 \\\\\"}");

	event_notification_json(&buf, &event);
	check("{\"type\":\"notification\","
	      "\"notification_type\":\"new_message\","
	      "\"message\":\"New message from Ada \\\"L\\\"\"," AT_S ","
	      "\"data\":{\"conversation_id\":5,\"message_id\":40,"
	      "\"sender_id\":3,\"sender_name\":\"Ada \\\"L\\\"\","
	      "\"message_text\":\"h\\u00e9 \\\\\"," AT_S "}}");
	buf_done(&buf);
}

/* 198 plain characters, then the ones in tail, then more. */
static void
check_cut(const char *tail, const char *kept)
{
	char payload[512] = "{\"message\":\"", want[512] = "";
	struct event event;
	const char *text, *end;

	memset(payload + strlen(payload), 'x', 198);
	memset(want, 'x', 198);
	memcpy(payload + strlen(payload), tail, strlen(tail));
	memcpy(payload + strlen(payload), "\"}", 2);
	memcpy(want + strlen(want), kept, strlen(kept));

	event = message(payload);
	event_notification_json(&buf, &event);
	buf_raw(&buf, "", 1);
	text = strstr(buf.data, "\"message_text\":\"") + 16;
	end = strstr(text, "\",\"timestamp\"");
	CHECK((size_t)(end - text) == strlen(want));
	CHECK(memcmp(text, want, strlen(want)) == 0);
	buf_done(&buf);
}

TEST(a_quotation_is_cut_between_characters)
{
	check_cut("ab", "ab");
	check_cut("abc", "ab");
	check_cut("a\xc3\xa9z", "a\xc3\xa9");
	check_cut("a\xf0\x9f\x98\x80z", "a\xf0\x9f\x98\x80");
	check_cut("a\\n\\n", "a\\n");
	check_cut("a\\u00e9z", "a\\u00e9");
	check_cut("a\\ud83d\\ude00z", "a\\ud83d\\ude00");
	check_cut("a\\\\\\\"", "a\\\\");
}

TEST(a_payload_without_text_is_quoted_as_nothing)
{
	const char *const payloads[] = { "", "{}", "{\"message\":null}", "{\"",
		"{\"message\":\"", "{\"message\"", "[[[", "{\"a\":[\"}\"" };

	for (size_t i = 0; i < sizeof(payloads) / sizeof(payloads[0]); i++) {
		struct event event = message(payloads[i]);

		event_notification_json(&buf, &event);
		buf_raw(&buf, "", 1);
		CHECK(strstr(buf.data, "\"message_text\":\"\"") != NULL);
		buf_done(&buf);
	}
}

TEST(a_resync_says_where_to_go_on)
{
	buf_init(&buf, 65536);
	event_resync_json(&buf, 90, AT);
	check("{\"type\":\"resync\",\"event_id\":90," AT_S "}");
	buf_done(&buf);
}

TEST_MAIN()
