/* Sessions: the sessions and tickets tables, and who holds an API key. */
#ifndef DB_SESSIONS_H
#define DB_SESSIONS_H

#include "db/db.h"

#define SESSIONS_MAX 100 /* of one user; the longest unused one goes */

/* Who is calling. */
struct identity {
	uint64_t user_id;
	const char *username;
	const char *name;
	const char *organisation;
	bool is_admin;
	uint64_t session_id; /* 0: not a session */
	uint64_t api_key_id; /* 0: not an API key */
	const char *scopes;  /* what it may, scope_allows() */
	uint64_t expires_at; /* milliseconds since 1970; 0: never */
};

struct session {
	uint64_t id;
	uint64_t created_at, last_used_at, expires_at; /* ms since 1970 */
	const char *address;
	const char *user_agent;
};

struct session_list {
	struct session *items;
	size_t count;
};

/*
 * Whether scopes, space-separated words of which '*' is every one, have
 * scope: "read" to look, "write" to change.  A session's are '*'.
 */
bool scope_allows(const char *scopes, const char *scope);

/*
 * Who holds the session token, or the API key, with this hash; a session's
 * use is noted and its end put off to days from now, at most once a minute.
 * ERR_UNAUTHENTICATED: nobody, expired, or disabled.
 */
enum err session_authenticate(struct db *db, struct arena *arena,
    const struct hash *token, uint64_t days,
    struct identity *ret_identity) MUST_CHECK;
enum err api_key_authenticate(struct db *db, struct arena *arena,
    const struct hash *token, struct identity *ret_identity) MUST_CHECK;

/* Whether session_id is still there, for a stream that is open; who it is. */
enum err session_get(struct db *db, struct arena *arena, uint64_t session_id,
    struct identity *ret_identity) MUST_CHECK;
enum err api_key_get(struct db *db, struct arena *arena, uint64_t api_key_id,
    struct identity *ret_identity) MUST_CHECK;

/* Begin a session that ends after days without use. */
enum err session_create(struct db *db, uint64_t user_id,
    const struct hash *token, uint64_t days, const char *address,
    struct slice user_agent, uint64_t *ret_expires_at) MUST_CHECK;

/* One's own sessions, newest first; at most SESSIONS_MAX. */
enum err session_list(struct db *db, struct arena *arena, uint64_t user_id,
    struct session_list *ret_list) MUST_CHECK;

/*
 * End one session of user_id, and tell its streams by the log.
 * Ending one that is not there, or not theirs, is OK and does nothing.
 */
enum err session_end(
    struct db *db, uint64_t user_id, uint64_t session_id) MUST_CHECK;

/* A new password, and the end of every session of user_id but keep_id (0:
   of every one), in one transaction. */
enum err session_renew_password(struct db *db, uint64_t user_id,
    const char *password_hash, uint64_t keep_id) MUST_CHECK;

/* A ticket for one stream, good for seconds. */
enum err ticket_create(struct db *db, const struct hash *token,
    uint64_t session_id, uint64_t api_key_id, uint64_t seconds,
    uint64_t *ret_expires_at) MUST_CHECK;

#endif /* DB_SESSIONS_H */
