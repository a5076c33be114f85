/* Users: the users and user_words tables. */
#ifndef DB_USERS_H
#define DB_USERS_H

#include "db/db.h"

#define USERNAME_MAX 32 /* characters; a setting makes new ones fewer */
#define EMAIL_MAX    254

struct user {
	uint64_t id;
	const char *username;
	const char *name;
	const char *email;        /* NULL: none */
	const char *organisation; /* "": none */
	bool is_admin;
	bool is_disabled;
	bool online;
	uint64_t last_seen_at; /* milliseconds since 1970; 0: never */
};

struct user_list {
	struct user *items;
	size_t count;
};

struct user_draft {
	struct slice username; /* folded and checked */
	struct slice name;
	struct slice email;            /* data NULL: none */
	const char *password_hash;     /* Argon2id, encoded */
	const struct hash *invitation; /* NULL: none */
};

/*
 * Register somebody; role and organisation come from the invitation, one of
 * whose uses it takes.  ERR_USERNAME_TAKEN; ERR_GONE: the invitation does not
 * exist, is used up or has expired.
 */
enum err user_create(
    struct db *db, const struct user_draft *draft, uint64_t *ret_id) MUST_CHECK;

/* One user, disabled or not.  ERR_NOT_FOUND. */
enum err user_get(struct db *db, struct arena *arena, uint64_t id,
    struct user *ret_user) MUST_CHECK;

/*
 * An active person of organisation, by id or by username (folded).
 * ERR_NOT_FOUND: nobody, or nobody that organisation may see.
 */
enum err user_find_id(struct db *db, struct arena *arena,
    const char *organisation, uint64_t id, struct user *ret_user) MUST_CHECK;
enum err user_find_name(struct db *db, struct arena *arena,
    const char *organisation, struct slice username,
    struct user *ret_user) MUST_CHECK;

/*
 * Up to limit active people of organisation whose username, or a word of
 * whose name, begins with start (utf8mb4_unicode_ci: case and accents do not
 * count), by username, after the username after ("" for the first page).
 */
enum err user_search(struct db *db, struct arena *arena,
    const char *organisation, struct slice start, struct slice after,
    size_t limit, struct user_list *ret_list) MUST_CHECK;

/* What a log-in needs.  ERR_NOT_FOUND: no such person, or no password. */
enum err user_password(struct db *db, struct arena *arena,
    struct slice username, uint64_t *ret_id, bool *ret_is_disabled,
    const char **ret_password_hash) MUST_CHECK;
enum err user_set_password(
    struct db *db, uint64_t id, const char *password_hash) MUST_CHECK;

/*
 * Change name and email (data NULL: left as it is; an empty email: none),
 * and tell those who share a conversation of at most receipts_members of a
 * name that changed.
 */
enum err user_update(struct db *db, struct arena *arena, uint64_t id,
    struct slice name, struct slice email, uint64_t receipts_members,
    struct user *ret_user) MUST_CHECK;

/* True in ret_exists when there is an active administrator. */
enum err user_admin_exists(struct db *db, bool *ret_exists) MUST_CHECK;

#endif /* DB_USERS_H */
