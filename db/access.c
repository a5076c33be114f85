#include "db/access.h"

#include <stdio.h>
#include <string.h>

#define ACCOUNT_MAX 64 /* bytes kept of what was typed */

SQL(insert_attempt,
    "INSERT INTO login_attempts (account, address, attempted_at)"
    " VALUES (?, ?, UTC_TIMESTAMP(3))");

SQL(delete_attempt, "DELETE FROM login_attempts WHERE id = ?");

/* The attempt by which the limit is passed, and when it counts no longer. */
SQL_READ(select_account,
    "SELECT TIMESTAMPDIFF(SECOND, UTC_TIMESTAMP(3) - INTERVAL 300 SECOND,"
    "    attempted_at) + 1"
    "  FROM login_attempts"
    " WHERE account = ?"
    "   AND attempted_at > UTC_TIMESTAMP(3) - INTERVAL 300 SECOND"
    " ORDER BY attempted_at DESC"
    " LIMIT 1 OFFSET ?");

/* A registration has no account yet. */
SQL_READ(select_address,
    "SELECT TIMESTAMPDIFF(SECOND, UTC_TIMESTAMP(3) - INTERVAL 300 SECOND,"
    "    attempted_at) + 1"
    "  FROM login_attempts"
    " WHERE address = ? AND account <> ''"
    "   AND attempted_at > UTC_TIMESTAMP(3) - INTERVAL 300 SECOND"
    " ORDER BY attempted_at DESC"
    " LIMIT 1 OFFSET ?");

SQL_READ(select_registration,
    "SELECT TIMESTAMPDIFF(SECOND, UTC_TIMESTAMP(3) - INTERVAL 300 SECOND,"
    "    attempted_at) + 1"
    "  FROM login_attempts"
    " WHERE address = ? AND account = ''"
    "   AND attempted_at > UTC_TIMESTAMP(3) - INTERVAL 300 SECOND"
    " ORDER BY attempted_at DESC"
    " LIMIT 1 OFFSET ?");

SQL_READ(select_username, "SELECT 1 FROM users WHERE username = ?");

SQL(insert_invitation,
    "INSERT INTO invitations (token_hash, role, organisation, uses_left,"
    "    created_at, expires_at)"
    " VALUES (?, ?, ?, ?, UTC_TIMESTAMP(3),"
    "    UTC_TIMESTAMP(3) + INTERVAL ? HOUR)");

SQL_READ(select_invitation,
    "SELECT role = 'admin' FROM invitations"
    " WHERE token_hash = ? AND uses_left > 0"
    "   AND expires_at > UTC_TIMESTAMP(3)");

SQL(insert_key_user,
    "INSERT INTO users (username, name, role, kind, created_at)"
    " VALUES (?, ?, ?, 'key', UTC_TIMESTAMP(3))");

SQL(insert_rate,
    "INSERT INTO message_rates (user_id, full_at)"
    " VALUES (?, UTC_TIMESTAMP(6))");

SQL(insert_key,
    "INSERT INTO api_keys (user_id, name, token_hash, scopes, created_at)"
    " VALUES (?, ?, ?, ?, UTC_TIMESTAMP(3))");

/*
 * Whether more than limit attempts count; if so, in how many seconds one
 * fewer will.
 */
static enum err
check_limit(struct db *db, const struct sql *sql, struct slice who,
    uint64_t limit, uint64_t *ret_retry_after)
{
	struct db_query *q;
	enum err err;

	if (limit == 0)
		return OK;
	q = db_query(db, sql);
	db_bind_text(q, who);
	db_bind_u64(q, limit);
	err = db_one(q);
	if (err != OK)
		return err == ERR_NOT_FOUND ? OK : err;
	*ret_retry_after = db_u64(q);
	db_done(q);
	return ERR_RATE_LIMITED;
}

enum err
attempt_forget(struct db *db, uint64_t attempt_id, enum err outcome)
{
	struct db_query *q = db_query(db, &delete_attempt);
	enum err err;

	db_bind_u64(q, attempt_id);
	err = db_run(q, NULL);
	return outcome == OK ? err : outcome;
}

/* What is kept of what was typed, without the half of a character. */
static struct slice
cut(struct slice account)
{
	if (account.len <= ACCOUNT_MAX)
		return account;
	account.len = ACCOUNT_MAX;
	while (account.len > 0 &&
	    ((unsigned char)account.data[account.len] & 0xc0) == 0x80)
		account.len--;
	return account;
}

static enum err
add_attempt(struct db *db, struct slice account, const char *address,
    uint64_t *ret_attempt_id)
{
	struct db_query *q = db_query(db, &insert_attempt);

	db_bind_text(q, account);
	db_bind_string(q, address);
	return db_insert(q, ret_attempt_id);
}

enum err
login_attempt(struct db *db, struct slice account, const char *address,
    uint64_t account_limit, uint64_t address_limit, uint64_t *ret_attempt_id,
    uint64_t *ret_retry_after)
{
	uint64_t attempt_id;
	enum err err;

	account = cut(account);
	err = add_attempt(db, account, address, &attempt_id);
	if (err != OK)
		return err;
	err = check_limit(
	    db, &select_account, account, account_limit, ret_retry_after);
	if (err == OK)
		err = check_limit(db, &select_address, slice_of(address),
		    address_limit, ret_retry_after);
	/* One that is refused does not count: the door would stay shut. */
	if (err != OK)
		return attempt_forget(db, attempt_id, err);
	*ret_attempt_id = attempt_id;
	return OK;
}

enum err
registration_attempt(struct db *db, const char *address, uint64_t limit,
    uint64_t *ret_retry_after)
{
	uint64_t attempt_id;
	enum err err = add_attempt(db, slice_of(""), address, &attempt_id);

	if (err != OK)
		return err;
	err = check_limit(db, &select_registration, slice_of(address), limit,
	    ret_retry_after);
	/* One that is refused does not count: the door would stay shut. */
	if (err != OK)
		return attempt_forget(db, attempt_id, err);
	return OK;
}

enum err
registration_check(struct db *db, struct slice username)
{
	struct db_query *q = db_query(db, &select_username);
	enum err err;

	db_bind_text(q, username);
	err = db_next(q);
	db_done(q);
	if (err == ERR_NOT_FOUND)
		return OK;
	return err == OK ? ERR_USERNAME_TAKEN : err;
}

enum err
invitation_create(struct db *db, const struct hash *token, bool is_admin,
    const char *organisation, uint64_t uses, uint64_t hours)
{
	struct db_query *q = db_query(db, &insert_invitation);

	db_bind_hash(q, token);
	db_bind_string(q, is_admin ? "admin" : "user");
	db_bind_string(q, organisation);
	db_bind_u64(q, uses);
	db_bind_u64(q, hours);
	return db_run(q, NULL);
}

enum err
invitation_check(struct db *db, const struct hash *token, bool *ret_is_admin)
{
	struct db_query *q = db_query(db, &select_invitation);
	enum err err;

	db_bind_hash(q, token);
	err = db_one(q);
	if (err != OK)
		return err == ERR_NOT_FOUND ? ERR_GONE : err;
	*ret_is_admin = db_bool(q);
	db_done(q);
	return OK;
}

static enum err
add_key(struct db *db, const struct hash *token, const char *name,
    const char *scopes)
{
	char username[2 + 2 * 8 + 1] = "k-";
	struct db_query *q = db_query(db, &insert_key_user);
	uint64_t user_id;
	enum err err;

	for (size_t i = 0; i < 8; i++)
		snprintf(username + 2 + 2 * i, 3, "%02x", token->bytes[i]);
	db_bind_string(q, username);
	db_bind_string(q, name);
	db_bind_string(q, strcmp(scopes, "*") == 0 ? "admin" : "user");
	err = db_insert(q, &user_id);
	if (err != OK)
		return err;

	q = db_query(db, &insert_rate);
	db_bind_u64(q, user_id);
	err = db_run(q, NULL);
	if (err != OK)
		return err;

	q = db_query(db, &insert_key);
	db_bind_u64(q, user_id);
	db_bind_string(q, name);
	db_bind_hash(q, token);
	db_bind_string(q, scopes);
	return db_run(q, NULL);
}

enum err
api_key_create(struct db *db, const struct hash *token, const char *name,
    const char *scopes)
{
	enum err err = db_begin(db);

	if (err != OK)
		return err;
	return db_finish(db, add_key(db, token, name, scopes));
}
