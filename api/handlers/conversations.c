#include <json-c/json.h>

#include "api/conversation_page.h"
#include "api/fields.h"
#include "api/handlers/handlers.h"
#include "api/topic.h"
#include "common/doorbell.h"
#include "common/utf8.h"
#include "db/json.h"
#include "db/users.h"

#define SEARCH_MAX 100 /* characters */
#define KEY_MAX    255 /* characters of an Idempotency-Key */

static enum err
read_filter(struct request *req, struct conversation_filter *filter)
{
	struct slice kind = slice_of("");
	uint64_t last[2] = { 0, 0 };
	enum err err;

	err = request_text(req, "kind", SEARCH_MAX, &kind);
	if (err == OK)
		err = request_text(req, "query", SEARCH_MAX, &filter->query);
	if (err == OK)
		err = request_text(
		    req, "topic_type", TOPIC_TYPE_MAX, &filter->topic_type);
	if (err == OK)
		err = request_text(
		    req, "topic_id", TOPIC_ID_MAX, &filter->topic_id);
	if (err == OK)
		err = request_cursor_numbers(req, last, 2);
	if (err != OK)
		return err;
	if (slice_is(kind, "direct"))
		filter->kind = "direct";
	else if (slice_is(kind, "group"))
		filter->kind = "group";
	else if (kind.len > 0)
		return problem_refuse(&req->problems, "kind", PROBLEM_INVALID);
	if ((filter->topic_type.len == 0) != (filter->topic_id.len == 0))
		return problem_refuse(&req->problems,
		    filter->topic_type.len == 0 ? "topic_type" : "topic_id",
		    PROBLEM_REQUIRED);
	filter->before_active_at = last[0];
	filter->before_id = last[1];
	return OK;
}

/* GET /api/v1/conversations?kind=K&query=TEXT…: one's own, newest first. */
enum err
conversations_list(struct request *req, struct response *res)
{
	struct conversation_filter filter = conversation_filter_none();
	struct conversation_page page;
	size_t limit;
	enum err err;

	err = request_limit(req, &limit);
	if (err == OK)
		err = read_filter(req, &filter);
	if (err == OK)
		err = conversation_page_read(req, NULL, &filter, limit, &page);
	if (err != OK)
		return err;
	return response_page(res, page.items, page.next);
}

static enum err
answer(struct request *req, struct response *res, int status, uint64_t id)
{
	struct conversation conversation;
	enum err err = conversation_get(
	    req->db, req->arena, req->caller.user_id, id, &conversation);

	if (err != OK)
		return err;
	return response_json(res, status, conversation_json(&conversation));
}

/* GET /api/v1/conversations/:id: one of one's own. */
enum err
conversations_get(struct request *req, struct response *res)
{
	uint64_t id;
	enum err err = request_id(req, "id", &id);

	if (err != OK)
		return err;
	return answer(req, res, 200, id);
}

static enum err
read_key(struct request *req, struct idempotency *ret_idempotency)
{
	struct slice key = slice_of(request_env(req, "HTTP_IDEMPOTENCY_KEY"));

	if (!utf8_is_valid(key) || utf8_length(key) > KEY_MAX)
		return problem_refuse(
		    &req->problems, "Idempotency-Key", PROBLEM_INVALID);
	*ret_idempotency = (struct idempotency){
		.route = "POST /conversations",
		.key = key,
		.body = hash_of(req->body),
	};
	return OK;
}

static bool
asks_for_group(const struct request *req)
{
	const struct json *kind = req->json == NULL
	    ? NULL
	    : json_member(req->json, "kind");

	return kind != NULL && kind->kind == JSON_STRING &&
	    slice_is(kind->text, "group");
}

/* Who the other is to be, and about what. */
static enum err
read_direct(struct request *req, uint64_t *ret_user_id, struct topic *ret_topic)
{
	const struct json *topic = NULL;
	struct slice kind = slice_of("direct");
	uint64_t user_id = 0;
	const struct field fields[] = {
		FIELD_TEXT("kind", REQUIRED, 1, 16, &kind),
		FIELD_NUMBER("user_id", REQUIRED, 1, ID_MAX, &user_id),
		FIELD_OBJECT("topic", NULLABLE, &topic),
	};
	enum err err;

	if (asks_for_group(req))
		return problem_refuse(
		    &req->problems, "kind", PROBLEM_NOT_SUPPORTED);
	err = fields_read(req, fields, FIELDS(fields));
	if (err != OK && err != ERR_INVALID)
		return err;
	if (!slice_is(kind, "direct"))
		problem_add(&req->problems, "kind", PROBLEM_INVALID, NULL);
	if (user_id == req->caller.user_id)
		problem_add(
		    &req->problems, "user_id", PROBLEM_TO_ONESELF, NULL);
	err = topic_read(req, topic, ret_topic);
	if (err == OK)
		err = problems_result(&req->problems);
	if (err == OK)
		*ret_user_id = user_id;
	return err;
}

/* POST /api/v1/conversations {"kind", "user_id", "topic"?}: find or make. */
enum err
conversations_create(struct request *req, struct response *res)
{
	struct idempotency idempotency;
	struct topic topic;
	struct made made;
	struct user other;
	uint64_t user_id = 0;
	enum err err;

	err = read_key(req, &idempotency);
	if (err == OK)
		err = read_direct(req, &user_id, &topic);
	if (err == OK)
		err = user_find_id(req->db, req->arena,
		    req->caller.organisation, user_id, &other);
	if (err == OK)
		err = conversation_direct(req->db, req->caller.user_id,
		    other.id, &topic, &idempotency, &made);
	if (err != OK)
		return err;
	if (made.created)
		bell_look(req->bell);
	if (made.replayed)
		response_header(res, "Idempotent-Replayed", "true");
	return answer(req, res, (int)made.status, made.id);
}
