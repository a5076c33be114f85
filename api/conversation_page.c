#include "api/conversation_page.h"

#include <json-c/json.h>

#include "db/json.h"

struct conversation_filter
conversation_filter_none(void)
{
	return (struct conversation_filter){
		.kind = "",
		.query = slice_of(""),
		.topic_type = slice_of(""),
		.topic_id = slice_of(""),
	};
}

enum err
conversation_page_read(struct request *req, const char *path,
    const struct conversation_filter *filter, size_t limit,
    struct conversation_page *ret_page)
{
	struct conversation_page page = { 0 };
	struct conversation_list list;
	enum err err;

	/* One more than asked for tells whether there is a next page. */
	err = conversation_list(
	    req->db, req->arena, req->caller.user_id, filter, limit + 1, &list);
	if (err != OK)
		return err;
	if (list.count > limit) {
		const struct conversation *last = &list.items[limit - 1];
		uint64_t cursor[] = { last->active_at, last->id };

		list.count = limit;
		page.next = request_next_numbers(req, path, cursor, 2);
	}
	page.items = json_object_new_array();
	for (size_t i = 0; i < list.count; i++)
		json_object_array_add(
		    page.items, conversation_json(&list.items[i]));
	*ret_page = page;
	return OK;
}
