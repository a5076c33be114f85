#include "notifier/ws_message.h"

#include "common/json.h"

#define NUMBER_MAX ((UINT64_C(1) << 53) - 1) /* what JSON can say exactly */

static const struct slice activities[] = { { "text", 4 }, { "file", 4 } };

/* Which fields a command has; a bit each. */
enum field {
	FIELD_TYPE = 1,
	FIELD_CONVERSATION = 2,
	FIELD_MESSAGE = 4,
	FIELD_CLIENT = 8,
	FIELD_REPLY = 16,
	FIELD_UP_TO = 32,
	FIELD_TYPING = 64,
	FIELD_ACTIVITY = 128,
	FIELD_OLDER = 256 /* ignored, and only on /ws/chat/{id}/ */
};

static const struct {
	const char *name;
	unsigned fields, required;
} commands[WS_COMMAND__COUNT] = {
	[WS_SEND] = { "message",
	    FIELD_TYPE | FIELD_CONVERSATION | FIELD_MESSAGE | FIELD_CLIENT |
		FIELD_REPLY,
	    FIELD_CONVERSATION | FIELD_MESSAGE },
	[WS_TYPING] = { "typing",
	    FIELD_TYPE | FIELD_CONVERSATION | FIELD_TYPING | FIELD_ACTIVITY,
	    FIELD_CONVERSATION | FIELD_TYPING },
	[WS_READ] = { "read", FIELD_TYPE | FIELD_CONVERSATION | FIELD_UP_TO,
	    FIELD_CONVERSATION | FIELD_UP_TO },
	[WS_DELIVERED] = { "delivered",
	    FIELD_TYPE | FIELD_CONVERSATION | FIELD_UP_TO,
	    FIELD_CONVERSATION | FIELD_UP_TO },
	[WS_ASK_PONG] = { "ping", FIELD_TYPE, 0 },
};

static const struct {
	const char *name;
	enum field field;
} names[] = {
	{ "type", FIELD_TYPE },
	{ "conversation_id", FIELD_CONVERSATION },
	{ "message", FIELD_MESSAGE },
	{ "client_id", FIELD_CLIENT },
	{ "reply_to", FIELD_REPLY },
	{ "up_to", FIELD_UP_TO },
	{ "typing", FIELD_TYPING },
	{ "activity", FIELD_ACTIVITY },
	{ "sender_id", FIELD_OLDER },
	{ "recipient_id", FIELD_OLDER },
	{ "item_id", FIELD_OLDER },
	{ "image", FIELD_OLDER },
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static bool
refuse(struct ws_refusal *refusal, const char *code, const char *detail)
{
	refusal->code = code;
	refusal->detail = detail;
	return false;
}

static unsigned
field_named(struct slice name)
{
	for (size_t i = 0; i < COUNT(names); i++)
		if (slice_is(name, names[i].name))
			return names[i].field;
	return 0;
}

static bool
take_number(
    const struct json *json, uint64_t *ret_number, struct ws_refusal *refusal)
{
	uint64_t number;

	if (!json_u64(json, &number))
		return refuse(refusal, "wrong_type",
		    "An id or a number of a message is a whole number.");
	if (number > NUMBER_MAX)
		return refuse(
		    refusal, "out_of_range", "This number is out of range.");
	*ret_number = number;
	return true;
}

static bool
take_text(
    const struct json *json, struct slice *ret_text, struct ws_refusal *refusal)
{
	if (json->kind != JSON_STRING)
		return refuse(refusal, "wrong_type",
		    "message, client_id and activity are texts.");
	*ret_text = json->text;
	return true;
}

static bool
take_activity(const struct json *json, struct slice *ret_activity,
    struct ws_refusal *refusal)
{
	if (!take_text(json, ret_activity, refusal))
		return false;
	for (size_t i = 0; i < COUNT(activities); i++)
		if (slice_is(*ret_activity, activities[i].data))
			return true;
	return refuse(refusal, "invalid", "activity is \"text\" or \"file\".");
}

static bool
take_field(enum field field, const struct json *json,
    struct ws_message *message, struct ws_refusal *refusal)
{
	switch (field) {
	case FIELD_CONVERSATION:
		return take_number(json, &message->conversation_id, refusal);
	case FIELD_MESSAGE:
		return take_text(json, &message->text, refusal);
	case FIELD_CLIENT:
		return json->kind == JSON_NULL ||
		    take_text(json, &message->client_id, refusal);
	case FIELD_REPLY:
		return json->kind == JSON_NULL ||
		    take_number(json, &message->reply_to, refusal);
	case FIELD_UP_TO:
		return take_number(json, &message->up_to, refusal);
	case FIELD_TYPING:
		message->typing = json->truth;
		return json->kind == JSON_BOOL ||
		    refuse(refusal, "wrong_type", "typing is true or false.");
	case FIELD_ACTIVITY:
		return take_activity(json, &message->activity, refusal);
	case FIELD_TYPE:
	case FIELD_OLDER:
	default:
		return true;
	}
}

/* An object without a type is a message, in the older form. */
static bool
take_command(const struct json *object, bool is_chat,
    enum ws_command *ret_command, struct ws_refusal *refusal)
{
	const struct json *type = json_member(object, "type");

	if (type == NULL && is_chat) {
		*ret_command = WS_SEND;
		return true;
	}
	if (type == NULL)
		return refuse(
		    refusal, "required", "A message has to have a type.");
	if (type->kind == JSON_STRING) {
		for (size_t i = 0; i < WS_COMMAND__COUNT; i++) {
			if (!slice_is(type->text, commands[i].name))
				continue;
			*ret_command = (enum ws_command)i;
			return true;
		}
	}
	return refuse(refusal, "invalid", "There is no such type.");
}

bool
ws_message_read(struct arena *arena, struct slice text, uint64_t only_id,
    struct ws_message *ret_message, struct ws_refusal *ret_refusal)
{
	struct ws_message message = {
		.conversation_id = only_id,
		.activity = activities[0],
	};
	const struct json *object, *client_id;
	unsigned seen = only_id != 0 ? FIELD_CONVERSATION : 0;
	unsigned allowed = only_id != 0 ? FIELD_OLDER : 0;

	*ret_refusal = (struct ws_refusal){ 0 };
	if (json_read(arena, text, &object) != OK)
		return refuse(
		    ret_refusal, "not_json", "The message is not JSON.");
	if (object->kind != JSON_OBJECT)
		return refuse(
		    ret_refusal, "invalid", "The message is no object.");
	client_id = json_member(object, "client_id");
	if (client_id != NULL && client_id->kind == JSON_STRING)
		ret_refusal->client_id = client_id->text;
	if (!take_command(object, only_id != 0, &message.command, ret_refusal))
		return false;

	allowed |= commands[message.command].fields;
	for (const struct json *json = object->first; json != NULL;
	     json = json->next) {
		unsigned field = field_named(json->name);

		if ((field & allowed) == 0)
			return refuse(ret_refusal, "unknown_field",
			    "There is a field that does not belong there.");
		if (!take_field((enum field)field, json, &message, ret_refusal))
			return false;
		seen |= field;
	}
	if ((commands[message.command].required & ~seen) != 0)
		return refuse(ret_refusal, "required", "A field is missing.");
	if (only_id != 0 && message.conversation_id != only_id)
		return refuse(ret_refusal, "not_found",
		    "This connection carries another conversation.");
	*ret_message = message;
	return true;
}
