#include "api/fields.h"
#include "api/handlers/handlers.h"
#include "common/clock.h"
#include "common/doorbell.h"
#include "db/conversations.h"
#include "db/event_json.h"

/* Tell the others, now or never: it is in no log. */
static void
tell(struct request *req, uint64_t id, bool is_typing, struct slice activity)
{
	const struct typing typing = {
		.conversation_id = id,
		.user_id = req->caller.user_id,
		.username = req->caller.username,
		.is_typing = is_typing,
		.activity = activity,
	};
	struct doorbell doorbell = {
		.kind = DOORBELL_EPHEMERAL,
		.ephemeral = {
			.type = slice_of("typing"),
			.actor_id = req->caller.user_id,
			.conversation_ids = &id,
			.conversation_count = 1,
		},
	};
	struct buf json;

	buf_init(&json, DOORBELL_JSON_MAX);
	event_typing_json(&json, &typing, clock_now_ms());
	doorbell.ephemeral.json = (struct slice){ json.data, json.len };
	bell_ring(req->bell, &doorbell);
	buf_done(&json);
}

/* POST /api/v1/conversations/:id/typing {"typing", "activity"?}. */
enum err
typing_create(struct request *req, struct response *res)
{
	struct slice activity = slice_of("text");
	bool is_typing = false;
	const struct field fields[] = {
		FIELD_BOOL("typing", REQUIRED, &is_typing),
		FIELD_TEXT("activity", OPTIONAL, 1, 16, &activity),
	};
	uint64_t id, count;
	enum err err;

	err = request_id(req, "id", &id);
	if (err == OK)
		err = fields_read(req, fields, FIELDS(fields));
	if (err != OK)
		return err;
	if (!slice_is(activity, "text") && !slice_is(activity, "file"))
		return problem_refuse(
		    &req->problems, "activity", PROBLEM_INVALID);
	err = conversation_member_count(
	    req->db, req->caller.user_id, id, &count);
	if (err != OK)
		return err;
	if (count <= (uint64_t)req->config->receipts_members)
		tell(req, id, is_typing, activity);
	return response_empty(res);
}
