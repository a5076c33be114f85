#include "db/messages.h"

#include <json-c/json.h>
#include <string.h>

#include "db/message_json.h"

SQL(call_send, "CALL message_send(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");

SQL_READ(select_one,
    "SELECT " MESSAGE_COLUMNS "  FROM messages x"
    "  JOIN users s ON s.id = x.sender_id"
    " WHERE x.id = ?");

SQL_READ(select_before,
    "SELECT " MESSAGE_COLUMNS "  FROM messages x"
    "  JOIN users s ON s.id = x.sender_id"
    " WHERE x.conversation_id = ? AND x.no < ?"
    " ORDER BY x.no DESC"
    " LIMIT ?");

SQL_READ(select_after,
    "SELECT " MESSAGE_COLUMNS "  FROM messages x"
    "  JOIN users s ON s.id = x.sender_id"
    " WHERE x.conversation_id = ? AND x.no > ?"
    " ORDER BY x.no"
    " LIMIT ?");

void
message_take(struct db_query *q, struct arena *arena, struct message *message)
{
	message->id = db_u64(q);
	message->conversation_id = db_u64(q);
	message->no = db_u64(q);
	message->text = db_text(q, arena);
	message->type = db_text(q, arena);
	message->sender_id = db_u64(q);
	message->sender_username = db_text(q, arena);
	message->sender_name = db_text(q, arena);
	message->reply_to = db_u64(q);
	message->client_id = db_text(q, arena);
	message->created_at = db_time(q);
	message->edited_at = db_time(q);
	message->deleted_at = db_time(q);
}

static enum err
get(struct db *db, struct arena *arena, uint64_t id,
    struct message *ret_message)
{
	struct db_query *q = db_query(db, &select_one);
	enum err err;

	db_bind_u64(q, id);
	err = db_one(q);
	if (err != OK)
		return err;
	message_take(q, arena, ret_message);
	db_done(q);
	return OK;
}

/* What a client_id stands for, beside the conversation: reply and text. */
static struct hash
identity(struct arena *arena, const struct message_draft *draft)
{
	const size_t head = sizeof(draft->reply_to);
	char *bytes = arena_alloc(arena, head + draft->text.len);

	memcpy(bytes, &draft->reply_to, head);
	memcpy(bytes + head, draft->text.data, draft->text.len);
	return hash_of((struct slice){ bytes, head + draft->text.len });
}

static struct message
to_message(struct arena *arena, const struct message_draft *draft)
{
	return (struct message){
		.text = arena_strndup(arena, draft->text.data, draft->text.len),
		.type = "text",
		.sender_id = draft->sender_id,
		.sender_username = draft->sender_username,
		.sender_name = draft->sender_name,
		.reply_to = draft->reply_to,
		.client_id = draft->client_id.data == NULL
		    ? NULL
		    : arena_strndup(
			  arena, draft->client_id.data, draft->client_id.len),
	};
}

static enum err
outcome(const char *word)
{
	static const struct {
		const char *word;
		enum err err;
	} outcomes[] = {
		{ "sent", OK },
		{ "replayed", OK },
		{ "mismatch", ERR_MISMATCH },
		{ "not_found", ERR_NOT_FOUND },
		{ "bad_reply", ERR_INVALID },
		{ "rate_limited", ERR_RATE_LIMITED },
		{ "in_progress", ERR_IN_PROGRESS },
	};

	for (size_t i = 0; i < sizeof(outcomes) / sizeof(outcomes[0]); i++)
		if (strcmp(word, outcomes[i].word) == 0)
			return outcomes[i].err;
	return ERR_INTERNAL;
}

/* Those that have no topic need not say so. */
static struct slice
or_empty(struct slice text)
{
	return text.data == NULL ? slice_of("") : text;
}

static void
bind_draft(struct db_query *q, const struct message_draft *draft,
    const struct hash *hash, uint64_t rate, const char *payload)
{
	db_bind_u64(q, draft->sender_id);
	db_bind_id(q, draft->conversation_id);
	db_bind_id(q, draft->other_id);
	db_bind_text(q, or_empty(draft->topic.type));
	db_bind_text(q, or_empty(draft->topic.id));
	db_bind_text(q, draft->topic.title);
	db_bind_text(q, draft->topic.url);
	db_bind_text(q, draft->text);
	db_bind_id(q, draft->reply_to);
	db_bind_text(q, draft->client_id);
	db_bind_hash(q, draft->client_id.data == NULL ? NULL : hash);
	db_bind_u64(q, rate);
	db_bind_string(q, payload);
}

enum err
message_send(struct db *db, struct arena *arena,
    const struct message_draft *draft, uint64_t rate,
    struct message_sent *ret_sent)
{
	struct message message = to_message(arena, draft);
	struct hash hash = identity(arena, draft);
	struct json_object *payload = message_payload(&message);
	struct db_query *q = db_query(db, &call_send);
	const char *word;
	bool replayed;
	enum err err;

	bind_draft(q, draft, &hash, rate,
	    json_object_to_json_string_ext(payload,
		JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE));
	err = db_one(q);
	json_object_put(payload);
	if (err != OK)
		return err;
	word = db_text(q, arena);
	message.id = db_u64(q);
	message.no = db_u64(q);
	message.created_at = db_time(q);
	message.conversation_id = db_u64(q);
	ret_sent->retry_after = db_u64(q);
	db_done(q);

	replayed = strcmp(word, "replayed") == 0;
	err = outcome(word);
	if (err == OK && replayed)
		err = get(db, arena, message.id, &message);
	if (err != OK)
		return err;
	ret_sent->message = message;
	ret_sent->replayed = replayed;
	return OK;
}

/* One row more than limit is asked for, to know whether there are more. */
static enum err
page(struct db *db, struct arena *arena, const struct sql *sql,
    uint64_t conversation_id, uint64_t no, size_t limit,
    struct message_list *ret_list)
{
	struct db_query *q = db_query(db, sql);
	struct message_list list = {
		.items = arena_alloc(arena, (limit + 1) * sizeof(*list.items)),
	};
	enum err err;

	db_bind_u64(q, conversation_id);
	db_bind_u64(q, no);
	db_bind_u64(q, limit + 1);
	while ((err = db_next(q)) == OK)
		message_take(q, arena, &list.items[list.count++]);
	db_done(q);
	if (err != ERR_NOT_FOUND)
		return err;
	if (list.count > limit) {
		list.count = limit;
		list.has_more = true;
	}
	*ret_list = list;
	return OK;
}

enum err
message_before(struct db *db, struct arena *arena, uint64_t conversation_id,
    uint64_t before, size_t limit, struct message_list *ret_list)
{
	return page(db, arena, &select_before, conversation_id, before, limit,
	    ret_list);
}

enum err
message_after(struct db *db, struct arena *arena, uint64_t conversation_id,
    uint64_t after, size_t limit, struct message_list *ret_list)
{
	return page(
	    db, arena, &select_after, conversation_id, after, limit, ret_list);
}

/* The message itself belongs to the newer half. */
enum err
message_around(struct db *db, struct arena *arena, uint64_t conversation_id,
    uint64_t around, size_t limit, struct message_list *ret_list)
{
	struct message_list older, newer, list = { 0 };
	enum err err;

	err = message_before(
	    db, arena, conversation_id, around, limit / 2, &older);
	if (err != OK)
		return err;
	err = message_after(db, arena, conversation_id,
	    around == 0 ? 0 : around - 1, limit - limit / 2, &newer);
	if (err != OK)
		return err;

	list.items = arena_alloc(
	    arena, (older.count + newer.count) * sizeof(*list.items) + 1);
	for (size_t i = newer.count; i > 0; i--)
		list.items[list.count++] = newer.items[i - 1];
	for (size_t i = 0; i < older.count; i++)
		list.items[list.count++] = older.items[i];
	list.has_more = older.has_more;
	*ret_list = list;
	return OK;
}
