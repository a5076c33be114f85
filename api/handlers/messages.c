#include <json-c/json.h>

#include "api/fields.h"
#include "api/handlers/handlers.h"
#include "api/profile.h"
#include "api/topic.h"
#include "common/doorbell.h"
#include "common/draft.h"
#include "db/conversations.h"
#include "db/json.h"
#include "db/messages.h"
#include "db/users.h"

enum direction { NEWEST, BEFORE, AFTER, AROUND };

/* Which page of the history is asked for. */
struct place {
	enum direction direction;
	uint64_t no;
	size_t limit;
};

static enum err
read_place(struct request *req, struct place *place)
{
	static const char *const names[] = {
		[BEFORE] = "before",
		[AFTER] = "after",
		[AROUND] = "around",
	};
	enum err err = request_limit(req, &place->limit);

	for (enum direction i = BEFORE; err == OK && i <= AROUND; i++) {
		uint64_t no = UINT64_MAX;

		err = request_number(req, names[i], 0, ID_MAX, &no);
		if (err != OK || no == UINT64_MAX)
			continue;
		if (place->direction != NEWEST)
			return problem_refuse(
			    &req->problems, names[i], PROBLEM_INVALID);
		place->direction = i;
		place->no = no;
	}
	return err;
}

static enum err
read_page(struct request *req, uint64_t conversation_id,
    const struct place *place, struct message_list *ret_list)
{
	if (place->direction == AFTER)
		return message_after(req->db, req->arena, conversation_id,
		    place->no, place->limit, ret_list);
	if (place->direction == AROUND)
		return message_around(req->db, req->arena, conversation_id,
		    place->no, place->limit, ret_list);
	return message_before(req->db, req->arena, conversation_id, place->no,
	    place->limit, ret_list);
}

/* The page behind the last message, in the direction of this one. */
static const char *
next_page(struct request *req, const struct place *place,
    const struct message_list *list)
{
	uint64_t last = list->count == 0 ? 0 : list->items[list->count - 1].no;

	if (!list->has_more)
		return NULL;
	if (place->direction == AFTER)
		return request_next_number(req, "after", "", last);
	/* From around a message it goes on to what is older. */
	return request_next_number(
	    req, "before", "around", list->count == 0 ? place->no : last);
}

/* GET /api/v1/conversations/:id/messages?before=NO|after=NO|around=NO. */
enum err
messages_list(struct request *req, struct response *res)
{
	struct json_object *items;
	struct message_list list;
	struct place place = { .direction = NEWEST, .no = ID_MAX };
	uint64_t id, count;
	enum err err;

	err = request_id(req, "id", &id);
	if (err == OK)
		err = read_place(req, &place);
	if (err == OK)
		err = conversation_member_count(
		    req->db, req->caller.user_id, id, &count);
	if (err == OK)
		err = read_page(req, id, &place, &list);
	if (err != OK)
		return err;
	items = json_object_new_array();
	for (size_t i = 0; i < list.count; i++)
		json_object_array_add(items, message_json(&list.items[i]));
	return response_page(res, items, next_page(req, &place, &list));
}

static void
check_text(struct request *req, struct slice text)
{
	const char *problem = text.data == NULL
	    ? NULL
	    : draft_text_problem(req->config, text);

	if (problem != NULL)
		problem_add(
		    &req->problems, "message", problem_named(problem), NULL);
}

static struct message_draft
draft_of(const struct request *req)
{
	return (struct message_draft){
		.sender_id = req->caller.user_id,
		.sender_username = req->caller.username,
		.sender_name = req->caller.name,
	};
}

static enum err
send_draft(struct request *req, struct response *res,
    const struct message_draft *draft, struct message *ret_message)
{
	struct message_sent sent = { 0 };
	enum err err = message_send(req->db, req->arena, draft,
	    (uint64_t)req->config->rate_messages, &sent);

	res->retry_after = sent.retry_after;
	if (err == ERR_INVALID)
		return problem_refuse(
		    &req->problems, "reply_to", PROBLEM_INVALID);
	if (err != OK)
		return err;
	if (sent.replayed)
		response_header(res, "Idempotent-Replayed", "true");
	else
		bell_look(req->bell);
	*ret_message = sent.message;
	return OK;
}

/* POST /api/v1/conversations/:id/messages {"message", …}: say something. */
enum err
messages_create(struct request *req, struct response *res)
{
	struct message_draft draft = draft_of(req);
	const struct field fields[] = {
		FIELD_TEXT("message", REQUIRED, 0,
		    (uint64_t)req->config->body_bytes, &draft.text),
		FIELD_TEXT("client_id", NULLABLE, 1,
		    (uint64_t)req->config->client_id_max, &draft.client_id),
		FIELD_NUMBER("reply_to", NULLABLE, 1, ID_MAX, &draft.reply_to),
	};
	struct message message;
	enum err err;

	err = request_id(req, "id", &draft.conversation_id);
	if (err == OK)
		err = fields_read(req, fields, FIELDS(fields));
	if (err != OK && err != ERR_INVALID)
		return err;
	check_text(req, draft.text);
	err = problems_result(&req->problems);
	if (err == OK)
		err = send_draft(req, res, &draft, &message);
	if (err != OK)
		return err;
	return response_json(res, 201, message_json(&message));
}

/* Somebody else, by username or by id. */
static enum err
find_recipient(
    struct request *req, const struct json *to, struct user *ret_user)
{
	struct slice username = to->text;
	uint64_t id;
	enum err err = ERR_NOT_FOUND;

	if (to->kind == JSON_STRING) {
		username = profile_fold(req->arena, username);
		if (profile_is_username(username))
			err = user_find_name(req->db, req->arena,
			    req->caller.organisation, username, ret_user);
	} else if (to->kind != JSON_NUMBER) {
		return problem_refuse(&req->problems, "to", PROBLEM_WRONG_TYPE);
	} else if (json_u64(to, &id) && id > 0 && id <= ID_MAX) {
		err = user_find_id(req->db, req->arena,
		    req->caller.organisation, id, ret_user);
	}
	if (err == OK && ret_user->id == req->caller.user_id)
		return problem_refuse(&req->problems, "to", PROBLEM_TO_ONESELF);
	return err;
}

/* POST /api/v1/messages {"to", "message", …}: say something to somebody. */
enum err
messages_create_to(struct request *req, struct response *res)
{
	const struct json nobody = { .kind = JSON_NULL };
	const struct json *to = &nobody, *about = NULL;
	struct message_draft draft = draft_of(req);
	const struct field fields[] = {
		FIELD_ANY("to", REQUIRED, &to),
		FIELD_TEXT("message", REQUIRED, 0,
		    (uint64_t)req->config->body_bytes, &draft.text),
		FIELD_OBJECT("topic", NULLABLE, &about),
		FIELD_TEXT("client_id", NULLABLE, 1,
		    (uint64_t)req->config->client_id_max, &draft.client_id),
	};
	struct json_object *json;
	struct message message;
	struct user other = { 0 };
	enum err err;

	err = fields_read(req, fields, FIELDS(fields));
	if (err != OK && err != ERR_INVALID)
		return err;
	check_text(req, draft.text);
	err = topic_read(req, about, &draft.topic);
	if (err == OK)
		err = problems_result(&req->problems);
	if (err == OK)
		err = find_recipient(req, to, &other);
	if (err != OK)
		return err;
	draft.other_id = other.id;
	err = send_draft(req, res, &draft, &message);
	if (err != OK)
		return err;
	json = message_json(&message);
	json_object_object_add(json, "is_new_conversation",
	    json_object_new_boolean(message.no == 1));
	return response_json(res, 201, json);
}
