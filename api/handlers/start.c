#include <json-c/json.h>

#include "api/conversation_page.h"
#include "api/handlers/handlers.h"
#include "db/events.h"
#include "db/json.h"
#include "db/messages.h"
#include "db/users.h"

/* What is read in one snapshot. */
struct start {
	struct user me;
	struct conversation_page page;
	struct unread_list unread;
	struct event_range range;
};

static struct json_object *
limits_json(const struct config *config)
{
	const struct {
		const char *name;
		long value;
	} limits[] = {
		{ "message_characters", config->message_characters },
		{ "body_bytes", config->body_bytes },
		{ "username_min", config->username_min },
		{ "username_max", config->username_max },
		{ "password_min", config->password_min },
		{ "password_max", config->password_max },
		{ "name_max", config->name_max },
		{ "client_id_max", config->client_id_max },
		{ "page_default", config->page_default },
		{ "page_max", config->page_max },
		{ "receipts_members", config->receipts_members },
		{ "conversations_page", config->page_default },
	};
	struct json_object *json = json_object_new_object();

	for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++)
		json_object_object_add(json, limits[i].name,
		    json_object_new_uint64((uint64_t)limits[i].value));
	return json;
}

/* The position comes from the same snapshot as all the rest. */
static enum err
read_all(struct request *req, struct start *start)
{
	const struct conversation_filter filter = conversation_filter_none();
	uint64_t id = req->caller.user_id;
	enum err err = events_range(req->db, &start->range);

	if (err == OK)
		err = user_get(req->db, req->arena, id, &start->me);
	if (err == OK)
		err = conversation_unread(
		    req->db, req->arena, id, &start->unread);
	if (err == OK)
		err = conversation_page_read(req, "/api/v1/conversations",
		    &filter, (size_t)req->config->page_default, &start->page);
	return err;
}

static enum err
read_snapshot(struct request *req, struct start *start)
{
	enum err err = db_snapshot(req->db);

	if (err != OK)
		return err;
	err = db_finish(req->db, read_all(req, start));
	if (err != OK)
		json_object_put(start->page.items);
	return err;
}

/* GET /api/v1/start: all that a page needs first. */
enum err
start_get(struct request *req, struct response *res)
{
	struct json_object *json, *next = NULL;
	struct start start = { 0 };
	enum err err = read_snapshot(req, &start);

	if (err != OK)
		return err;
	if (start.page.next != NULL)
		next = json_object_new_string(start.page.next);
	json = json_object_new_object();
	json_object_object_add(json, "me", user_json(&start.me, USER_IN_FULL));
	json_object_object_add(json, "conversations", start.page.items);
	json_object_object_add(json, "next", next);
	json_object_object_add(json, "unread", unread_json(&start.unread));
	json_object_object_add(
	    json, "total_unread", json_object_new_uint64(start.unread.total));
	json_object_object_add(json, "limits", limits_json(req->config));
	json_object_object_add(
	    json, "event_id", json_object_new_uint64(start.range.head));
	return response_json(res, 200, json);
}
