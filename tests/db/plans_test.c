/*
 * Every query is answered by an index: with 100 000 messages and as many
 * events, none reads more rows than what it answers with makes necessary.
 */
#include "tests/db/world.h"

#define ROWS_MAX 3000 /* read by one call; the tables have 100 000 */

SQL_READ(rows_read,
    "SELECT CAST(SUM(variable_value) AS UNSIGNED)"
    "  FROM information_schema.session_status"
    " WHERE variable_name LIKE 'Handler_read%'");

/* 200 people, each in a direct conversation with 10 others, 100 messages. */
static const char fill[] =
    "INSERT INTO users (id, username, name, created_at)"
    " SELECT 100000 + seq, CONCAT('filler', seq), CONCAT('Filler ', seq),"
    "  UTC_TIMESTAMP(3) FROM seq_1_to_200;"
    "INSERT INTO user_words SELECT '', username, id FROM users"
    " WHERE id > 100000;"
    "INSERT INTO conversations (id, kind, direct_low, direct_high,"
    "  member_count, last_no, event_seq, active_at, created_at)"
    " SELECT 100000 + seq, 'direct', 100001 + (seq - 1) DIV 5,"
    "  100001 + ((seq - 1) DIV 5 + 1 + seq % 5) % 200, 2, 100, 100,"
    "  UTC_TIMESTAMP(3), UTC_TIMESTAMP(3) FROM seq_1_to_1000;"
    "INSERT INTO members (conversation_id, user_id, joined_at)"
    " SELECT id, direct_low, UTC_TIMESTAMP(3) FROM conversations"
    "  WHERE id > 100000"
    " UNION ALL SELECT id, direct_high, UTC_TIMESTAMP(3)"
    "  FROM conversations WHERE id > 100000;"
    "INSERT INTO messages (conversation_id, no, seq, sender_id, text,"
    "  created_at)"
    " SELECT c.id, s.seq, s.seq, c.direct_low, 'hi', UTC_TIMESTAMP(3)"
    "  FROM conversations c JOIN seq_1_to_100 s WHERE c.id > 100000;"
    "INSERT INTO events (pos, type, conversation_id, seq, actor_id,"
    "  author_id, message_id, no, timestamp, created_at, payload)"
    " SELECT id, 'chat_message', conversation_id, seq, sender_id, sender_id,"
    "  id, no, created_at, created_at, '{}' FROM messages;"
    "UPDATE event_counter SET head = (SELECT MAX(pos) FROM events);"
    "INSERT INTO sessions (user_id, token_hash, created_at, last_used_at,"
    "  expires_at, address, user_agent)"
    " SELECT 100001 + seq % 200, CONCAT(LPAD(seq, 32, 'x')),"
    "  UTC_TIMESTAMP(3), UTC_TIMESTAMP(3),"
    "  UTC_TIMESTAMP(3) + INTERVAL 1 DAY, '', '' FROM seq_1_to_10000;"
    "INSERT INTO login_attempts (account, address, attempted_at)"
    " SELECT CONCAT('a', seq), '192.0.2.1', UTC_TIMESTAMP(3)"
    "  FROM seq_1_to_10000;"
    "ANALYZE TABLE users, user_words, conversations, members, messages,"
    "  events, sessions, login_attempts";

static uint64_t
read_so_far(void)
{
	struct db_query *q = db_query(world.db, &rows_read);
	uint64_t sum;

	CHECK(db_one(q) == OK);
	sum = db_u64(q);
	db_done(q);
	return sum;
}

/* The row that the measuring itself reads is forgiven. */
#define CHECK_CHEAP(call)                                               \
	do {                                                            \
		uint64_t before_ = read_so_far(), rows_;                \
		enum err err_ = (call);                                 \
		rows_ = read_so_far() - before_;                        \
		if (err_ != OK || rows_ > ROWS_MAX) {                   \
			printf("# %s: %s after %llu rows\n", #call,     \
			    err_code(err_), (unsigned long long)rows_); \
			exit(1);                                        \
		}                                                       \
	} while (0)

static const uint64_t user_id = 100050, conversation_id = 100246;

static void
check_reading(void)
{
	struct conversation_filter filter = {
		.kind = "", .topic_type = { "", 0 }, .topic_id = { "", 0 }
	};
	struct conversation_list conversations;
	struct conversation conversation;
	struct message_list messages;
	struct unread_list unread;
	struct member_list members;
	struct user_list users;
	struct user user;
	uint64_t count;

	CHECK_CHEAP(conversation_list(
	    world.db, world.arena, user_id, &filter, 50, &conversations));
	filter.query = slice_of("fil");
	CHECK_CHEAP(conversation_list(
	    world.db, world.arena, user_id, &filter, 50, &conversations));
	CHECK_CHEAP(conversation_get(
	    world.db, world.arena, user_id, conversation_id, &conversation));
	CHECK_CHEAP(
	    conversation_unread(world.db, world.arena, user_id, &unread));
	CHECK(unread.total > 0);
	CHECK_CHEAP(conversation_members(
	    world.db, world.arena, conversation_id, 0, 50, &members));
	CHECK_CHEAP(conversation_member_count(
	    world.db, user_id, conversation_id, &count));
	CHECK_CHEAP(message_before(
	    world.db, world.arena, conversation_id, 60, 50, &messages));
	CHECK_CHEAP(message_after(
	    world.db, world.arena, conversation_id, 30, 50, &messages));
	CHECK_CHEAP(user_search(world.db, world.arena, "", slice_of("filler1"),
	    slice_of(""), 50, &users));
	CHECK_CHEAP(user_get(world.db, world.arena, user_id, &user));
	CHECK_CHEAP(user_find_name(
	    world.db, world.arena, "", slice_of("filler7"), &user));
}

static void
check_writing(void)
{
	struct message_sent sent;
	struct marks marks;
	uint64_t attempt_id, retry_after;

	CHECK_CHEAP(world_send(user_id, conversation_id, "hi", "c", &sent));
	CHECK_CHEAP(world_send(user_id, conversation_id, "hi", "c", &sent));
	CHECK_CHEAP(conversation_mark(
	    world.db, user_id, conversation_id, MARK_READ, 50, 50, &marks));
	CHECK_CHEAP(conversation_mark_unread(
	    world.db, user_id, conversation_id, 3, 50, &marks));
	CHECK_CHEAP(login_attempt(world.db, slice_of("a77"), "192.0.2.9", 10,
	    100, &attempt_id, &retry_after));
	CHECK_CHEAP(attempt_forget(world.db, attempt_id, OK));
	CHECK_CHEAP(
	    registration_attempt(world.db, "192.0.2.9", 100, &retry_after));
	CHECK_CHEAP(registration_check(world.db, slice_of("nobody.yet")));
	CHECK_CHEAP(expired_prune(world.db, 100));
}

static void
check_following(void)
{
	struct event_range range;
	struct event_list events;
	struct stream stream;
	struct hash token = world_session(user_id);
	uint64_t removed, *ids;
	size_t count, buried;

	CHECK_CHEAP(events_range(world.db, &range));
	CHECK_CHEAP(
	    events_follow(world.db, world.arena, range.head, 0, 500, &events));
	CHECK(events.count > 0);
	CHECK_CHEAP(events_follow(world.db, world.arena,
	    events.items[events.count - 1].pos, 0, 500, &events));
	CHECK(events.count == 0);
	CHECK_CHEAP(events_replay(world.db, world.arena, user_id, 0,
	    range.head - 100, range.head, 100, &events));
	CHECK_CHEAP(events_replay(world.db, world.arena, user_id, 0,
	    range.floor, range.head, 100, &events));
	CHECK(events.count == 100);
	CHECK_CHEAP(events_replay(world.db, world.arena, user_id,
	    conversation_id, range.floor, range.head, 50, &events));
	CHECK_CHEAP(events_prune(world.db, 1, 100, &removed));
	CHECK_CHEAP(stream_open(
	    world.db, world.arena, CREDENTIAL_SESSION, &token, 50, &stream));
	CHECK_CHEAP(presence_audience(
	    world.db, world.arena, user_id, 50, &ids, &count));
	CHECK_CHEAP(
	    presence_reap(world.db, world.arena, 100, &ids, &count, &buried));
}

TEST(no_query_reads_a_table_from_end_to_end)
{
	const char *message = "";

	world_open();
	if (db_script(world.db, world.arena, fill, &message) != OK)
		printf("# %s\n", message);
	CHECK(*message == '\0');
	check_reading();
	check_writing();
	check_following();
	world_close();
}

TEST_MAIN()
