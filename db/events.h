/*
 * Events: the log of all that anybody is to hear of, and its positions.
 *
 * Rows are written by the transactions that make the changes.  A position
 * (pos, event_id on the wire) is stamped after the commit, so that "pos >
 * cursor" never skips what became visible late.
 */
#ifndef DB_EVENTS_H
#define DB_EVENTS_H

#include "db/db.h"

/* One row of the log; texts are valid as long as the arena they came from. */
struct event {
	uint64_t id;      /* of the row: the order of writing */
	uint64_t pos;     /* event_id on the wire */
	const char *type; /* as on the wire; "session_ended" is not replayed */
	uint64_t conversation_id; /* 0: none */
	uint64_t seq;             /* 0: none */
	uint64_t user_id;         /* whom alone it is for; 0: every member */
	uint64_t actor_id;        /* who did it */
	uint64_t author_id;       /* whose message it is about; 0: none */
	uint64_t message_id;
	uint64_t no;           /* the message's; for a mark, last_no */
	uint64_t up_to;        /* where a mark moved to */
	uint64_t unread_count; /* of actor_id, once a mark had moved */
	uint64_t session_id;   /* the session that ended */
	uint64_t timestamp;    /* as on the wire, ms since 1970 */
	struct slice payload;  /* a JSON object: what the type adds */
};

struct event_list {
	struct event *items;
	size_t count;
};

/* The two ends of the log. */
struct event_range {
	uint64_t head;  /* the highest position stamped */
	uint64_t floor; /* the highest position pruned */
};

/*
 * Stamp what is not stamped yet, up to limit rows with an id over above, and
 * read up to limit rows after cursor, in order; in one round trip.
 */
enum err events_follow(struct db *db, struct arena *arena, uint64_t cursor,
    uint64_t above, size_t limit, struct event_list *ret_list) MUST_CHECK;

enum err events_range(struct db *db, struct event_range *ret_range) MUST_CHECK;

/*
 * Up to limit events that user_id may hear, after cursor and up to last, in
 * order; of conversation_id alone unless it is 0.  By the memberships of now.
 */
enum err events_replay(struct db *db, struct arena *arena, uint64_t user_id,
    uint64_t conversation_id, uint64_t cursor, uint64_t last, size_t limit,
    struct event_list *ret_list) MUST_CHECK;

/*
 * Remove up to limit events older than hours from the start of the log, and
 * raise the floor; ret_removed tells how many.
 */
enum err events_prune(struct db *db, uint64_t hours, size_t limit,
    uint64_t *ret_removed) MUST_CHECK;

/*
 * After a restored backup, which may lack what clients have seen: no position
 * up to by more is used again, and every cursor from before gets a resync.
 */
enum err events_advance(struct db *db, uint64_t by) MUST_CHECK;

/* Remove what has expired: sessions (their streams hear of it), tickets,
   attempts, keys; up to limit of each. */
enum err expired_prune(struct db *db, size_t limit) MUST_CHECK;

#endif /* DB_EVENTS_H */
