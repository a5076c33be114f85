#include <json-c/json.h>
#include <string.h>

#include "api/fields.h"
#include "api/handlers/handlers.h"
#include "api/origin.h"
#include "api/password.h"
#include "api/profile.h"
#include "db/access.h"
#include "db/json.h"
#include "db/users.h"

#define INVITATION_MAX 128 /* characters */
#define SEARCH_MAX     100

/* Oneself and administrators see more. */
static enum user_view
view_of(const struct request *req, uint64_t id)
{
	return req->access == ADMIN || req->caller.user_id == id
	    ? USER_IN_FULL
	    : USER_AS_OTHERS_SEE;
}

/* GET /api/v1/users?query=TEXT&limit=N: whom one can find. */
enum err
users_list(struct request *req, struct response *res)
{
	struct slice start = slice_of(""), after;
	struct json_object *items;
	struct user_list list;
	const char *next = NULL;
	size_t limit, count;
	enum err err;

	err = request_limit(req, &limit);
	if (err == OK)
		err = request_text(req, "query", SEARCH_MAX, &start);
	if (err == OK)
		err = request_cursor(req, &after);
	if (err != OK)
		return err;
	if (after.data == NULL)
		after = slice_of("");
	else if (!profile_is_username(after))
		return problem_refuse(
		    &req->problems, "cursor", PROBLEM_INVALID);

	/* One more than asked for tells whether there is a next page. */
	err = user_search(req->db, req->arena, req->caller.organisation, start,
	    after, limit + 1, &list);
	if (err != OK)
		return err;
	count = list.count > limit ? limit : list.count;
	items = json_object_new_array();
	for (size_t i = 0; i < count; i++)
		json_object_array_add(items,
		    user_json(&list.items[i], view_of(req, list.items[i].id)));
	if (list.count > limit)
		next = request_next(
		    req, NULL, slice_of(list.items[limit - 1].username));
	return response_page(res, items, next);
}

/* GET /api/v1/users/:user: somebody one may see. */
enum err
users_get(struct request *req, struct response *res)
{
	struct user user;
	uint64_t id;
	enum err err;

	err = request_id(req, "user", &id);
	if (err != OK)
		return err;
	if (view_of(req, id) == USER_IN_FULL)
		err = user_get(req->db, req->arena, id, &user);
	else
		err = user_find_id(
		    req->db, req->arena, req->caller.organisation, id, &user);
	if (err != OK)
		return err;
	return response_json(res, 200, user_json(&user, view_of(req, id)));
}

/*
 * Whether somebody with this invitation, or with none, may register.  Without
 * an administrator nobody could open a closed site, so the invitation that
 * makes one is good there too.
 */
static enum err
check_invitation(struct request *req, const struct hash *invitation)
{
	bool is_closed = strcmp(req->config->registration, "closed") == 0;
	bool is_open = strcmp(req->config->registration, "open") == 0;
	bool is_admin = false;
	enum err err;

	if (invitation == NULL && is_closed)
		return ERR_REGISTRATION_CLOSED;
	if (invitation == NULL)
		return is_open ? OK : ERR_INVITATION_NEEDED;
	err = invitation_check(req->db, invitation, &is_admin);
	if (is_closed && (err == ERR_GONE || (err == OK && !is_admin)))
		return ERR_REGISTRATION_CLOSED;
	return err;
}

/* The hash of the password, of whom nothing keeps from registering. */
static enum err
admit(struct request *req, struct response *res, const struct user_draft *draft,
    struct slice password, char ret_hash[PASSWORD_HASH_SIZE])
{
	enum err err = registration_attempt(req->db, origin_address(req),
	    (uint64_t)req->config->rate_register_address, &res->retry_after);

	if (err == OK)
		err = check_invitation(req, draft->invitation);
	if (err == OK)
		err = registration_check(req->db, draft->username);
	if (err != OK)
		return err;
	return password_hash(req->config, password, ret_hash);
}

static enum err
read_draft(struct request *req, struct user_draft *draft,
    struct slice *ret_password, struct slice *ret_invitation)
{
	const struct config *config = req->config;
	const struct field fields[] = {
		FIELD_TEXT("username", REQUIRED, (uint64_t)config->username_min,
		    (uint64_t)config->username_max, &draft->username),
		FIELD_TEXT("name", REQUIRED, 1, (uint64_t)config->name_max,
		    &draft->name),
		FIELD_TEXT("password", REQUIRED, (uint64_t)config->password_min,
		    (uint64_t)config->password_max, ret_password),
		FIELD_TEXT("email", NULLABLE, 0, EMAIL_MAX, &draft->email),
		FIELD_TEXT(
		    "invitation", NULLABLE, 1, INVITATION_MAX, ret_invitation),
	};
	enum problem_code problem = PROBLEM__COUNT;
	enum err err = fields_read(req, fields, FIELDS(fields));

	if (err != OK && err != ERR_INVALID)
		return err;
	profile_check_username(req, &draft->username);
	profile_check_name(req, draft->name);
	profile_check_email(req, draft->email);
	if (ret_password->data != NULL)
		problem = password_problem(*ret_password, draft->username);
	if (problem != PROBLEM__COUNT)
		problem_add(&req->problems, "password", problem, NULL);
	return err == OK ? problems_result(&req->problems) : err;
}

/* POST /api/v1/users {"username", "name", "password", …}: register. */
enum err
users_create(struct request *req, struct response *res)
{
	struct slice password = { 0 }, invitation = { 0 };
	struct user_draft draft = { 0 };
	char hash[PASSWORD_HASH_SIZE];
	struct hash token;
	struct user user;
	uint64_t id;
	enum err err;

	err = read_draft(req, &draft, &password, &invitation);
	if (err != OK)
		return err;
	if (invitation.data != NULL) {
		token = hash_of(invitation);
		draft.invitation = &token;
	}
	err = admit(req, res, &draft, password, hash);
	if (err != OK)
		return err;

	draft.password_hash = hash;
	err = user_create(req->db, &draft, &id);
	if (err == OK)
		err = user_get(req->db, req->arena, id, &user);
	if (err != OK)
		return err;
	return response_json(res, 201, user_json(&user, USER_IN_FULL));
}
