#include <json-c/json.h>

#include "api/fields.h"
#include "api/handlers/handlers.h"
#include "api/origin.h"
#include "api/password.h"
#include "api/profile.h"
#include "common/doorbell.h"
#include "db/access.h"
#include "db/json.h"
#include "db/users.h"

/* GET /api/v1/me: oneself. */
enum err
me_get(struct request *req, struct response *res)
{
	struct user user;
	enum err err = user_get(
	    req->db, req->arena, req->caller.user_id, &user);

	if (err != OK)
		return err;
	return response_json(res, 200, user_json(&user, USER_IN_FULL));
}

/* PATCH /api/v1/me {"name"?, "email"?}: change one's profile. */
enum err
me_update(struct request *req, struct response *res)
{
	struct slice name = { 0 }, email = { 0 };
	const struct field fields[] = {
		FIELD_TEXT("name", OPTIONAL, 1, (uint64_t)req->config->name_max,
		    &name),
		FIELD_TEXT("email", CLEARABLE, 0, EMAIL_MAX, &email),
	};
	struct user user;
	enum err err;

	err = fields_read(req, fields, FIELDS(fields));
	if (err != OK && err != ERR_INVALID)
		return err;
	profile_check_name(req, name);
	profile_check_email(req, email);
	err = problems_result(&req->problems);
	if (err != OK)
		return err;
	if (name.data == NULL && email.data == NULL)
		return me_get(req, res);
	err = user_update(req->db, req->arena, req->caller.user_id, name, email,
	    (uint64_t)req->config->receipts_members, &user);
	if (err != OK)
		return err;
	bell_look(req->bell);
	return response_json(res, 200, user_json(&user, USER_IN_FULL));
}

/* Whether the one who calls knows their password; tries are counted. */
static enum err
check_current(struct request *req, struct response *res, struct slice password)
{
	struct slice username = slice_of(req->caller.username);
	uint64_t attempt_id, id;
	bool is_disabled, matches;
	const char *hash;
	enum err err;

	err = user_password(
	    req->db, req->arena, username, &id, &is_disabled, &hash);
	if (err != OK) /* an API key has none */
		return err == ERR_NOT_FOUND ? ERR_FORBIDDEN : err;
	err = login_attempt(req->db, username, origin_address(req),
	    (uint64_t)req->config->rate_login_account,
	    (uint64_t)req->config->rate_login_address, &attempt_id,
	    &res->retry_after);
	if (err != OK)
		return err;
	err = password_verify(req->config, hash, password, &matches);
	if (err == OK && !matches)
		return ERR_BAD_CREDENTIALS;
	return attempt_forget(req->db, attempt_id, err);
}

/* POST /api/v1/me/password {"current_password", "new_password"}. */
enum err
me_password(struct request *req, struct response *res)
{
	const struct config *config = req->config;
	struct slice current = { 0 }, wanted = { 0 };
	const struct field fields[] = {
		FIELD_TEXT(
		    "current_password", REQUIRED, 1, PASSWORD_MAX, &current),
		FIELD_TEXT("new_password", REQUIRED,
		    (uint64_t)config->password_min,
		    (uint64_t)config->password_max, &wanted),
	};
	enum problem_code problem;
	char hash[PASSWORD_HASH_SIZE];
	enum err err;

	err = fields_read(req, fields, FIELDS(fields));
	if (err != OK)
		return err;
	problem = password_problem(wanted, slice_of(req->caller.username));
	if (problem != PROBLEM__COUNT)
		return problem_refuse(&req->problems, "new_password", problem);
	err = check_current(req, res, current);
	if (err == OK)
		err = password_hash(req->config, wanted, hash);
	if (err == OK)
		err = session_renew_password(
		    req->db, req->caller.user_id, hash, req->caller.session_id);
	if (err != OK)
		return err;
	bell_look(req->bell);
	return response_empty(res);
}

/* GET /api/v1/me/unread: the conversations that have something unread. */
enum err
me_unread(struct request *req, struct response *res)
{
	struct json_object *json;
	struct unread_list list;
	enum err err = conversation_unread(
	    req->db, req->arena, req->caller.user_id, &list);

	if (err != OK)
		return err;
	json = json_object_new_object();
	json_object_object_add(
	    json, "total", json_object_new_uint64(list.total));
	json_object_object_add(json, "conversations", unread_json(&list));
	return response_json(res, 200, json);
}
