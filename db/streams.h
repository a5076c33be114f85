/*
 * Streams: what the notifier asks when somebody connects, and who is online.
 */
#ifndef DB_STREAMS_H
#define DB_STREAMS_H

#include "db/db.h"
#include "db/events.h"

#define ONLINE_MAX   1000 /* people in one presence_state */
#define AUDIENCE_MAX 2000 /* conversations told of one's presence */

enum credential { CREDENTIAL_SESSION, CREDENTIAL_API_KEY, CREDENTIAL_TICKET };

/* One conversation that a stream carries. */
struct subscription {
	uint64_t conversation_id;
	bool is_small; /* receipts, typing and presence go round in it */
};

/* Everything about a new stream, as of one position of the log. */
struct stream {
	uint64_t user_id;
	const char *username;
	uint64_t session_id;      /* 0: an API key */
	uint64_t api_key_id;      /* 0: a session */
	const char *scopes;       /* what it may, scope_allows() */
	uint64_t expires_at;      /* ms since 1970; 0: never */
	struct event_range range; /* range.head is the position */
	uint64_t total_unread;
	struct subscription *subscriptions; /* by conversation_id, ascending */
	size_t subscription_count;
	uint64_t *online; /* ids of those online whose presence one is told */
	size_t online_count;
};

/*
 * Authenticate (a ticket is used up by it) and read, in one snapshot, what a
 * stream starts from.  ERR_UNAUTHENTICATED: nobody, expired, or disabled.
 */
enum err stream_open(struct db *db, struct arena *arena,
    enum credential credential, const struct hash *token,
    uint64_t receipts_members, struct stream *ret_stream) MUST_CHECK;

/*
 * The same for a stream that is open, which names itself by its session, or
 * by its API key with session_id 0.
 * ERR_UNAUTHENTICATED: the session has ended, or the user is disabled.
 */
enum err stream_renew(struct db *db, struct arena *arena, uint64_t session_id,
    uint64_t api_key_id, uint64_t receipts_members,
    struct stream *ret_stream) MUST_CHECK;

/* A notifier that starts; it must say that it lives before seconds pass. */
enum err notifier_register(struct db *db, const char *name, uint64_t seconds,
    uint64_t *ret_id) MUST_CHECK;
/* ERR_NOT_FOUND: it was taken for dead; register anew and tell all again. */
enum err notifier_alive(
    struct db *db, uint64_t id, uint64_t seconds) MUST_CHECK;

/* user_id is connected to notifier_id; ret_came_online: to nobody before. */
enum err presence_up(struct db *db, uint64_t user_id, uint64_t notifier_id,
    bool *ret_came_online) MUST_CHECK;

/* No longer; ret_went_offline: to nobody now, and last_seen_at is kept. */
enum err presence_down(struct db *db, uint64_t user_id, uint64_t notifier_id,
    bool *ret_went_offline, uint64_t *ret_last_seen_at) MUST_CHECK;

/*
 * Bury the notifiers that are not known to live: up to limit of their people
 * leave them, and each goes with the last of its own.  ret_user_ids are those
 * of them who were connected to nothing else and so went offline; the caller
 * tells.  ret_buried, how many left: with limit there may be more.
 */
enum err presence_reap(struct db *db, struct arena *arena, size_t limit,
    uint64_t **ret_user_ids, size_t *ret_count, size_t *ret_buried) MUST_CHECK;

/* The conversations in which user_id's presence and typing go round. */
enum err presence_audience(struct db *db, struct arena *arena, uint64_t user_id,
    uint64_t receipts_members, uint64_t **ret_ids,
    size_t *ret_count) MUST_CHECK;

#endif /* DB_STREAMS_H */
