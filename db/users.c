#include "db/users.h"

#include <json-c/json.h>
#include <string.h>

#include "db/json.h"

#define USER_COLUMNS                                          \
	"u.id, u.username, u.name, u.email, u.organisation,"  \
	" u.role = 'admin', u.status = 'disabled',"           \
	" EXISTS (SELECT 1 FROM presence p"                   \
	"           JOIN notifiers n ON n.id = p.notifier_id" \
	"          WHERE p.user_id = u.id"                    \
	"            AND n.alive_until > UTC_TIMESTAMP(3)),"  \
	" u.last_seen_at"

SQL(call_create, "CALL user_create(?, ?, ?, ?, ?)");

SQL(call_index_words, "CALL user_index_words(?)");

SQL_READ(select_user, "SELECT " USER_COLUMNS " FROM users u WHERE u.id = ?");

SQL_READ(select_visible_id,
    "SELECT " USER_COLUMNS "  FROM users u"
    " WHERE u.id = ? AND u.organisation = ? AND u.status = 'active'"
    "   AND u.kind = 'person'");

SQL_READ(select_visible_name,
    "SELECT " USER_COLUMNS "  FROM users u"
    " WHERE u.username = ? AND u.organisation = ? AND u.status = 'active'"
    "   AND u.kind = 'person'");

/* Found by a word; somebody found by two of them is there once. */
SQL_READ(select_search,
    "SELECT " USER_COLUMNS "  FROM (SELECT DISTINCT f.user_id, v.username"
    "          FROM user_words f"
    "          JOIN users v ON v.id = f.user_id"
    "         WHERE f.organisation = ? AND f.word LIKE ?"
    "           AND v.status = 'active' AND v.username > ?"
    "         ORDER BY v.username"
    "         LIMIT ?) found"
    "  JOIN users u ON u.id = found.user_id"
    " ORDER BY u.username");

SQL_READ(select_password,
    "SELECT id, status = 'disabled', password_hash"
    "  FROM users"
    " WHERE username = ? AND kind = 'person' AND password_hash IS NOT NULL");

SQL(update_password, "UPDATE users SET password_hash = ? WHERE id = ?");

SQL(update_user,
    "UPDATE users"
    "   SET name = COALESCE(?, name), email = IF(?, NULLIF(?, ''), email)"
    " WHERE id = ?");

/* Everybody who shares a small conversation, and oneself. */
SQL(insert_updated,
    "INSERT INTO events (type, conversation_id, user_id, actor_id,"
    "    timestamp, created_at, payload)"
    " SELECT 'user_updated', m.conversation_id, NULL, ?,"
    "    UTC_TIMESTAMP(3), UTC_TIMESTAMP(3), ?"
    "   FROM members m"
    "   JOIN conversations c ON c.id = m.conversation_id"
    "  WHERE m.user_id = ? AND c.member_count <= ?"
    " UNION ALL"
    " SELECT 'user_updated', NULL, ?, ?, UTC_TIMESTAMP(3),"
    "    UTC_TIMESTAMP(3), ?");

SQL_READ(select_admin,
    "SELECT 1 FROM users"
    " WHERE role = 'admin' AND kind = 'person' AND status = 'active'"
    " LIMIT 1");

static void
take_user(struct db_query *q, struct arena *arena, struct user *user)
{
	user->id = db_u64(q);
	user->username = db_text(q, arena);
	user->name = db_text(q, arena);
	user->email = db_text(q, arena);
	user->organisation = db_text(q, arena);
	user->is_admin = db_bool(q);
	user->is_disabled = db_bool(q);
	user->online = db_bool(q);
	user->last_seen_at = db_time(q);
}

static enum err
take_one(struct db_query *q, struct arena *arena, struct user *ret_user)
{
	enum err err = db_one(q);

	if (err != OK)
		return err;
	take_user(q, arena, ret_user);
	db_done(q);
	return OK;
}

enum err
user_create(struct db *db, const struct user_draft *draft, uint64_t *ret_id)
{
	struct arena *arena = arena_new();
	struct db_query *q = db_query(db, &call_create);
	const char *word;
	uint64_t id;
	enum err err;

	db_bind_text(q, draft->username);
	db_bind_text(q, draft->name);
	db_bind_text(q, draft->email);
	db_bind_string(q, draft->password_hash);
	db_bind_hash(q, draft->invitation);
	err = db_one(q);
	if (err == OK) {
		word = db_text(q, arena);
		id = db_u64(q);
		if (strcmp(word, "made") == 0)
			*ret_id = id;
		else
			err = strcmp(word, "taken") == 0 ? ERR_USERNAME_TAKEN
							 : ERR_GONE;
		db_done(q);
	}
	arena_free(arena);
	return err;
}

enum err
user_get(struct db *db, struct arena *arena, uint64_t id, struct user *ret_user)
{
	struct db_query *q = db_query(db, &select_user);

	db_bind_u64(q, id);
	return take_one(q, arena, ret_user);
}

enum err
user_find_id(struct db *db, struct arena *arena, const char *organisation,
    uint64_t id, struct user *ret_user)
{
	struct db_query *q = db_query(db, &select_visible_id);

	db_bind_u64(q, id);
	db_bind_string(q, organisation);
	return take_one(q, arena, ret_user);
}

enum err
user_find_name(struct db *db, struct arena *arena, const char *organisation,
    struct slice username, struct user *ret_user)
{
	struct db_query *q = db_query(db, &select_visible_name);

	db_bind_text(q, username);
	db_bind_string(q, organisation);
	return take_one(q, arena, ret_user);
}

enum err
user_search(struct db *db, struct arena *arena, const char *organisation,
    struct slice start, struct slice after, size_t limit,
    struct user_list *ret_list)
{
	struct db_query *q = db_query(db, &select_search);
	struct user_list list = {
		.items = arena_alloc(arena, limit * sizeof(*list.items)),
	};
	enum err err;

	db_bind_string(q, organisation);
	db_bind_text(q, db_like_start(arena, start));
	db_bind_text(q, after);
	db_bind_u64(q, limit);
	while ((err = db_next(q)) == OK)
		take_user(q, arena, &list.items[list.count++]);
	db_done(q);
	if (err != ERR_NOT_FOUND)
		return err;
	*ret_list = list;
	return OK;
}

enum err
user_password(struct db *db, struct arena *arena, struct slice username,
    uint64_t *ret_id, bool *ret_is_disabled, const char **ret_password_hash)
{
	struct db_query *q = db_query(db, &select_password);
	enum err err;

	db_bind_text(q, username);
	err = db_one(q);
	if (err != OK)
		return err;
	*ret_id = db_u64(q);
	*ret_is_disabled = db_bool(q);
	*ret_password_hash = db_text(q, arena);
	db_done(q);
	return OK;
}

enum err
user_set_password(struct db *db, uint64_t id, const char *password_hash)
{
	struct db_query *q = db_query(db, &update_password);

	db_bind_string(q, password_hash);
	db_bind_u64(q, id);
	return db_run(q, NULL);
}

static enum err
store_profile(struct db *db, uint64_t id, struct slice name, struct slice email)
{
	struct db_query *q = db_query(db, &update_user);
	enum err err;

	db_bind_text(q, name);
	db_bind_u64(q, email.data != NULL);
	db_bind_text(q, email);
	db_bind_u64(q, id);
	err = db_run(q, NULL);
	if (err != OK)
		return err;

	q = db_query(db, &call_index_words);
	db_bind_u64(q, id);
	return db_run(q, NULL);
}

static enum err
announce(struct db *db, const struct user *user, uint64_t receipts_members)
{
	struct json_object *json = user_json(user, USER_AS_OTHERS_SEE);
	const char *payload = json_object_to_json_string_ext(
	    json, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE);
	struct db_query *q = db_query(db, &insert_updated);
	enum err err;

	db_bind_u64(q, user->id);
	db_bind_string(q, payload);
	db_bind_u64(q, user->id);
	db_bind_u64(q, receipts_members);
	db_bind_u64(q, user->id);
	db_bind_u64(q, user->id);
	db_bind_string(q, payload);
	err = db_run(q, NULL);
	json_object_put(json);
	return err;
}

/* Within the transaction; others hear of what they see, if it changed. */
static enum err
change_profile(struct db *db, struct arena *arena, uint64_t id,
    struct slice name, struct slice email, uint64_t receipts_members,
    struct user *ret_user)
{
	struct user before;
	enum err err = user_get(db, arena, id, &before);

	if (err == OK)
		err = store_profile(db, id, name, email);
	if (err == OK)
		err = user_get(db, arena, id, ret_user);
	if (err != OK || strcmp(before.name, ret_user->name) == 0)
		return err;
	return announce(db, ret_user, receipts_members);
}

enum err
user_update(struct db *db, struct arena *arena, uint64_t id, struct slice name,
    struct slice email, uint64_t receipts_members, struct user *ret_user)
{
	struct user user;
	enum err err = db_begin(db);

	if (err != OK)
		return err;
	err = db_finish(db,
	    change_profile(
		db, arena, id, name, email, receipts_members, &user));
	if (err == OK)
		*ret_user = user;
	return err;
}

enum err
user_admin_exists(struct db *db, bool *ret_exists)
{
	struct db_query *q = db_query(db, &select_admin);
	enum err err = db_next(q);

	db_done(q);
	if (err != OK && err != ERR_NOT_FOUND)
		return err;
	*ret_exists = err == OK;
	return OK;
}
