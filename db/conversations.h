/* Conversations: the conversations and members tables. */
#ifndef DB_CONVERSATIONS_H
#define DB_CONVERSATIONS_H

#include "db/db.h"
#include "db/messages.h"
#include "db/topic.h"

#define MEMBERS_SHOWN 20 /* of a group, in a Conversation */

struct member {
	uint64_t conversation_id;
	uint64_t user_id;
	const char *username;
	const char *name;
	const char *role; /* "owner", "admin" or "member" */
	bool online;
	uint64_t joined_at;
};

struct member_list {
	struct member *items;
	size_t count;
};

/* A conversation as one of its members sees it. */
struct conversation {
	uint64_t id;
	const char *kind;                    /* "direct" or "group" */
	const char *title;                   /* NULL: none */
	const char *topic_type, *topic_id;   /* "": no topic */
	const char *topic_title, *topic_url; /* NULL: none */
	const char *visibility;              /* "private" or "public" */
	uint64_t member_count;
	const char *my_role;
	uint64_t muted_until; /* 0: not muted */
	uint64_t last_no, read_no, delivered_no, unread_count, event_seq;
	uint64_t active_at, created_at;
	struct message last_message; /* id 0: none */
	struct member_list members;
};

struct conversation_list {
	struct conversation *items;
	size_t count;
};

/* Which of one's conversations; "" and 0 where it does not matter. */
struct conversation_filter {
	const char *kind;
	struct slice query; /* the start of a title, or of the other's name */
	struct slice topic_type, topic_id;
	uint64_t before_active_at, before_id; /* the last of the page before */
};

/* One's unread counts, for those conversations that have any. */
struct unread {
	uint64_t conversation_id;
	uint64_t unread_count;
	uint64_t event_seq;
};

struct unread_list {
	struct unread *items;
	size_t count;
	uint64_t total;
};

/* Where somebody's marks are after a call that moves them. */
struct marks {
	uint64_t read_no, delivered_no, unread_count;
	bool moved; /* an event was written */
};

enum mark { MARK_READ, MARK_DELIVERED };

/* Newest activity first, each with its last message and members. */
enum err conversation_list(struct db *db, struct arena *arena, uint64_t user_id,
    const struct conversation_filter *filter, size_t limit,
    struct conversation_list *ret_list) MUST_CHECK;

/* ERR_NOT_FOUND: no such conversation, or user_id is no member. */
enum err conversation_get(struct db *db, struct arena *arena, uint64_t user_id,
    uint64_t id, struct conversation *ret_conversation) MUST_CHECK;

enum err conversation_unread(struct db *db, struct arena *arena,
    uint64_t user_id, struct unread_list *ret_list) MUST_CHECK;

/* Up to limit members by user id, after the user id after (0: the first). */
enum err conversation_members(struct db *db, struct arena *arena, uint64_t id,
    uint64_t after, size_t limit, struct member_list *ret_list) MUST_CHECK;

/* Whether user_id is a member, and of how many.  ERR_NOT_FOUND: no. */
enum err conversation_member_count(struct db *db, uint64_t user_id, uint64_t id,
    uint64_t *ret_count) MUST_CHECK;

/* What an Idempotency-Key brings along; key empty: there was none. */
struct idempotency {
	const char *route; /* "POST /conversations" */
	struct slice key;
	struct hash body;
};

struct made {
	uint64_t id;
	bool created;    /* by this call */
	bool replayed;   /* the key was used before, */
	uint64_t status; /* and answered with this; 0 otherwise */
};

/*
 * The direct conversation of user_id with other_id about topic, found or
 * made; both hear of a new one.  ERR_MISMATCH: the key was used with another
 * body.  ERR_IN_PROGRESS: the same request is still running.
 */
enum err conversation_direct(struct db *db, uint64_t user_id, uint64_t other_id,
    const struct topic *topic, const struct idempotency *idempotency,
    struct made *ret_made) MUST_CHECK;

/*
 * Move a mark of user_id forward to up_to, cut to the last message; reading
 * implies delivery.  Members hear of it, in conversations of at most
 * receipts_members.  ERR_NOT_FOUND: no member.
 */
enum err conversation_mark(struct db *db, uint64_t user_id, uint64_t id,
    enum mark mark, uint64_t up_to, uint64_t receipts_members,
    struct marks *ret_marks) MUST_CHECK;

/*
 * Mark as unread from message number from on (1 or more): the read mark moves
 * to the one before, back, or forward like conversation_mark().
 */
enum err conversation_mark_unread(struct db *db, uint64_t user_id, uint64_t id,
    uint64_t from, uint64_t receipts_members,
    struct marks *ret_marks) MUST_CHECK;

#endif /* DB_CONVERSATIONS_H */
