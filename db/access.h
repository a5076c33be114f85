/*
 * Access: how people and programs come by the right to call: the
 * login_attempts, invitations and api_keys tables.  The attempts are those to
 * log in and those to register.
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

/*
 * Count a registration from address that is about to be tried; it counts for
 * five minutes, whether it succeeds or not.  ERR_RATE_LIMITED as above.
 */
enum err registration_attempt(struct db *db, const char *address,
    uint64_t limit, uint64_t *ret_retry_after) MUST_CHECK;

/*
 * It succeeded, or was not tried after all: it counts no longer.  Returns
 * outcome, or, when that is OK, what keeps the attempt from being forgotten.
 */
enum err attempt_forget(
    struct db *db, uint64_t attempt_id, enum err outcome) MUST_CHECK;

/* ERR_USERNAME_TAKEN, as things are now; registering finds out again. */
enum err registration_check(struct db *db, struct slice username) MUST_CHECK;

/* An invitation; role admin makes administrators. */
enum err invitation_create(struct db *db, const struct hash *token,
    bool is_admin, const char *organisation, uint64_t uses,
    uint64_t hours) MUST_CHECK;

/*
 * True in ret_is_admin when it makes an administrator.  ERR_GONE: it does not
 * exist, is used up or has expired.
 */
enum err invitation_check(
    struct db *db, const struct hash *token, bool *ret_is_admin) MUST_CHECK;

/* An API key and the user as whom it acts. */
enum err api_key_create(struct db *db, const struct hash *token,
    const char *name, const char *scopes) MUST_CHECK;

#endif /* DB_ACCESS_H */
