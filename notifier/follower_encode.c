#include "notifier/follower_encode.h"

#include <string.h>

#include "common/json.h"
#include "db/event_json.h"
#include "notifier/event_type.h"

/* Above any payload there is: a message has at most 40 000 bytes of text,
   and its JSON six times that at the worst. */
#define EVENT_BYTES_MAX ((size_t)16 * 1024 * 1024)

#define COUNT_TYPE        "notification_count_update"
#define NOTIFICATION_TYPE "notification"

void
encoder_init(struct encoder *encoder, uint64_t receipts_members)
{
	encoder->receipts_members = receipts_members;
	encoder->arena = arena_new();
	buf_init(&encoder->json, EVENT_BYTES_MAX);
	for (size_t kind = 0; kind < TRANSPORT__COUNT; kind++)
		buf_init(&encoder->bufs[kind], 4 * EVENT_BYTES_MAX);
}

void
encoder_done(struct encoder *encoder)
{
	arena_free(encoder->arena);
	buf_done(&encoder->json);
	for (size_t kind = 0; kind < TRANSPORT__COUNT; kind++)
		buf_done(&encoder->bufs[kind]);
}

static struct slice
written(const struct buf *buf)
{
	return (struct slice){ buf->data, buf->len };
}

static bool
is_type(const struct event *event, const char *type)
{
	return strcmp(event->type, type) == 0;
}

/* The payload of what few events have; NULL: it is no JSON. */
static const struct json *
read_payload(struct encoder *encoder, const struct event *event)
{
	const struct json *payload;

	arena_reset(encoder->arena);
	if (json_read(encoder->arena, event->payload, &payload) != OK)
		return NULL;
	return payload;
}

static bool
reason_is(const struct json *payload, const char *reason)
{
	const struct json *value = payload == NULL
	    ? NULL
	    : json_member(payload, "reason");

	return value != NULL && value->kind == JSON_STRING &&
	    slice_is(value->text, reason);
}

static uint64_t
number_of(const struct json *payload, const char *name, uint64_t otherwise)
{
	const struct json *value = payload == NULL ? NULL
						   : json_member(payload, name);
	uint64_t number;

	return value != NULL && json_u64(value, &number) ? number : otherwise;
}

/* Whether receipts and the like go round is in the row that subscribes. */
static void
take_membership(
    struct encoder *encoder, struct parcel *parcel, const struct event *event)
{
	const struct json *payload = read_payload(encoder, event);

	if (reason_is(payload, "created") || reason_is(payload, "added"))
		parcel->control = CONTROL_SUBSCRIBE;
	else if (reason_is(payload, "removed"))
		parcel->control = CONTROL_UNSUBSCRIBE;
	parcel->is_small = number_of(payload, "member_count", UINT64_MAX) <=
	    encoder->receipts_members;
}

static void
take_ending(
    struct encoder *encoder, struct parcel *parcel, const struct event *event)
{
	const struct json *payload = read_payload(encoder, event);

	parcel->control = CONTROL_END;
	parcel->session_id = event->session_id;
	parcel->reason = REASON_REVOKED;
	if (reason_is(payload, "expired"))
		parcel->reason = REASON_EXPIRED;
	else if (reason_is(payload, "disabled"))
		parcel->reason = REASON_DISABLED;
}

static void
add_count(struct encoder *encoder, struct parcel *parcel,
    const struct event *event, enum audience audience)
{
	buf_clear(&encoder->json);
	event_count_json(&encoder->json, event);
	parcel_add(parcel, encoder->bufs, slice_of(COUNT_TYPE), audience,
	    written(&encoder->json));
}

struct parcel *
encode_parcel(struct encoder *encoder, const struct event *event)
{
	struct parcel *parcel = parcel_new();

	parcel->pos = event->pos;
	parcel->conversation_id = event->conversation_id;
	parcel->user_id = event->user_id;
	parcel->actor_id = event->actor_id;
	if (is_type(event, "session_ended")) {
		take_ending(encoder, parcel, event);
		return parcel;
	}
	if (is_type(event, "conversation_refresh"))
		take_membership(encoder, parcel, event);

	buf_clear(&encoder->json);
	event_json(&encoder->json, event);
	parcel_add(parcel, encoder->bufs, slice_of(event->type), AUDIENCE_ALL,
	    written(&encoder->json));
	if (is_type(event, "chat_message")) {
		add_count(encoder, parcel, event, AUDIENCE_OTHERS);
		buf_clear(&encoder->json);
		event_notification_json(&encoder->json, event);
		parcel_add(parcel, encoder->bufs, slice_of(NOTIFICATION_TYPE),
		    AUDIENCE_OTHERS, written(&encoder->json));
	} else if (is_type(event, "message_read")) {
		add_count(encoder, parcel, event, AUDIENCE_ACTOR);
	}
	parcel_seal(parcel, encoder->bufs);
	return parcel;
}

void
encode_replay(struct encoder *encoder, const struct stream_info *info,
    const struct event *event, struct buf *buf)
{
	const struct transport *transport = transports[info->transport];
	struct slice type = slice_of(event->type);

	if (event_type_wanted(info->types, event_type_bit(type))) {
		buf_clear(&encoder->json);
		event_json(&encoder->json, event);
		transport->put_event(
		    buf, type, event->pos, written(&encoder->json));
	}
	type = slice_of(COUNT_TYPE);
	if (event_counts(event, info->user_id) &&
	    event_type_wanted(info->types, event_type_bit(type))) {
		buf_clear(&encoder->json);
		event_count_json(&encoder->json, event);
		transport->put_event(
		    buf, type, EVENT_ID_NONE, written(&encoder->json));
	}
}
