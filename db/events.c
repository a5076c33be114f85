#include "db/events.h"

#include <stddef.h>

#define EVENT_COLUMNS                                               \
	"e.id, e.pos, e.type, e.conversation_id, e.seq, e.user_id," \
	" e.actor_id, e.author_id, e.message_id, e.no, e.up_to,"    \
	" e.unread_count, e.session_id, e.timestamp, e.payload"

SQL(call_follow, "CALL events_follow(?, ?, ?)");

SQL_READ(select_range, "SELECT head, floor FROM event_counter WHERE id = 1");

/*
 * First the positions, from two indexes, then the rows.  Ended sessions are
 * between the log and the notifiers.
 */
SQL_READ(select_replay,
    "SELECT " EVENT_COLUMNS "  FROM ((SELECT o.pos"
    "           FROM members m"
    "           JOIN events o ON o.conversation_id = m.conversation_id"
    "            AND o.pos > ? AND o.pos <= ? AND o.user_id IS NULL"
    "          WHERE m.user_id = ?"
    "          ORDER BY o.pos LIMIT ?)"
    "         UNION ALL"
    "        (SELECT o.pos"
    "           FROM events o"
    "          WHERE o.user_id = ? AND o.pos > ? AND o.pos <= ?"
    "            AND o.type <> 'session_ended'"
    "          ORDER BY o.pos LIMIT ?)) k"
    "  JOIN events e ON e.pos = k.pos"
    " ORDER BY e.pos"
    " LIMIT ?");

SQL_READ(select_replay_conversation,
    "SELECT " EVENT_COLUMNS "  FROM members m"
    "  JOIN events e ON e.conversation_id = m.conversation_id"
    "   AND e.pos > ? AND e.pos <= ?"
    "   AND (e.user_id IS NULL OR e.user_id = m.user_id)"
    " WHERE m.conversation_id = ? AND m.user_id = ?"
    " ORDER BY e.pos"
    " LIMIT ?");

SQL(call_prune, "CALL events_prune(UTC_TIMESTAMP(3) - INTERVAL ? HOUR, ?)");

/* The floor rises too: what a cursor from before has seen is not certain. */
SQL(update_advance,
    "UPDATE event_counter SET head = head + ?, floor = head WHERE id = 1");

SQL(delete_sessions,
    "DELETE FROM sessions"
    " WHERE expires_at < UTC_TIMESTAMP(3) ORDER BY expires_at LIMIT ?");

SQL(delete_tickets,
    "DELETE FROM tickets"
    " WHERE expires_at < UTC_TIMESTAMP(3) ORDER BY expires_at LIMIT ?");

SQL(delete_attempts,
    "DELETE FROM login_attempts"
    " WHERE attempted_at < UTC_TIMESTAMP(3) - INTERVAL 1 HOUR"
    " ORDER BY attempted_at LIMIT ?");

SQL(delete_invitations,
    "DELETE FROM invitations"
    " WHERE expires_at < UTC_TIMESTAMP(3) - INTERVAL 30 DAY"
    " ORDER BY expires_at LIMIT ?");

SQL(delete_keys,
    "DELETE FROM idempotency_keys"
    " WHERE created_at < UTC_TIMESTAMP(3) - INTERVAL 24 HOUR"
    " ORDER BY created_at LIMIT ?");

static void
take_event(struct db_query *q, struct arena *arena, struct event *event)
{
	event->id = db_u64(q);
	event->pos = db_u64(q);
	event->type = db_text(q, arena);
	event->conversation_id = db_u64(q);
	event->seq = db_u64(q);
	event->user_id = db_u64(q);
	event->actor_id = db_u64(q);
	event->author_id = db_u64(q);
	event->message_id = db_u64(q);
	event->no = db_u64(q);
	event->up_to = db_u64(q);
	event->unread_count = db_u64(q);
	event->session_id = db_u64(q);
	event->timestamp = db_time(q);
	event->payload = db_slice(q, arena);
}

static enum err
take_events(struct db_query *q, struct arena *arena, size_t limit,
    struct event_list *ret_list)
{
	struct event_list list = {
		.items = arena_alloc(arena, limit * sizeof(*list.items)),
	};
	enum err err;

	while ((err = db_next(q)) == OK && list.count < limit)
		take_event(q, arena, &list.items[list.count++]);
	db_done(q);
	if (err != ERR_NOT_FOUND)
		return err == OK ? ERR_INTERNAL : err;
	*ret_list = list;
	return OK;
}

enum err
events_follow(struct db *db, struct arena *arena, uint64_t cursor,
    uint64_t above, size_t limit, struct event_list *ret_list)
{
	struct db_query *q = db_query(db, &call_follow);

	db_bind_u64(q, cursor);
	db_bind_u64(q, above);
	db_bind_u64(q, limit);
	return take_events(q, arena, limit, ret_list);
}

enum err
events_range(struct db *db, struct event_range *ret_range)
{
	struct db_query *q = db_query(db, &select_range);
	struct event_range range;
	enum err err = db_one(q);

	if (err != OK)
		return err == ERR_NOT_FOUND ? ERR_INTERNAL : err;
	range.head = db_u64(q);
	range.floor = db_u64(q);
	db_done(q);
	*ret_range = range;
	return OK;
}

static struct db_query *
replay_all(struct db *db, uint64_t user_id, uint64_t cursor, uint64_t last,
    size_t limit)
{
	struct db_query *q = db_query(db, &select_replay);

	db_bind_u64(q, cursor);
	db_bind_u64(q, last);
	db_bind_u64(q, user_id);
	db_bind_u64(q, limit);
	db_bind_u64(q, user_id);
	db_bind_u64(q, cursor);
	db_bind_u64(q, last);
	db_bind_u64(q, limit);
	db_bind_u64(q, limit);
	return q;
}

static struct db_query *
replay_conversation(struct db *db, uint64_t user_id, uint64_t conversation_id,
    uint64_t cursor, uint64_t last, size_t limit)
{
	struct db_query *q = db_query(db, &select_replay_conversation);

	db_bind_u64(q, cursor);
	db_bind_u64(q, last);
	db_bind_u64(q, conversation_id);
	db_bind_u64(q, user_id);
	db_bind_u64(q, limit);
	return q;
}

enum err
events_replay(struct db *db, struct arena *arena, uint64_t user_id,
    uint64_t conversation_id, uint64_t cursor, uint64_t last, size_t limit,
    struct event_list *ret_list)
{
	struct db_query *q = conversation_id == 0
	    ? replay_all(db, user_id, cursor, last, limit)
	    : replay_conversation(
		  db, user_id, conversation_id, cursor, last, limit);

	return take_events(q, arena, limit, ret_list);
}

enum err
events_prune(struct db *db, uint64_t hours, size_t limit, uint64_t *ret_removed)
{
	struct db_query *q = db_query(db, &call_prune);
	enum err err;

	db_bind_u64(q, hours);
	db_bind_u64(q, limit);
	err = db_one(q);
	if (err != OK)
		return err;
	*ret_removed = db_u64(q);
	db_done(q);
	return OK;
}

enum err
events_advance(struct db *db, uint64_t by)
{
	struct db_query *q = db_query(db, &update_advance);

	db_bind_u64(q, by);
	return db_run(q, NULL);
}

enum err
expired_prune(struct db *db, size_t limit)
{
	const struct sql *const sweeps[] = { &delete_sessions, &delete_tickets,
		&delete_attempts, &delete_invitations, &delete_keys };

	for (size_t i = 0; i < sizeof(sweeps) / sizeof(sweeps[0]); i++) {
		struct db_query *q = db_query(db, sweeps[i]);
		enum err err;

		db_bind_u64(q, limit);
		err = db_run(q, NULL);
		if (err != OK)
			return err;
	}
	return OK;
}
