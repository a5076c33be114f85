#include "db/json.h"

#include <json-c/json.h>

#define add json_object_object_add

struct json_object *
user_json(const struct user *user, enum user_view view)
{
	struct json_object *json = json_object_new_object();

	add(json, "id", json_id(user->id));
	add(json, "username", json_text(user->username));
	add(json, "name", json_text(user->name));
	add(json, "organisation",
	    user->organisation[0] == '\0' ? NULL
					  : json_text(user->organisation));
	add(json, "avatar_url", NULL);
	add(json, "online", json_object_new_boolean(user->online));
	add(json, "last_seen_at", json_time(user->last_seen_at));
	if (view == USER_IN_FULL) {
		add(json, "role", json_text(user->is_admin ? "admin" : "user"));
		add(json, "status",
		    json_text(user->is_disabled ? "disabled" : "active"));
		add(json, "email", json_text(user->email));
	}
	return json;
}

static struct json_object *
topic_json(const struct conversation *conversation)
{
	struct json_object *json;

	if (conversation->topic_type[0] == '\0')
		return NULL;
	json = json_object_new_object();
	add(json, "type", json_text(conversation->topic_type));
	add(json, "id", json_text(conversation->topic_id));
	add(json, "title", json_text(conversation->topic_title));
	add(json, "url", json_text(conversation->topic_url));
	return json;
}

struct json_object *
member_json(const struct member *member)
{
	struct json_object *json = json_object_new_object();

	add(json, "user_id", json_id(member->user_id));
	add(json, "username", json_text(member->username));
	add(json, "name", json_text(member->name));
	add(json, "avatar_url", NULL);
	add(json, "member_role", json_text(member->role));
	add(json, "online", json_object_new_boolean(member->online));
	add(json, "joined_at", json_time(member->joined_at));
	return json;
}

static struct json_object *
members_json(const struct member_list *members)
{
	struct json_object *json = json_object_new_array();

	for (size_t i = 0; i < members->count; i++)
		json_object_array_add(json, member_json(&members->items[i]));
	return json;
}

/* A number that is never null. */
static void
add_number(struct json_object *json, const char *name, uint64_t value)
{
	add(json, name, json_object_new_uint64(value));
}

struct json_object *
conversation_json(const struct conversation *conversation)
{
	const struct message *last = &conversation->last_message;
	struct json_object *json = json_object_new_object();

	add_number(json, "conversation_id", conversation->id);
	add(json, "kind", json_text(conversation->kind));
	add(json, "title", json_text(conversation->title));
	add(json, "topic", topic_json(conversation));
	add(json, "visibility", json_text(conversation->visibility));
	add_number(json, "member_count", conversation->member_count);
	add(json, "members", members_json(&conversation->members));
	add(json, "my_role", json_text(conversation->my_role));
	add(json, "muted_until", json_time(conversation->muted_until));
	add(json, "last_message", last->id == 0 ? NULL : message_json(last));
	add(json, "last_message_at",
	    last->id == 0 ? NULL : json_time(last->created_at));
	add_number(json, "last_no", conversation->last_no);
	add_number(json, "read_no", conversation->read_no);
	add_number(json, "delivered_no", conversation->delivered_no);
	add_number(json, "unread_count", conversation->unread_count);
	add_number(json, "event_seq", conversation->event_seq);
	add(json, "created_at", json_time(conversation->created_at));
	return json;
}

struct json_object *
marks_json(uint64_t conversation_id, const struct marks *marks)
{
	struct json_object *json = json_object_new_object();

	add_number(json, "conversation_id", conversation_id);
	add_number(json, "read_no", marks->read_no);
	add_number(json, "delivered_no", marks->delivered_no);
	add_number(json, "unread_count", marks->unread_count);
	return json;
}

struct json_object *
unread_json(const struct unread_list *list)
{
	struct json_object *json = json_object_new_array();

	for (size_t i = 0; i < list->count; i++) {
		const struct unread *unread = &list->items[i];
		struct json_object *item = json_object_new_object();

		add_number(item, "conversation_id", unread->conversation_id);
		add_number(item, "unread_count", unread->unread_count);
		add_number(item, "event_seq", unread->event_seq);
		json_object_array_add(json, item);
	}
	return json;
}
