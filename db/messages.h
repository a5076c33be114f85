/* Messages: the messages table, and the one way to add to it. */
#ifndef DB_MESSAGES_H
#define DB_MESSAGES_H

#include "db/db.h"
#include "db/topic.h"

struct message {
	uint64_t id;
	uint64_t conversation_id;
	uint64_t no;
	const char *text; /* NULL once deleted */
	const char *type; /* "text", "file" or "system" */
	uint64_t sender_id;
	const char *sender_username;
	const char *sender_name;
	uint64_t reply_to;     /* 0: none */
	const char *client_id; /* NULL: none */
	uint64_t created_at, edited_at,
	    deleted_at; /* ms since 1970; 0: never */
};

struct message_list {
	struct message *items;
	size_t count;
	bool has_more; /* in the direction of the page */
};

/* A text message to be; its text and client_id are checked. */
struct message_draft {
	uint64_t conversation_id; /* 0: the direct one with other_id */
	uint64_t other_id;        /* about topic, made if need be */
	struct topic topic;
	uint64_t sender_id;
	const char *sender_username;
	const char *sender_name;
	struct slice text;
	struct slice client_id; /* data NULL: none */
	uint64_t reply_to;      /* 0: none */
};

struct message_sent {
	struct message message;
	bool replayed;        /* it had been sent before, with this client_id */
	uint64_t retry_after; /* seconds, with ERR_RATE_LIMITED */
};

/*
 * Send draft: number it, store it, write its event, move the sender's marks,
 * in one transaction; a conversation is made only for a message that is sent.
 * rate is how many a person may send in ten seconds
 * (0: any number).  With a client_id that was used before, nothing is sent,
 * and ret_sent has that message as it is now.
 *
 * ERR_NOT_FOUND: no such conversation, or the sender is no member.
 * ERR_INVALID: reply_to is no message of the conversation.
 * ERR_MISMATCH: client_id was used for another message.
 * ERR_IN_PROGRESS: the same message is being sent right now.
 * ERR_RATE_LIMITED: ret_sent->retry_after says how long to wait.
 */
enum err message_send(struct db *db, struct arena *arena,
    const struct message_draft *draft, uint64_t rate,
    struct message_sent *ret_sent) MUST_CHECK;

/*
 * A page of the messages of a conversation: below before, newest first;
 * above after, oldest first; or around a number, newest first, half of them
 * older.  Membership is the caller's to check, in the same snapshot or
 * before.
 */
enum err message_before(struct db *db, struct arena *arena,
    uint64_t conversation_id, uint64_t before, size_t limit,
    struct message_list *ret_list) MUST_CHECK;
enum err message_after(struct db *db, struct arena *arena,
    uint64_t conversation_id, uint64_t after, size_t limit,
    struct message_list *ret_list) MUST_CHECK;
enum err message_around(struct db *db, struct arena *arena,
    uint64_t conversation_id, uint64_t around, size_t limit,
    struct message_list *ret_list) MUST_CHECK;

/* Take the columns of MESSAGE_COLUMNS off q. */
#define MESSAGE_COLUMNS                                               \
	"x.id, x.conversation_id, x.no, x.text, x.type, x.sender_id," \
	" s.username, s.name, x.reply_to, x.client_id, x.created_at," \
	" x.edited_at, x.deleted_at"
void message_take(
    struct db_query *q, struct arena *arena, struct message *message);

#endif /* DB_MESSAGES_H */
