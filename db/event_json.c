#include "db/event_json.h"

#include <string.h>

#include "common/clock.h"

static bool
is_type(const struct event *event, const char *type)
{
	return strcmp(event->type, type) == 0;
}

/* "name": with its comma, for every member after the first. */
static void
put_name(struct buf *buf, const char *name)
{
	buf_text(buf, ",\"");
	buf_text(buf, name);
	buf_text(buf, "\":");
}

static void
put_u64(struct buf *buf, const char *name, uint64_t value)
{
	put_name(buf, name);
	buf_u64(buf, value);
}

static void
put_id(struct buf *buf, const char *name, uint64_t id)
{
	if (id != 0)
		put_u64(buf, name, id);
}

static void
put_time(struct buf *buf, const char *name, uint64_t time_ms)
{
	char text[CLOCK_TEXT_SIZE];

	clock_text(time_ms, text);
	put_name(buf, name);
	buf_json(buf, slice_of(text));
}

static void
put_type(struct buf *buf, const char *type)
{
	buf_text(buf, "{\"type\":");
	buf_json(buf, slice_of(type));
}

/* The object payload, as more members of the object being written. */
static void
put_payload(struct buf *buf, struct slice payload)
{
	size_t start = 0, end = payload.len;

	while (start < end && payload.data[start] != '{')
		start++;
	while (end > start && payload.data[end - 1] != '}')
		end--;
	for (start++; start < end && strchr(" \t\r\n", payload.data[start]);)
		start++;
	if (start + 1 < end) {
		buf_text(buf, ",");
		buf_raw(buf, payload.data + start, end - start);
	} else {
		buf_text(buf, "}");
	}
}

void
event_json(struct buf *buf, const struct event *event)
{
	put_type(buf, event->type);
	put_id(buf, "event_id", event->pos);
	put_id(buf, "conversation_id", event->conversation_id);
	put_id(buf, "seq", event->seq);
	put_time(buf, "timestamp", event->timestamp);
	if (is_type(event, "chat_message")) {
		put_u64(buf, "message_id", event->message_id);
		put_u64(buf, "no", event->no);
		put_name(buf, "is_new_conversation");
		buf_text(buf, event->no == 1 ? "true" : "false");
	}
	put_payload(buf, event->payload);
}

bool
event_counts(const struct event *event, uint64_t user_id)
{
	if (is_type(event, "chat_message"))
		return event->actor_id != user_id;
	return is_type(event, "message_read") && event->actor_id == user_id;
}

void
event_count_json(struct buf *buf, const struct event *event)
{
	bool is_read = is_type(event, "message_read");

	put_type(buf, "notification_count_update");
	put_u64(buf, "conversation_id", event->conversation_id);
	put_name(buf, "trigger");
	buf_json(buf, slice_of(is_read ? "message_read" : "new_message"));
	put_u64(buf, "last_no", event->no);
	if (is_read) {
		put_u64(buf, "read_no", event->up_to);
		put_u64(buf, "unread_count", event->unread_count);
	}
	put_time(buf, "timestamp", event->timestamp);
	buf_text(buf, "}");
}

/* The length of the JSON string at the start of text, with its quotes. */
static size_t
string_length(struct slice text)
{
	for (size_t i = 1; i < text.len; i++) {
		if (text.data[i] == '\\')
			i++;
		else if (text.data[i] == '"')
			return i + 1;
	}
	return text.len;
}

/* The length of the JSON value at the start of text. */
static size_t
value_length(struct slice text)
{
	size_t depth = 0, i = 0;

	while (i < text.len) {
		char c = text.data[i];

		if (depth == 0 && (c == ',' || c == '}' || c == ']'))
			return i;
		if (c == '"') {
			i += string_length(
			    (struct slice){ text.data + i, text.len - i });
			continue;
		}
		if (c == '{' || c == '[')
			depth++;
		else if (c == '}' || c == ']')
			depth--;
		i++;
	}
	return i;
}

static struct slice
skip(struct slice text, size_t len)
{
	len = len < text.len ? len : text.len;
	return (struct slice){ text.data + len, text.len - len };
}

static struct slice
skip_any_of(struct slice text, const char *characters)
{
	while (text.len > 0 && *text.data != '\0' &&
	    strchr(characters, *text.data) != NULL)
		text = skip(text, 1);
	return text;
}

/* The value of a member of the object in text, as written; or nothing. */
static struct slice
member(struct slice text, const char *name)
{
	text = skip_any_of(text, " \t\r\n{");
	while (text.len > 0 && *text.data == '"') {
		size_t key_len = string_length(text), len;
		bool found = key_len == strlen(name) + 2 &&
		    memcmp(text.data + 1, name, key_len - 2) == 0;

		text = skip_any_of(skip(text, key_len), " \t\r\n:");
		len = value_length(text);
		if (found)
			return (struct slice){ text.data, len };
		text = skip_any_of(skip(text, len), " \t\r\n,");
	}
	return (struct slice){ "", 0 };
}

/* The bytes of one character of a JSON string: plain, or an escape. */
static size_t
character_length(struct slice text)
{
	unsigned char first = (unsigned char)*text.data;

	if (first != '\\')
		return first < 0xc0 ? 1
		    : first < 0xe0  ? 2
		    : first < 0xf0  ? 3
				    : 4;
	if (text.len < 6 || text.data[1] != 'u')
		return 2;
	/* A character beyond U+FFFF is two escapes, the first \ud8.. to \udb.
	 */
	if ((text.data[2] | 0x20) == 'd' && text.len >= 12 &&
	    strchr("89abAB", text.data[3]) != NULL)
		return 12;
	return 6;
}

/* What is between the quotes of a JSON string, cut to count characters. */
static struct slice
inside(struct slice string, size_t count)
{
	struct slice rest;

	if (string.len < 2 || *string.data != '"')
		return (struct slice){ "", 0 };
	string = (struct slice){ string.data + 1, string.len - 2 };
	for (rest = string; count > 0 && rest.len > 0; count--)
		rest = skip(rest, character_length(rest));
	return (struct slice){ string.data, string.len - rest.len };
}

static void
put_inside(struct buf *buf, const char *before, struct slice escaped)
{
	buf_text(buf, "\"");
	buf_text(buf, before);
	buf_raw(buf, escaped.data, escaped.len);
	buf_text(buf, "\"");
}

void
event_notification_json(struct buf *buf, const struct event *event)
{
	struct slice sender = member(event->payload, "sender_info");
	struct slice quoted = member(sender, "name");
	struct slice name = inside(quoted, quoted.len);
	struct slice text = inside(
	    member(event->payload, "message"), EVENT_PREVIEW_MAX);

	put_type(buf, "notification");
	put_name(buf, "notification_type");
	buf_text(buf, "\"new_message\"");
	put_name(buf, "message");
	put_inside(buf, "New message from ", name);
	put_time(buf, "timestamp", event->timestamp);
	put_name(buf, "data");
	buf_text(buf, "{\"conversation_id\":");
	buf_u64(buf, event->conversation_id);
	put_u64(buf, "message_id", event->message_id);
	put_u64(buf, "sender_id", event->actor_id);
	put_name(buf, "sender_name");
	put_inside(buf, "", name);
	put_name(buf, "message_text");
	put_inside(buf, "", text);
	put_time(buf, "timestamp", event->timestamp);
	buf_text(buf, "}}");
}

void
event_typing_json(struct buf *buf, const struct typing *typing, uint64_t now_ms)
{
	put_type(buf, "typing");
	put_u64(buf, "conversation_id", typing->conversation_id);
	put_u64(buf, "user_id", typing->user_id);
	put_name(buf, "username");
	buf_json(buf, slice_of(typing->username));
	put_name(buf, "typing");
	buf_text(buf, typing->is_typing ? "true" : "false");
	put_name(buf, "activity");
	buf_json(buf, typing->activity);
	put_time(buf, "timestamp", now_ms);
	buf_text(buf, "}");
}

void
event_resync_json(struct buf *buf, uint64_t head, uint64_t now_ms)
{
	put_type(buf, "resync");
	put_u64(buf, "event_id", head);
	put_time(buf, "timestamp", now_ms);
	buf_text(buf, "}");
}
