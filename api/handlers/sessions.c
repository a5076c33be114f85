#include <json-c/json.h>
#include <string.h>

#include "api/auth.h"
#include "api/fields.h"
#include "api/handlers/handlers.h"
#include "api/origin.h"
#include "api/password.h"
#include "api/profile.h"
#include "common/doorbell.h"
#include "common/token.h"
#include "db/access.h"
#include "db/json.h"

#define LOGIN_TEXT_MAX 256 /* characters of what is typed as a username */
#define USER_AGENT_MAX 255 /* characters that are kept */

static struct json_object *
session_json(const struct session *session, uint64_t current)
{
	struct json_object *json = json_object_new_object();

	json_object_object_add(json, "session_id", json_id(session->id));
	json_object_object_add(
	    json, "created_at", json_time(session->created_at));
	json_object_object_add(
	    json, "last_used_at", json_time(session->last_used_at));
	json_object_object_add(
	    json, "expires_at", json_time(session->expires_at));
	json_object_object_add(json, "address", json_text(session->address));
	json_object_object_add(
	    json, "user_agent", json_text(session->user_agent));
	json_object_object_add(
	    json, "current", json_object_new_boolean(session->id == current));
	return json;
}

/* GET /api/v1/sessions: one's own, newest first. */
enum err
sessions_list(struct request *req, struct response *res)
{
	struct json_object *items;
	struct session_list list;
	uint64_t before = ID_MAX;
	const char *next = NULL;
	size_t limit, i = 0;
	enum err err;

	err = request_limit(req, &limit);
	if (err == OK)
		err = request_cursor_numbers(req, &before, 1);
	if (err == OK)
		err = session_list(
		    req->db, req->arena, req->caller.user_id, &list);
	if (err != OK)
		return err;

	while (i < list.count && list.items[i].id >= before)
		i++;
	items = json_object_new_array();
	for (; i < list.count && limit > 0; i++, limit--)
		json_object_array_add(items,
		    session_json(&list.items[i], req->caller.session_id));
	if (i > 0 && i < list.count)
		next = request_next_numbers(
		    req, NULL, &list.items[i - 1].id, 1);
	return response_page(res, items, next);
}

/* The first USER_AGENT_MAX characters, if it is plain ASCII. */
static struct slice
user_agent(const struct request *req)
{
	struct slice text = slice_of(request_env(req, "HTTP_USER_AGENT"));

	for (size_t i = 0; i < text.len; i++)
		if (text.data[i] < 0x20 || text.data[i] > 0x7e)
			return slice_of("");
	if (text.len > USER_AGENT_MAX)
		text.len = USER_AGENT_MAX;
	return text;
}

/*
 * Whose username and password these are.  ERR_BAD_CREDENTIALS: nobody's, and
 * it took as long to find out.
 */
static enum err
check_login(struct request *req, struct slice username, struct slice password,
    uint64_t *ret_id)
{
	const char *hash = NULL;
	char renewed[PASSWORD_HASH_SIZE];
	bool is_disabled = false, matches;
	uint64_t id = 0;
	enum err err = OK;

	if (profile_is_username(username))
		err = user_password(
		    req->db, req->arena, username, &id, &is_disabled, &hash);
	if (err != OK && err != ERR_NOT_FOUND)
		return err;
	err = password_verify(req->config, hash, password, &matches);
	if (err != OK)
		return err;
	if (!matches || is_disabled)
		return ERR_BAD_CREDENTIALS;
	if (password_is_outdated(req->config, hash)) {
		err = password_hash(req->config, password, renewed);
		if (err == OK)
			err = user_set_password(req->db, id, renewed);
	}
	*ret_id = id;
	return err;
}

static enum err
answer_session(struct request *req, struct response *res, uint64_t user_id)
{
	struct json_object *json;
	char token[TOKEN_TEXT_SIZE];
	uint64_t expires_at;
	struct user user;
	struct hash hash;
	enum err err;

	token_new(token);
	hash = hash_of(slice_of(token));
	err = session_create(req->db, user_id, &hash,
	    (uint64_t)req->config->session_days, origin_address(req),
	    user_agent(req), &expires_at);
	if (err == OK)
		err = user_get(req->db, req->arena, user_id, &user);
	if (err != OK)
		return err;

	auth_set_cookie(req, res, token);
	json = json_object_new_object();
	json_object_object_add(json, "token", json_text(token));
	json_object_object_add(json, "expires_at", json_time(expires_at));
	json_object_object_add(json, "user", user_json(&user, USER_IN_FULL));
	return response_json(res, 201, json);
}

/* POST /api/v1/sessions {"username", "password"}: log in. */
enum err
sessions_create(struct request *req, struct response *res)
{
	struct slice username = { 0 }, password = { 0 };
	const struct field fields[] = {
		FIELD_TEXT("username", REQUIRED, 1, LOGIN_TEXT_MAX, &username),
		FIELD_TEXT("password", REQUIRED, 1, PASSWORD_MAX, &password),
	};
	uint64_t attempt_id, user_id = 0;
	enum err err;

	err = fields_read(req, fields, FIELDS(fields));
	if (err != OK)
		return err;
	username = profile_fold(req->arena, username);
	err = login_attempt(req->db, username, origin_address(req),
	    (uint64_t)req->config->rate_login_account,
	    (uint64_t)req->config->rate_login_address, &attempt_id,
	    &res->retry_after);
	if (err != OK)
		return err;
	err = check_login(req, username, password, &user_id);
	if (err != ERR_BAD_CREDENTIALS)
		err = attempt_forget(req->db, attempt_id, err);
	if (err != OK)
		return err;
	return answer_session(req, res, user_id);
}

/* Ending a session closes its streams: the notifier hears of it at once. */
static enum err
end(struct request *req, struct response *res, uint64_t session_id)
{
	enum err err = session_end(req->db, req->caller.user_id, session_id);

	if (err != OK)
		return err;
	bell_look(req->bell);
	if (session_id == req->caller.session_id)
		auth_set_cookie(req, res, NULL);
	return response_empty(res);
}

/* DELETE /api/v1/sessions/current: log out. */
enum err
sessions_delete_current(struct request *req, struct response *res)
{
	/* An API key has none to end. */
	if (req->caller.session_id == 0)
		return response_empty(res);
	return end(req, res, req->caller.session_id);
}

/* DELETE /api/v1/sessions/:session: log out elsewhere. */
enum err
sessions_delete(struct request *req, struct response *res)
{
	uint64_t id;
	enum err err = request_id(req, "session", &id);

	if (err != OK)
		return err;
	return end(req, res, id);
}
