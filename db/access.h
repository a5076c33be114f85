/*
 * Access: how people and programs come by the right to call: the
 * login_attempts, invitations and api_keys tables.
 */
#ifndef DB_ACCESS_H
#define DB_ACCESS_H

#include "db/db.h"

/*
 * Count a log-in that is about to be tried, before the password is looked
 * at.  ERR_RATE_LIMITED: too many failed in the last five minutes for this
 * account or address (a limit of 0 is none); ret_retry_after is in seconds.
 */
enum err login_attempt(struct db *db, struct slice account, const char *address,
    uint64_t account_limit, uint64_t address_limit, uint64_t *ret_attempt_id,
    uint64_t *ret_retry_after) MUST_CHECK;

/* It succeeded: it counts no longer. */
enum err login_succeeded(struct db *db, uint64_t attempt_id) MUST_CHECK;

/* An invitation; role admin makes administrators. */
enum err invitation_create(struct db *db, const struct hash *token,
    bool is_admin, const char *organisation, uint64_t uses,
    uint64_t hours) MUST_CHECK;

/* ERR_GONE: it does not exist, is used up or has expired. */
enum err invitation_check(struct db *db, const struct hash *token) MUST_CHECK;

/* An API key and the user as whom it acts. */
enum err api_key_create(struct db *db, const struct hash *token,
    const char *name, const char *scopes) MUST_CHECK;

#endif /* DB_ACCESS_H */
