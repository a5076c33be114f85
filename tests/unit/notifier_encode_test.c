#include "notifier/follower_encode.h"

#include "notifier/event_type.h"
#include "tests/lib/test.h"

static const struct event sent = {
	.pos = 42,
	.type = "chat_message",
	.conversation_id = 7,
	.seq = 3,
	.actor_id = 1,
	.message_id = 99,
	.no = 2,
	.payload = { "{\"message\":\"hi\",\"sender_id\":1,\"sender_info\":"
		     "{\"id\":1,\"username\":\"ada\",\"name\":\"Ada\"}}",
	    83 },
};

static const struct event marked = {
	.pos = 43,
	.type = "message_read",
	.conversation_id = 7,
	.seq = 4,
	.actor_id = 1,
	.no = 2,
	.up_to = 2,
	.payload = { "{\"user_id\":1,\"up_to\":2}", 23 },
};

static struct parcel *
encode(const struct event *event)
{
	struct encoder encoder;
	struct parcel *parcel;

	encoder_init(&encoder, 50);
	parcel = encode_parcel(&encoder, event);
	encoder_done(&encoder);
	return parcel;
}

/* The SSE bytes up to end. */
static char *
heard(const struct parcel *parcel, bool is_actor)
{
	uint32_t end = parcel_end(parcel, TRANSPORT_SSE, is_actor);
	char *text = calloc(1, end + 1);

	memcpy(text, parcel->frames[TRANSPORT_SSE]->bytes, end);
	return text;
}

static size_t
occurrences(const char *text, const char *of)
{
	size_t found = 0;

	while ((text = strstr(text, of)) != NULL) {
		found++;
		text += strlen(of);
	}
	return found;
}

TEST(a_message_brings_count_and_notification_to_all_but_its_sender)
{
	struct parcel *parcel = encode(&sent);
	char *others = heard(parcel, false), *actor = heard(parcel, true);

	CHECK(occurrences(others, "\ndata: ") == 3);
	CHECK(occurrences(others, "event: chat_message\n") == 1);
	CHECK(occurrences(others, "event: notification_count_update\n") == 1);
	CHECK(occurrences(others, "event: notification\n") == 1);
	CHECK(occurrences(others, "id: 42\n") == 1);
	CHECK(occurrences(others, "id: ") == 1);
	CHECK(occurrences(actor, "\ndata: ") == 1);
	free(others);
	free(actor);
	parcel_drop(parcel);
}

TEST(a_mark_brings_a_count_to_its_reader_alone)
{
	struct parcel *parcel = encode(&marked);
	char *others = heard(parcel, false), *actor = heard(parcel, true);

	CHECK(occurrences(others, "\ndata: ") == 1);
	CHECK(occurrences(actor, "\ndata: ") == 2);
	free(others);
	free(actor);
	parcel_drop(parcel);
}

TEST(rows_about_membership_change_the_hub)
{
	struct event event = {
		.pos = 1,
		.type = "conversation_refresh",
		.conversation_id = 7,
		.user_id = 5,
		.payload = { "{\"reason\":\"added\",\"member_count\":50}", 36 },
	};
	struct parcel *parcel = encode(&event);

	CHECK(parcel->control == CONTROL_SUBSCRIBE && parcel->is_small);
	parcel_drop(parcel);
	event.payload = slice_of(
	    "{\"reason\":\"created\",\"member_count\":51}");
	parcel = encode(&event);
	CHECK(parcel->control == CONTROL_SUBSCRIBE && !parcel->is_small);
	parcel_drop(parcel);
	event.payload = slice_of("{\"reason\":\"removed\"}");
	parcel = encode(&event);
	CHECK(parcel->control == CONTROL_UNSUBSCRIBE);
	parcel_drop(parcel);
	event.payload = slice_of("{\"reason\":\"updated\"}");
	parcel = encode(&event);
	CHECK(parcel->control == CONTROL_NONE);
	parcel_drop(parcel);
}

TEST(the_end_of_a_session_never_leaves_the_notifier)
{
	struct event event = {
		.pos = 1,
		.type = "session_ended",
		.user_id = 5,
		.session_id = 9,
		.payload = { "{\"reason\":\"disabled\"}", 21 },
	};
	struct parcel *parcel = encode(&event);

	CHECK(parcel->control == CONTROL_END);
	CHECK(parcel->reason == REASON_DISABLED);
	CHECK(parcel->session_id == 9);
	CHECK(parcel->part_count == 0);
	parcel_drop(parcel);
}

static char *
replayed(const struct event *event, uint64_t user_id, const char *types)
{
	struct stream_info info = {
		.user_id = user_id,
		.types = EVENT_TYPES_ALL,
		.transport = TRANSPORT_SSE,
	};
	struct encoder encoder;
	struct buf buf;

	if (types != NULL)
		CHECK(event_types_parse(slice_of(types), &info.types) == OK);
	encoder_init(&encoder, 50);
	buf_init(&buf, 100000);
	encode_replay(&encoder, &info, event, &buf);
	encoder_done(&encoder);
	buf_raw(&buf, "", 1);
	return buf.data;
}

TEST(a_replay_has_the_same_bytes_but_no_notification)
{
	struct parcel *parcel = encode(&sent);
	char *live = heard(parcel, false), *again = replayed(&sent, 2, NULL);

	CHECK(occurrences(again, "event: chat_message\n") == 1);
	CHECK(occurrences(again, "event: notification_count_update\n") == 1);
	CHECK(occurrences(again, "event: notification\n") == 0);
	CHECK(strncmp(live, again, strlen(again)) == 0);
	free(again);
	again = replayed(&sent, 1, NULL);
	CHECK(occurrences(again, "\ndata: ") == 1);
	free(again);
	free(live);
	parcel_drop(parcel);
}

TEST(a_narrowed_replay_has_what_was_asked_for)
{
	char *some = replayed(&sent, 2, "notification_count_update");

	CHECK(occurrences(some, "\ndata: ") == 1);
	CHECK(occurrences(some, "event: notification_count_update\n") == 1);
	free(some);
	some = replayed(&sent, 2, "typing");
	CHECK_STR(some, "");
	free(some);
}

TEST_MAIN()
