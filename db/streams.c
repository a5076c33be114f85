#include "db/streams.h"

SQL(call_open, "CALL stream_open(?, ?, ?, ?, ?, ?)");

SQL(insert_notifier,
    "INSERT INTO notifiers (name, alive_until)"
    " VALUES (?, UTC_TIMESTAMP(3) + INTERVAL ? SECOND)");

SQL(update_alive,
    "UPDATE notifiers SET alive_until = UTC_TIMESTAMP(3) + INTERVAL ? SECOND"
    " WHERE id = ? AND alive_until > UTC_TIMESTAMP(3)");

SQL(call_up, "CALL presence_up(?, ?)");

SQL(call_down, "CALL presence_down(?, ?)");

/* With who was connected to it, one person at a time, so that nobody is
   forgotten when the one who buries it dies too. */
SQL_READ(select_dead,
    "SELECT n.id, p.user_id"
    "  FROM notifiers n"
    "  LEFT JOIN presence p ON p.notifier_id = n.id"
    " WHERE n.alive_until < UTC_TIMESTAMP(3)"
    " LIMIT ?");

SQL(delete_notifier,
    "DELETE FROM notifiers"
    " WHERE id = ?"
    "   AND NOT EXISTS (SELECT 1 FROM presence p WHERE p.notifier_id = ?)");

SQL_READ(select_audience,
    "SELECT m.conversation_id"
    "  FROM members m"
    "  JOIN conversations c ON c.id = m.conversation_id"
    " WHERE m.user_id = ? AND c.member_count <= ?"
    " LIMIT ?");

static enum err
take_head(struct db_query *q, struct arena *arena, struct stream *stream)
{
	enum err err = db_next(q);

	if (err != OK)
		return err == ERR_NOT_FOUND ? ERR_UNAUTHENTICATED : err;
	stream->user_id = db_u64(q);
	stream->username = db_text(q, arena);
	stream->session_id = db_u64(q);
	stream->api_key_id = db_u64(q);
	stream->scopes = db_text(q, arena);
	stream->expires_at = db_time(q);
	stream->range.head = db_u64(q);
	stream->range.floor = db_u64(q);
	return OK;
}

static enum err
take_subscriptions(
    struct db_query *q, struct arena *arena, struct stream *stream)
{
	struct subscription *items = NULL;
	size_t count = 0, size = 0;
	enum err err = db_next_result(q);

	if (err != OK)
		return err;
	while ((err = db_next(q)) == OK) {
		if (count == size) {
			items = arena_grow(arena, items, size * sizeof(*items),
			    (size * 2 + 16) * sizeof(*items));
			size = size * 2 + 16;
		}
		items[count].conversation_id = db_u64(q);
		items[count++].is_small = db_bool(q);
		stream->total_unread += db_u64(q);
	}
	stream->subscriptions = items;
	stream->subscription_count = count;
	return err == ERR_NOT_FOUND ? OK : err;
}

/* Up to limit ids, one a row. */
static enum err
take_ids(struct db_query *q, struct arena *arena, size_t limit,
    uint64_t **ret_ids, size_t *ret_count)
{
	uint64_t *ids = arena_alloc(arena, limit * sizeof(*ids));
	size_t count = 0;
	enum err err;

	while ((err = db_next(q)) == OK && count < limit)
		ids[count++] = db_u64(q);
	if (err != ERR_NOT_FOUND && err != OK)
		return err;
	*ret_ids = ids;
	*ret_count = count;
	return OK;
}

static const char *
credential_name(enum credential credential)
{
	static const char *const names[] = {
		[CREDENTIAL_SESSION] = "session",
		[CREDENTIAL_API_KEY] = "api_key",
		[CREDENTIAL_TICKET] = "ticket",
	};

	return names[credential];
}

static enum err
open_stream(struct db *db, struct arena *arena, const char *credential,
    const struct hash *token, uint64_t session_id, uint64_t api_key_id,
    uint64_t receipts_members, struct stream *ret_stream)
{
	struct db_query *q = db_query(db, &call_open);
	struct stream stream = { 0 };
	enum err err;

	db_bind_string(q, credential);
	db_bind_hash(q, token);
	db_bind_id(q, session_id);
	db_bind_id(q, api_key_id);
	db_bind_u64(q, receipts_members);
	db_bind_u64(q, ONLINE_MAX);
	err = take_head(q, arena, &stream);
	if (err == OK)
		err = take_subscriptions(q, arena, &stream);
	if (err == OK)
		err = db_next_result(q);
	if (err == OK)
		err = take_ids(
		    q, arena, ONLINE_MAX, &stream.online, &stream.online_count);
	db_done(q);
	if (err == OK)
		*ret_stream = stream;
	return err;
}

enum err
stream_open(struct db *db, struct arena *arena, enum credential credential,
    const struct hash *token, uint64_t receipts_members,
    struct stream *ret_stream)
{
	return open_stream(db, arena, credential_name(credential), token, 0, 0,
	    receipts_members, ret_stream);
}

enum err
stream_renew(struct db *db, struct arena *arena, uint64_t session_id,
    uint64_t api_key_id, uint64_t receipts_members, struct stream *ret_stream)
{
	return open_stream(db, arena, "open", NULL, session_id, api_key_id,
	    receipts_members, ret_stream);
}

enum err
notifier_register(
    struct db *db, const char *name, uint64_t seconds, uint64_t *ret_id)
{
	struct db_query *q = db_query(db, &insert_notifier);

	db_bind_string(q, name);
	db_bind_u64(q, seconds);
	return db_insert(q, ret_id);
}

enum err
notifier_alive(struct db *db, uint64_t id, uint64_t seconds)
{
	uint64_t affected = 0;
	enum err err = db_run_two(db, &update_alive, seconds, id, &affected);

	if (err != OK)
		return err;
	return affected == 0 ? ERR_NOT_FOUND : OK;
}

enum err
presence_up(struct db *db, uint64_t user_id, uint64_t notifier_id,
    bool *ret_came_online)
{
	struct db_query *q = db_query(db, &call_up);
	enum err err;

	db_bind_u64(q, user_id);
	db_bind_u64(q, notifier_id);
	err = db_one(q);
	if (err != OK)
		return err;
	*ret_came_online = db_bool(q);
	db_done(q);
	return OK;
}

enum err
presence_down(struct db *db, uint64_t user_id, uint64_t notifier_id,
    bool *ret_went_offline, uint64_t *ret_last_seen_at)
{
	struct db_query *q = db_query(db, &call_down);
	enum err err;

	db_bind_u64(q, user_id);
	db_bind_u64(q, notifier_id);
	err = db_one(q);
	if (err != OK)
		return err;
	*ret_went_offline = db_bool(q);
	*ret_last_seen_at = db_time(q);
	db_done(q);
	return OK;
}

/* Pairs of a dead notifier and somebody it had; 0 for the last of its own. */
static enum err
take_pairs(struct db_query *q, uint64_t *pairs, size_t limit, size_t *ret_count)
{
	size_t count = 0;
	enum err err;

	while ((err = db_next(q)) == OK && count < limit) {
		pairs[2 * count] = db_u64(q);
		pairs[2 * count++ + 1] = db_u64(q);
	}
	db_done(q);
	*ret_count = count;
	return err == ERR_NOT_FOUND ? OK : err;
}

static enum err
bury(struct db *db, uint64_t notifier_id, uint64_t user_id,
    bool *ret_went_offline)
{
	uint64_t last_seen_at;
	enum err err = presence_down(
	    db, user_id, notifier_id, ret_went_offline, &last_seen_at);

	if (err != OK)
		return err;
	return db_run_two(db, &delete_notifier, notifier_id, notifier_id, NULL);
}

enum err
presence_reap(struct db *db, struct arena *arena, size_t limit,
    uint64_t **ret_user_ids, size_t *ret_count, size_t *ret_buried)
{
	uint64_t *pairs = arena_alloc(arena, 2 * limit * sizeof(*pairs));
	uint64_t *ids = arena_alloc(arena, limit * sizeof(*ids));
	struct db_query *q = db_query(db, &select_dead);
	size_t buried, count = 0;
	enum err err;

	db_bind_u64(q, limit);
	err = take_pairs(q, pairs, limit, &buried);
	for (size_t i = 0; err == OK && i < buried; i++) {
		bool went_offline = false;

		err = bury(db, pairs[2 * i], pairs[2 * i + 1], &went_offline);
		if (err == OK && went_offline)
			ids[count++] = pairs[2 * i + 1];
	}
	if (err != OK)
		return err;
	*ret_user_ids = ids;
	*ret_count = count;
	*ret_buried = buried;
	return OK;
}

enum err
presence_audience(struct db *db, struct arena *arena, uint64_t user_id,
    uint64_t receipts_members, uint64_t **ret_ids, size_t *ret_count)
{
	struct db_query *q = db_query(db, &select_audience);
	enum err err;

	db_bind_u64(q, user_id);
	db_bind_u64(q, receipts_members);
	db_bind_u64(q, AUDIENCE_MAX);
	err = take_ids(q, arena, AUDIENCE_MAX, ret_ids, ret_count);
	db_done(q);
	return err;
}
