/* The log: positions, reading on, replay, pruning. */
#include "tests/db/world.h"

/* Everything after cursor, stamped. */
static struct event_list
follow(uint64_t cursor)
{
	struct event_list list;

	CHECK(
	    events_follow(world.db, world.arena, cursor, 0, 1000, &list) == OK);
	return list;
}

/* Stamp all there is; where the log ends then. */
static uint64_t
head(void)
{
	struct event_range range;

	(void)follow(0);
	CHECK(events_range(world.db, &range) == OK);
	return range.head;
}

TEST(an_event_has_no_position_until_it_is_stamped)
{
	struct message_sent sent;
	struct event_range before, after;
	uint64_t ada, id, cursor;
	struct event_list list;
	bool found = false;

	world_open();
	ada = world_person("ada");
	id = world_direct(ada, world_person("bob"));
	cursor = head();
	CHECK(events_range(world.db, &before) == OK);
	CHECK(world_send(ada, id, "hi", NULL, &sent) == OK);
	CHECK(events_range(world.db, &after) == OK);
	CHECK(after.head == before.head);

	list = follow(cursor);
	for (size_t i = 0; i < list.count; i++) {
		if (list.items[i].message_id != sent.message.id)
			continue;
		found = true;
		CHECK_STR(list.items[i].type, "chat_message");
		CHECK(list.items[i].conversation_id == id);
		CHECK(list.items[i].seq == 1 && list.items[i].no == 1);
		CHECK(list.items[i].actor_id == ada);
		CHECK(list.items[i].user_id == 0);
		CHECK(list.items[i].timestamp == sent.message.created_at);
		CHECK(list.items[i].payload.data[0] == '{');
		CHECK(list.items[i].pos > cursor);
	}
	CHECK(found);
	world_close();
}

TEST(what_becomes_visible_late_is_stamped_late_and_not_skipped)
{
	struct db *other;
	const char *message;
	struct message_sent sent;
	struct event_list list;
	uint64_t ada, id, cursor;

	world_open();
	ada = world_person("ada");
	id = world_direct(ada, world_person("bob"));
	cursor = head();

	/* Written first, with the smaller id, but not committed yet. */
	other = db_new(&world.config);
	CHECK(db_begin(other) == OK);
	CHECK(db_script(other, world.arena,
		  "INSERT INTO events (type, user_id, actor_id, timestamp,"
		  " created_at, payload) VALUES ('late', 1, 1,"
		  " UTC_TIMESTAMP(3), UTC_TIMESTAMP(3), '{}')",
		  &message) == OK);
	CHECK(world_send(ada, id, "hi", NULL, &sent) == OK);
	list = follow(cursor);
	CHECK(list.count == 1);
	CHECK(list.items[0].message_id == sent.message.id);

	CHECK(db_commit(other) == OK);
	list = follow(list.items[0].pos);
	CHECK(list.count == 1);
	CHECK_STR(list.items[0].type, "late");
	db_free(other);
	world_close();
}

TEST(replay_gives_members_what_they_missed_and_outsiders_nothing)
{
	struct message_sent sent;
	struct event_list list;
	struct marks marks;
	uint64_t ada, bob, eve, id, cursor, last;

	world_open();
	ada = world_person("ada");
	bob = world_person("bob");
	eve = world_person("eve");
	cursor = head();
	id = world_direct(ada, bob);
	for (int i = 0; i < 3; i++)
		CHECK(world_send(ada, id, "hi", NULL, &sent) == OK);
	CHECK(conversation_mark(world.db, bob, id, MARK_READ, 2, 50, &marks) ==
	    OK);
	last = head();

	CHECK(events_replay(world.db, world.arena, bob, 0, cursor, last, 100,
		  &list) == OK);
	CHECK(list.count == 5);
	CHECK_STR(list.items[0].type, "conversation_refresh");
	for (size_t i = 1; i < 5; i++) {
		CHECK(list.items[i].seq == i);
		CHECK(list.items[i].pos > list.items[i - 1].pos);
	}
	CHECK_STR(list.items[4].type, "message_read");
	CHECK(list.items[4].up_to == 2 && list.items[4].unread_count == 1);

	CHECK(events_replay(
		  world.db, world.arena, bob, 0, cursor, last, 2, &list) == OK);
	CHECK(list.count == 2 && list.items[1].seq == 1);
	CHECK(events_replay(world.db, world.arena, bob, id, cursor, last, 100,
		  &list) == OK);
	CHECK(list.count == 5);
	CHECK(events_replay(world.db, world.arena, eve, 0, cursor, last, 100,
		  &list) == OK);
	CHECK(list.count == 0);
	CHECK(events_replay(world.db, world.arena, eve, id, cursor, last, 100,
		  &list) == OK);
	CHECK(list.count == 0);
	world_close();
}

TEST(an_ended_session_is_in_the_log_but_not_in_a_replay)
{
	struct session_list sessions;
	struct event_list list;
	uint64_t ada, cursor;
	bool found = false;

	world_open();
	ada = world_person("ada");
	world_session(ada);
	cursor = head();
	CHECK(session_list(world.db, world.arena, ada, &sessions) == OK);
	CHECK(sessions.count == 1);
	CHECK(session_end(world.db, ada, sessions.items[0].id) == OK);
	CHECK(session_end(world.db, ada, sessions.items[0].id) == OK);

	list = follow(cursor);
	for (size_t i = 0; i < list.count; i++)
		found |= list.items[i].session_id == sessions.items[0].id;
	CHECK(found);
	CHECK(events_replay(world.db, world.arena, ada, 0, cursor, head(), 100,
		  &list) == OK);
	CHECK(list.count == 0);
	world_close();
}

TEST(pruning_removes_the_oldest_and_raises_the_floor)
{
	const char *message;
	struct message_sent sent;
	struct event_range before, range;
	struct event_list list;
	uint64_t ada, id, removed = 0;

	world_open();
	ada = world_person("ada");
	id = world_direct(ada, world_person("bob"));
	for (int i = 0; i < 3; i++)
		CHECK(world_send(ada, id, "old", NULL, &sent) == OK);
	(void)head();
	CHECK(events_range(world.db, &before) == OK);
	CHECK(events_prune(world.db, 24, 1000, &removed) == OK);
	CHECK(removed == 0);
	CHECK(db_script(world.db, world.arena,
		  "UPDATE events SET created_at = created_at"
		  " - INTERVAL 2 DAY",
		  &message) == OK);
	CHECK(world_send(ada, id, "new", NULL, &sent) == OK);

	CHECK(events_prune(world.db, 24, 1, &removed) == OK);
	CHECK(removed == 1);
	CHECK(events_prune(world.db, 24, 1000, &removed) == OK);
	CHECK(removed >= 2);
	(void)head();
	CHECK(events_range(world.db, &range) == OK);
	CHECK(range.floor == before.head && range.head == before.head + 1);
	list = follow(0);
	CHECK(list.count == 1);
	CHECK(list.items[0].message_id == sent.message.id);
	world_close();
}

TEST(an_advanced_counter_uses_no_known_position_and_believes_no_cursor)
{
	struct event_range range;
	struct message_sent sent;
	struct event_list list;
	uint64_t ada, id, cursor;

	world_open();
	ada = world_person("ada");
	id = world_direct(ada, world_person("bob"));
	cursor = head();
	CHECK(events_advance(world.db, 1000) == OK);
	CHECK(events_range(world.db, &range) == OK);
	CHECK(range.head == cursor + 1000 && range.floor == range.head);
	CHECK(world_send(ada, id, "hi", NULL, &sent) == OK);
	list = follow(cursor);
	CHECK(list.count == 1 && list.items[0].pos == cursor + 1001);
	world_close();
}

TEST_MAIN()
