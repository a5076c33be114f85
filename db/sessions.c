#include "db/sessions.h"

#include <string.h>

/* A use is written down once a minute at most. */
SQL_READ(select_session,
    "SELECT u.id, u.username, u.name, u.organisation, u.role = 'admin',"
    "    s.id, 0, '*', s.expires_at,"
    "    s.last_used_at < UTC_TIMESTAMP(3) - INTERVAL 1 MINUTE"
    "  FROM sessions s"
    "  JOIN users u ON u.id = s.user_id"
    " WHERE s.token_hash = ? AND s.expires_at > UTC_TIMESTAMP(3)"
    "   AND u.status = 'active'");

SQL_READ(select_session_id,
    "SELECT u.id, u.username, u.name, u.organisation, u.role = 'admin',"
    "    s.id, 0, '*', s.expires_at, FALSE"
    "  FROM sessions s"
    "  JOIN users u ON u.id = s.user_id"
    " WHERE s.id = ? AND s.expires_at > UTC_TIMESTAMP(3)"
    "   AND u.status = 'active'");

SQL_READ(select_key,
    "SELECT u.id, u.username, u.name, u.organisation, u.role = 'admin',"
    "    0, k.id, k.scopes, NULL, FALSE"
    "  FROM api_keys k"
    "  JOIN users u ON u.id = k.user_id"
    " WHERE k.token_hash = ? AND u.status = 'active'");

SQL_READ(select_key_id,
    "SELECT u.id, u.username, u.name, u.organisation, u.role = 'admin',"
    "    0, k.id, k.scopes, NULL, FALSE"
    "  FROM api_keys k"
    "  JOIN users u ON u.id = k.user_id"
    " WHERE k.id = ? AND u.status = 'active'");

SQL(update_used,
    "UPDATE sessions"
    "   SET last_used_at = UTC_TIMESTAMP(3),"
    "       expires_at = UTC_TIMESTAMP(3) + INTERVAL ? DAY"
    " WHERE id = ?");

SQL(insert_session,
    "INSERT INTO sessions (user_id, token_hash, created_at, last_used_at,"
    "    expires_at, address, user_agent)"
    " VALUES (?, ?, UTC_TIMESTAMP(3), UTC_TIMESTAMP(3),"
    "    UTC_TIMESTAMP(3) + INTERVAL ? DAY, ?, ?)");

SQL_READ(
    select_expires, "SELECT expires_at FROM sessions WHERE token_hash = ?");

/* The one session that is too many, if there is one. */
SQL_READ(select_surplus,
    "SELECT id FROM sessions"
    " WHERE user_id = ?"
    " ORDER BY last_used_at DESC, id DESC"
    " LIMIT 1 OFFSET ?");

SQL_READ(select_sessions,
    "SELECT id, created_at, last_used_at, expires_at, address, user_agent"
    "  FROM sessions"
    " WHERE user_id = ? AND expires_at > UTC_TIMESTAMP(3)"
    " ORDER BY id DESC"
    " LIMIT ?");

SQL(delete_session, "DELETE FROM sessions WHERE id = ? AND user_id = ?");

SQL(delete_others, "DELETE FROM sessions WHERE user_id = ? AND id <> ?");

SQL(insert_ended,
    "INSERT INTO events (type, user_id, actor_id, session_id, timestamp,"
    "    created_at, payload)"
    " VALUES ('session_ended', ?, ?, ?, UTC_TIMESTAMP(3),"
    "    UTC_TIMESTAMP(3), '{\"reason\":\"revoked\"}')");

SQL(insert_others_ended,
    "INSERT INTO events (type, user_id, actor_id, session_id, timestamp,"
    "    created_at, payload)"
    " SELECT 'session_ended', user_id, user_id, id, UTC_TIMESTAMP(3),"
    "    UTC_TIMESTAMP(3), '{\"reason\":\"revoked\"}'"
    "   FROM sessions"
    "  WHERE user_id = ? AND id <> ?");

SQL(update_password, "UPDATE users SET password_hash = ? WHERE id = ?");

SQL(insert_ticket,
    "INSERT INTO tickets (token_hash, session_id, api_key_id, expires_at)"
    " VALUES (?, ?, ?, UTC_TIMESTAMP(3) + INTERVAL ? SECOND)");

SQL_READ(select_ticket, "SELECT expires_at FROM tickets WHERE token_hash = ?");

static bool
has_word(const char *words, const char *word)
{
	while (*words != '\0') {
		size_t len = strcspn(words, " ");

		if (len == strlen(word) && memcmp(words, word, len) == 0)
			return true;
		words += len;
		words += *words == ' ';
	}
	return false;
}

bool
scope_allows(const char *scopes, const char *scope)
{
	return has_word(scopes, "*") || has_word(scopes, scope);
}

static enum err
note_use(struct db *db, uint64_t session_id, uint64_t days)
{
	struct db_query *q = db_query(db, &update_used);

	db_bind_u64(q, days);
	db_bind_u64(q, session_id);
	return db_run(q, NULL);
}

static enum err
take_identity(struct db_query *q, struct arena *arena,
    struct identity *ret_identity, bool *ret_is_stale)
{
	struct identity identity;
	enum err err = db_one(q);

	if (err != OK)
		return err == ERR_NOT_FOUND ? ERR_UNAUTHENTICATED : err;
	identity.user_id = db_u64(q);
	identity.username = db_text(q, arena);
	identity.name = db_text(q, arena);
	identity.organisation = db_text(q, arena);
	identity.is_admin = db_bool(q);
	identity.session_id = db_u64(q);
	identity.api_key_id = db_u64(q);
	identity.scopes = db_text(q, arena);
	identity.expires_at = db_time(q);
	*ret_is_stale = db_bool(q);
	db_done(q);
	*ret_identity = identity;
	return OK;
}

enum err
session_authenticate(struct db *db, struct arena *arena,
    const struct hash *token, uint64_t days, struct identity *ret_identity)
{
	struct db_query *q = db_query(db, &select_session);
	bool is_stale;
	enum err err;

	db_bind_hash(q, token);
	err = take_identity(q, arena, ret_identity, &is_stale);
	if (err != OK || !is_stale)
		return err;
	return note_use(db, ret_identity->session_id, days);
}

enum err
api_key_authenticate(struct db *db, struct arena *arena,
    const struct hash *token, struct identity *ret_identity)
{
	struct db_query *q = db_query(db, &select_key);
	bool is_stale;

	db_bind_hash(q, token);
	return take_identity(q, arena, ret_identity, &is_stale);
}

enum err
session_get(struct db *db, struct arena *arena, uint64_t session_id,
    struct identity *ret_identity)
{
	struct db_query *q = db_query(db, &select_session_id);
	bool is_stale;

	db_bind_u64(q, session_id);
	return take_identity(q, arena, ret_identity, &is_stale);
}

enum err
api_key_get(struct db *db, struct arena *arena, uint64_t api_key_id,
    struct identity *ret_identity)
{
	struct db_query *q = db_query(db, &select_key_id);
	bool is_stale;

	db_bind_u64(q, api_key_id);
	return take_identity(q, arena, ret_identity, &is_stale);
}

/* With one session more than SESSIONS_MAX, the longest unused one ends. */
static enum err
end_surplus(struct db *db, uint64_t user_id)
{
	struct db_query *q = db_query(db, &select_surplus);
	uint64_t session_id;
	enum err err;

	db_bind_u64(q, user_id);
	db_bind_u64(q, SESSIONS_MAX);
	err = db_one(q);
	if (err != OK)
		return err == ERR_NOT_FOUND ? OK : err;
	session_id = db_u64(q);
	db_done(q);
	return session_end(db, user_id, session_id);
}

/* One column of one row, as a time. */
static enum err
take_time(struct db_query *q, uint64_t *ret_time)
{
	enum err err = db_one(q);

	if (err != OK)
		return err == ERR_NOT_FOUND ? ERR_INTERNAL : err;
	*ret_time = db_time(q);
	db_done(q);
	return OK;
}

enum err
session_create(struct db *db, uint64_t user_id, const struct hash *token,
    uint64_t days, const char *address, struct slice user_agent,
    uint64_t *ret_expires_at)
{
	struct db_query *q = db_query(db, &insert_session);
	enum err err;

	db_bind_u64(q, user_id);
	db_bind_hash(q, token);
	db_bind_u64(q, days);
	db_bind_string(q, address);
	db_bind_text(q, user_agent);
	err = db_run(q, NULL);
	if (err != OK)
		return err;
	err = end_surplus(db, user_id);
	if (err != OK)
		return err;

	q = db_query(db, &select_expires);
	db_bind_hash(q, token);
	return take_time(q, ret_expires_at);
}

enum err
session_list(struct db *db, struct arena *arena, uint64_t user_id,
    struct session_list *ret_list)
{
	struct db_query *q = db_query(db, &select_sessions);
	struct session_list list = {
		.items = arena_alloc(arena, SESSIONS_MAX * sizeof(*list.items)),
	};
	enum err err;

	db_bind_u64(q, user_id);
	db_bind_u64(q, SESSIONS_MAX);
	while ((err = db_next(q)) == OK) {
		struct session *session = &list.items[list.count++];

		session->id = db_u64(q);
		session->created_at = db_time(q);
		session->last_used_at = db_time(q);
		session->expires_at = db_time(q);
		session->address = db_text(q, arena);
		session->user_agent = db_text(q, arena);
	}
	db_done(q);
	if (err != ERR_NOT_FOUND)
		return err;
	*ret_list = list;
	return OK;
}

static enum err
log_ended(struct db *db, uint64_t user_id, uint64_t session_id)
{
	struct db_query *q = db_query(db, &insert_ended);

	db_bind_u64(q, user_id);
	db_bind_u64(q, user_id);
	db_bind_u64(q, session_id);
	return db_run(q, NULL);
}

enum err
session_end(struct db *db, uint64_t user_id, uint64_t session_id)
{
	uint64_t deleted = 0;
	enum err err = db_begin(db);

	if (err != OK)
		return err;
	err = db_run_two(db, &delete_session, session_id, user_id, &deleted);
	if (err == OK && deleted > 0)
		err = log_ended(db, user_id, session_id);
	return db_finish(db, err);
}

enum err
session_renew_password(struct db *db, uint64_t user_id,
    const char *password_hash, uint64_t keep_id)
{
	struct db_query *q;
	enum err err = db_begin(db);

	if (err != OK)
		return err;
	q = db_query(db, &update_password);
	db_bind_string(q, password_hash);
	db_bind_u64(q, user_id);
	err = db_run(q, NULL);
	if (err == OK)
		err = db_run_two(
		    db, &insert_others_ended, user_id, keep_id, NULL);
	if (err == OK)
		err = db_run_two(db, &delete_others, user_id, keep_id, NULL);
	return db_finish(db, err);
}

enum err
ticket_create(struct db *db, const struct hash *token, uint64_t session_id,
    uint64_t api_key_id, uint64_t seconds, uint64_t *ret_expires_at)
{
	struct db_query *q = db_query(db, &insert_ticket);
	enum err err;

	db_bind_hash(q, token);
	db_bind_id(q, session_id);
	db_bind_id(q, api_key_id);
	db_bind_u64(q, seconds);
	err = db_run(q, NULL);
	if (err != OK)
		return err;

	q = db_query(db, &select_ticket);
	db_bind_hash(q, token);
	return take_time(q, ret_expires_at);
}
