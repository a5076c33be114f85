#include "db/conversations.h"

#include <json-c/json.h>
#include <string.h>

#define UNREAD_FIRST ((size_t)64) /* as many as most people have */

/*
 * c: the conversation, m: one's own membership, x: the last message,
 * s: who sent that.
 */
#define CONVERSATION_COLUMNS                                              \
	"c.id, c.kind, c.title, c.topic_type, c.topic_id, c.topic_title," \
	" c.topic_url, c.visibility, c.member_count, m.role,"             \
	" m.muted_until, c.last_no, m.read_no, m.delivered_no,"           \
	" c.last_no - m.read_no, c.event_seq, c.active_at, c.created_at," \
	" " MESSAGE_COLUMNS
#define CONVERSATION_TABLES                                  \
	"  JOIN conversations c ON c.id = m.conversation_id" \
	"  LEFT JOIN messages x ON x.conversation_id = c.id" \
	"   AND x.no = c.last_no"                            \
	"  LEFT JOIN users s ON s.id = x.sender_id"

#define MEMBER_COLUMNS                                              \
	"m.conversation_id, m.user_id, u.username, u.name, m.role," \
	" EXISTS (SELECT 1 FROM presence p"                         \
	"           JOIN notifiers n ON n.id = p.notifier_id"       \
	"          WHERE p.user_id = u.id"                          \
	"            AND n.alive_until > UTC_TIMESTAMP(3)),"        \
	" m.joined_at"

SQL_READ(select_list,
    "SELECT " CONVERSATION_COLUMNS "  FROM members m" CONVERSATION_TABLES
    " WHERE m.user_id = ?"
    "   AND (? IS NULL OR c.active_at < ? OR (c.active_at = ? AND c.id < ?))"
    "   AND (? = '' OR c.kind = ?)"
    "   AND (? = '' OR (c.topic_type = ? AND c.topic_id = ?))"
    "   AND (? IS NULL OR c.title LIKE ?"
    "        OR EXISTS (SELECT 1"
    "                     FROM members o"
    "                     JOIN user_words w ON w.user_id = o.user_id"
    "                    WHERE o.conversation_id = c.id"
    "                      AND o.user_id <> m.user_id"
    "                      AND c.kind = 'direct' AND w.word LIKE ?))"
    " ORDER BY c.active_at DESC, c.id DESC"
    " LIMIT ?");

SQL_READ(select_one,
    "SELECT " CONVERSATION_COLUMNS "  FROM members m" CONVERSATION_TABLES
    " WHERE m.conversation_id = ? AND m.user_id = ?");

/* The members of the direct ones among many conversations, at once. */
SQL_READ(select_direct_members,
    "SELECT " MEMBER_COLUMNS
    "  FROM JSON_TABLE(?, '$[*]' COLUMNS (id BIGINT UNSIGNED PATH '$')) ids"
    "  JOIN members m ON m.conversation_id = ids.id"
    "  JOIN users u ON u.id = m.user_id"
    " ORDER BY m.conversation_id, m.user_id");

SQL_READ(select_members,
    "SELECT " MEMBER_COLUMNS "  FROM members m"
    "  JOIN users u ON u.id = m.user_id"
    " WHERE m.conversation_id = ? AND m.user_id > ?"
    " ORDER BY m.user_id"
    " LIMIT ?");

SQL_READ(select_unread,
    "SELECT m.conversation_id, c.last_no - m.read_no, c.event_seq"
    "  FROM members m"
    "  JOIN conversations c ON c.id = m.conversation_id"
    " WHERE m.user_id = ? AND c.last_no > m.read_no"
    " ORDER BY m.conversation_id");

SQL_READ(select_member_count,
    "SELECT c.member_count"
    "  FROM members m"
    "  JOIN conversations c ON c.id = m.conversation_id"
    " WHERE m.conversation_id = ? AND m.user_id = ?");

SQL(call_direct, "CALL conversation_direct(?, ?, ?, ?, ?, ?, ?, ?, ?)");

SQL(call_mark, "CALL conversation_mark(?, ?, ?, ?, ?)");

SQL(call_mark_unread, "CALL conversation_mark_unread(?, ?, ?, ?)");

static void
take_conversation(
    struct db_query *q, struct arena *arena, struct conversation *conversation)
{
	conversation->id = db_u64(q);
	conversation->kind = db_text(q, arena);
	conversation->title = db_text(q, arena);
	conversation->topic_type = db_text(q, arena);
	conversation->topic_id = db_text(q, arena);
	conversation->topic_title = db_text(q, arena);
	conversation->topic_url = db_text(q, arena);
	conversation->visibility = db_text(q, arena);
	conversation->member_count = db_u64(q);
	conversation->my_role = db_text(q, arena);
	conversation->muted_until = db_time(q);
	conversation->last_no = db_u64(q);
	conversation->read_no = db_u64(q);
	conversation->delivered_no = db_u64(q);
	conversation->unread_count = db_u64(q);
	conversation->event_seq = db_u64(q);
	conversation->active_at = db_time(q);
	conversation->created_at = db_time(q);
	message_take(q, arena, &conversation->last_message);
}

static void
take_member(struct db_query *q, struct arena *arena, struct member *member)
{
	member->conversation_id = db_u64(q);
	member->user_id = db_u64(q);
	member->username = db_text(q, arena);
	member->name = db_text(q, arena);
	member->role = db_text(q, arena);
	member->online = db_bool(q);
	member->joined_at = db_time(q);
}

static enum err
take_members(struct db_query *q, struct arena *arena, size_t limit,
    struct member_list *ret_list)
{
	struct member_list list = {
		.items = arena_alloc(arena, limit * sizeof(*list.items)),
	};
	enum err err;

	while ((err = db_next(q)) == OK && list.count < limit)
		take_member(q, arena, &list.items[list.count++]);
	db_done(q);
	if (err != ERR_NOT_FOUND)
		return err == OK ? ERR_INTERNAL : err;
	*ret_list = list;
	return OK;
}

enum err
conversation_members(struct db *db, struct arena *arena, uint64_t id,
    uint64_t after, size_t limit, struct member_list *ret_list)
{
	struct db_query *q = db_query(db, &select_members);

	db_bind_u64(q, id);
	db_bind_u64(q, after);
	db_bind_u64(q, limit);
	return take_members(q, arena, limit, ret_list);
}

/* Hand each direct conversation its stretch of members; both are by id. */
static void
hand_out(struct conversation_list *list, const struct member_list *members)
{
	for (size_t i = 0; i < members->count; i++) {
		struct member *member = &members->items[i];
		struct conversation *found = NULL;

		for (size_t k = 0; k < list->count && found == NULL; k++)
			if (list->items[k].id == member->conversation_id)
				found = &list->items[k];
		if (found == NULL)
			continue;
		if (found->members.count == 0)
			found->members.items = member;
		found->members.count++;
	}
}

static enum err
add_direct_members(
    struct db *db, struct arena *arena, struct conversation_list *list)
{
	struct json_object *ids = json_object_new_array();
	struct db_query *q = db_query(db, &select_direct_members);
	struct member_list members;
	enum err err;

	for (size_t i = 0; i < list->count; i++)
		if (strcmp(list->items[i].kind, "direct") == 0)
			json_object_array_add(
			    ids, json_object_new_uint64(list->items[i].id));
	db_bind_string(q, json_object_to_json_string(ids));
	err = take_members(q, arena, 2 * list->count + 1, &members);
	json_object_put(ids);
	if (err == OK)
		hand_out(list, &members);
	return err;
}

/* The direct ones in one statement, and one for each group. */
static enum err
add_members(struct db *db, struct arena *arena, struct conversation_list *list)
{
	enum err err = OK;

	if (list->count > 0)
		err = add_direct_members(db, arena, list);
	for (size_t i = 0; err == OK && i < list->count; i++)
		if (strcmp(list->items[i].kind, "group") == 0)
			err = conversation_members(db, arena, list->items[i].id,
			    0, MEMBERS_SHOWN, &list->items[i].members);
	return err;
}

static void
bind_filter(struct db_query *q, struct arena *arena,
    const struct conversation_filter *filter)
{
	struct slice start = { .data = NULL, .len = 0 };

	if (filter->query.len > 0)
		start = db_like_start(arena, filter->query);
	db_bind_time(q, filter->before_active_at);
	db_bind_time(q, filter->before_active_at);
	db_bind_time(q, filter->before_active_at);
	db_bind_u64(q, filter->before_id);
	db_bind_string(q, filter->kind);
	db_bind_string(q, filter->kind);
	db_bind_text(q, filter->topic_type);
	db_bind_text(q, filter->topic_type);
	db_bind_text(q, filter->topic_id);
	db_bind_text(q, start);
	db_bind_text(q, start);
	db_bind_text(q, start);
}

enum err
conversation_list(struct db *db, struct arena *arena, uint64_t user_id,
    const struct conversation_filter *filter, size_t limit,
    struct conversation_list *ret_list)
{
	struct db_query *q = db_query(db, &select_list);
	struct conversation_list list = {
		.items = arena_alloc(arena, limit * sizeof(*list.items)),
	};
	enum err err;

	db_bind_u64(q, user_id);
	bind_filter(q, arena, filter);
	db_bind_u64(q, limit);
	while ((err = db_next(q)) == OK)
		take_conversation(q, arena, &list.items[list.count++]);
	db_done(q);
	if (err == ERR_NOT_FOUND)
		err = add_members(db, arena, &list);
	if (err == OK)
		*ret_list = list;
	return err;
}

enum err
conversation_get(struct db *db, struct arena *arena, uint64_t user_id,
    uint64_t id, struct conversation *ret_conversation)
{
	struct db_query *q = db_query(db, &select_one);
	struct conversation conversation = { 0 };
	struct conversation_list one = { &conversation, 1 };
	enum err err;

	db_bind_u64(q, id);
	db_bind_u64(q, user_id);
	err = db_one(q);
	if (err != OK)
		return err;
	take_conversation(q, arena, &conversation);
	db_done(q);
	err = add_members(db, arena, &one);
	if (err == OK)
		*ret_conversation = conversation;
	return err;
}

/* Room for one more, where there is none; the list before stays as garbage. */
static void
make_room(struct arena *arena, struct unread_list *list, size_t *room)
{
	struct unread *items;

	if (list->count < *room)
		return;
	*room *= 2;
	items = arena_alloc(arena, *room * sizeof(*items));
	memcpy(items, list->items, list->count * sizeof(*items));
	list->items = items;
}

enum err
conversation_unread(struct db *db, struct arena *arena, uint64_t user_id,
    struct unread_list *ret_list)
{
	struct db_query *q = db_query(db, &select_unread);
	size_t room = UNREAD_FIRST;
	struct unread_list list = {
		.items = arena_alloc(arena, room * sizeof(*list.items)),
	};
	enum err err;

	db_bind_u64(q, user_id);
	while ((err = db_next(q)) == OK) {
		struct unread *unread;

		make_room(arena, &list, &room);
		unread = &list.items[list.count++];
		unread->conversation_id = db_u64(q);
		unread->unread_count = db_u64(q);
		unread->event_seq = db_u64(q);
		list.total += unread->unread_count;
	}
	db_done(q);
	if (err != ERR_NOT_FOUND)
		return err;
	*ret_list = list;
	return OK;
}

enum err
conversation_member_count(
    struct db *db, uint64_t user_id, uint64_t id, uint64_t *ret_count)
{
	struct db_query *q = db_query(db, &select_member_count);
	enum err err;

	db_bind_u64(q, id);
	db_bind_u64(q, user_id);
	err = db_one(q);
	if (err != OK)
		return err;
	*ret_count = db_u64(q);
	db_done(q);
	return OK;
}

static void
bind_direct(struct db_query *q, uint64_t user_id, uint64_t other_id,
    const struct topic *topic, const struct idempotency *idempotency)
{
	bool has_key = idempotency->key.len > 0;

	db_bind_u64(q, user_id);
	db_bind_u64(q, other_id);
	db_bind_text(q, topic->type);
	db_bind_text(q, topic->id);
	db_bind_text(q, topic->title);
	db_bind_text(q, topic->url);
	db_bind_string(q, idempotency->route);
	db_bind_text(q, has_key ? idempotency->key : (struct slice){ 0 });
	db_bind_hash(q, has_key ? &idempotency->body : NULL);
}

enum err
conversation_direct(struct db *db, uint64_t user_id, uint64_t other_id,
    const struct topic *topic, const struct idempotency *idempotency,
    struct made *ret_made)
{
	struct arena *arena = arena_new();
	struct db_query *q = db_query(db, &call_direct);
	const char *word;
	enum err err;

	bind_direct(q, user_id, other_id, topic, idempotency);
	err = db_one(q);
	if (err == OK) {
		struct made made;

		word = db_text(q, arena);
		made.id = db_u64(q);
		made.status = db_u64(q);
		made.created = strcmp(word, "made") == 0;
		made.replayed = strcmp(word, "replayed") == 0;
		db_done(q);
		if (strcmp(word, "mismatch") == 0)
			err = ERR_MISMATCH;
		else if (strcmp(word, "in_progress") == 0)
			err = ERR_IN_PROGRESS;
		else
			*ret_made = made;
	}
	arena_free(arena);
	return err;
}

static enum err
take_marks(struct db_query *q, struct marks *ret_marks)
{
	struct marks marks;
	bool found;
	enum err err = db_one(q);

	if (err != OK)
		return err;
	found = db_bool(q);
	marks.moved = db_bool(q);
	marks.read_no = db_u64(q);
	marks.delivered_no = db_u64(q);
	marks.unread_count = db_u64(q);
	db_done(q);
	if (!found)
		return ERR_NOT_FOUND;
	*ret_marks = marks;
	return OK;
}

enum err
conversation_mark(struct db *db, uint64_t user_id, uint64_t id, enum mark mark,
    uint64_t up_to, uint64_t receipts_members, struct marks *ret_marks)
{
	struct db_query *q = db_query(db, &call_mark);

	db_bind_u64(q, user_id);
	db_bind_u64(q, id);
	db_bind_string(q, mark == MARK_READ ? "read" : "delivered");
	db_bind_u64(q, up_to);
	db_bind_u64(q, receipts_members);
	return take_marks(q, ret_marks);
}

enum err
conversation_mark_unread(struct db *db, uint64_t user_id, uint64_t id,
    uint64_t from, uint64_t receipts_members, struct marks *ret_marks)
{
	struct db_query *q = db_query(db, &call_mark_unread);

	db_bind_u64(q, user_id);
	db_bind_u64(q, id);
	db_bind_u64(q, from);
	db_bind_u64(q, receipts_members);
	return take_marks(q, ret_marks);
}
