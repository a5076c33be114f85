#include "db/message_json.h"

#include <json-c/json.h>

#include "common/clock.h"

struct json_object *
json_id(uint64_t id)
{
	return id == 0 ? NULL : json_object_new_uint64(id);
}

struct json_object *
json_time(uint64_t time_ms)
{
	char text[CLOCK_TEXT_SIZE];

	if (time_ms == 0)
		return NULL;
	clock_text(time_ms, text);
	return json_object_new_string(text);
}

struct json_object *
json_text(const char *text)
{
	return text == NULL ? NULL : json_object_new_string(text);
}

static struct json_object *
sender_info(const struct message *message)
{
	struct json_object *json = json_object_new_object();

	json_object_object_add(json, "id", json_id(message->sender_id));
	json_object_object_add(
	    json, "username", json_text(message->sender_username));
	json_object_object_add(json, "name", json_text(message->sender_name));
	return json;
}

/* What is known before the message is stored. */
static void
add_payload(struct json_object *json, const struct message *message)
{
	json_object_object_add(json, "message", json_text(message->text));
	json_object_object_add(json, "message_type", json_text(message->type));
	json_object_object_add(json, "sender_id", json_id(message->sender_id));
	json_object_object_add(json, "sender_info", sender_info(message));
	json_object_object_add(json, "file_attachment", NULL);
	json_object_object_add(json, "reply_to", json_id(message->reply_to));
	json_object_object_add(json, "mentions", json_object_new_array());
	json_object_object_add(json, "reactions", json_object_new_array());
	json_object_object_add(json, "pinned", json_object_new_boolean(0));
	json_object_object_add(
	    json, "client_id", json_text(message->client_id));
	json_object_object_add(
	    json, "edited_at", json_time(message->edited_at));
	json_object_object_add(
	    json, "deleted_at", json_time(message->deleted_at));
}

struct json_object *
message_json(const struct message *message)
{
	struct json_object *json = json_object_new_object();

	json_object_object_add(json, "message_id", json_id(message->id));
	json_object_object_add(
	    json, "conversation_id", json_id(message->conversation_id));
	json_object_object_add(json, "no", json_id(message->no));
	json_object_object_add(
	    json, "timestamp", json_time(message->created_at));
	add_payload(json, message);
	return json;
}

struct json_object *
message_payload(const struct message *message)
{
	struct json_object *json = json_object_new_object();

	add_payload(json, message);
	return json;
}
