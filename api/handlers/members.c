#include <json-c/json.h>

#include "api/handlers/handlers.h"
#include "db/conversations.h"
#include "db/json.h"

/* GET /api/v1/conversations/:id/members: who is in it. */
enum err
members_list(struct request *req, struct response *res)
{
	struct json_object *items;
	struct member_list list;
	uint64_t id, count, after = 0;
	const char *next = NULL;
	size_t limit;
	enum err err;

	err = request_id(req, "id", &id);
	if (err == OK)
		err = request_limit(req, &limit);
	if (err == OK)
		err = request_cursor_numbers(req, &after, 1);
	if (err == OK)
		err = conversation_member_count(
		    req->db, req->caller.user_id, id, &count);
	/* One more than asked for tells whether there is a next page. */
	if (err == OK)
		err = conversation_members(
		    req->db, req->arena, id, after, limit + 1, &list);
	if (err != OK)
		return err;

	if (list.count > limit) {
		list.count = limit;
		next = request_next_numbers(
		    req, NULL, &list.items[limit - 1].user_id, 1);
	}
	items = json_object_new_array();
	for (size_t i = 0; i < list.count; i++)
		json_object_array_add(items, member_json(&list.items[i]));
	return response_page(res, items, next);
}
