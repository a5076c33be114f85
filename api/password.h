/*
 * Password: Argon2id, and what a password must not be.
 *
 * One computation takes tens of milliseconds and as many megabytes, so no
 * more than argon2_at_once run at the same time, over all processes: each
 * holds the lock of one of as many files in run_dir, which the kernel lets go
 * of when a process dies.
 *
 * Whoever finds none free waits, but holds a process of the api meanwhile:
 * only so many may that others are still answered, and everybody else is told
 * to come again.
 */
#ifndef API_PASSWORD_H
#define API_PASSWORD_H

#include "api/problems.h"
#include "common/config.h"
#include "common/slice.h"

#define PASSWORD_MAX       256 /* characters; a setting makes new ones fewer */
#define PASSWORD_HASH_SIZE 128 /* bytes of the encoded hash, with its NUL */

/* What is wrong with password for username, apart from its length;
   PROBLEM__COUNT when nothing is. */
enum problem_code password_problem(
    struct slice password, struct slice username);

/*
 * At most argon2_at_once hashes are computed at the same time, over all
 * processes; more wait for their turn.  ERR_INTERNAL: no lock, or no memory
 * (logged).
 */
enum err password_hash(const struct config *config, struct slice password,
    char ret_hash[PASSWORD_HASH_SIZE]) MUST_CHECK;

/*
 * Whether hash is password's.  With hash NULL, of an account that is not
 * there, the same work is done and the answer is no, so that time does not
 * tell.  Errors as above.
 */
enum err password_verify(const struct config *config, const char *hash,
    struct slice password, bool *ret_matches) MUST_CHECK;

/* Whether hash was made with other settings than config's. */
bool password_is_outdated(const struct config *config, const char *hash);

#endif /* API_PASSWORD_H */
