/* Direct conversations and the marks in them. */
#include <pthread.h>
#include <time.h>

#include "tests/db/world.h"

static const struct topic no_topic = { .type = { "", 0 }, .id = { "", 0 } };

static enum err
direct(uint64_t user_id, uint64_t other_id, const struct topic *topic,
    const char *key, const char *body, struct made *ret_made)
{
	struct idempotency idempotency = { .route = "POST /conversations" };

	if (key != NULL) {
		idempotency.key = slice_of(key);
		idempotency.body = hash_of(slice_of(body));
	}
	return conversation_direct(
	    world.db, user_id, other_id, topic, &idempotency, ret_made);
}

TEST(two_people_have_one_direct_conversation_for_each_topic)
{
	const struct topic umbrella = {
		.type = slice_of("item"),
		.id = slice_of("5"),
		.title = slice_of("Blue umbrella"),
	};
	struct made first, again, about;
	struct conversation conversation;
	uint64_t ada, bob;

	world_open();
	ada = world_person("ada");
	bob = world_person("bob");
	CHECK(direct(ada, bob, &no_topic, NULL, NULL, &first) == OK);
	CHECK(first.created && first.status == 201);
	CHECK(direct(bob, ada, &no_topic, NULL, NULL, &again) == OK);
	CHECK(!again.created && again.id == first.id && again.status == 200);
	CHECK(direct(ada, bob, &umbrella, NULL, NULL, &about) == OK);
	CHECK(about.created && about.id != first.id);
	CHECK(conversation_get(
		  world.db, world.arena, bob, about.id, &conversation) == OK);
	CHECK_STR(conversation.topic_title, "Blue umbrella");
	CHECK(conversation.members.count == 2);
	CHECK(conversation.member_count == 2);
	CHECK(conversation.last_message.id == 0);
	CHECK(conversation_get(world.db, world.arena, world_person("eve"),
		  about.id, &conversation) == ERR_NOT_FOUND);
	world_close();
}

TEST(a_key_used_again_makes_nothing_and_answers_the_same)
{
	struct made first, again;
	uint64_t ada, bob;

	world_open();
	ada = world_person("ada");
	bob = world_person("bob");
	CHECK(direct(ada, bob, &no_topic, "k", "body", &first) == OK);
	CHECK(first.created && !first.replayed);
	CHECK(direct(ada, bob, &no_topic, "k", "body", &again) == OK);
	CHECK(again.replayed && again.id == first.id && again.status == 201);
	CHECK(
	    direct(ada, bob, &no_topic, "k", "other", &again) == ERR_MISMATCH);
	CHECK(direct(bob, ada, &no_topic, "k", "other", &again) == OK);
	CHECK(!again.replayed); /* keys are each person's own */
	world_close();
}

struct racer {
	struct db *db;
	uint64_t user_id, other_id;
	struct made made;
	enum err err;
};

static void *
race(void *arg)
{
	struct racer *racer = arg;
	const struct idempotency none = { .route = "" };

	racer->err = conversation_direct(racer->db, racer->user_id,
	    racer->other_id, &no_topic, &none, &racer->made);
	return NULL;
}

TEST(both_writing_first_at_once_get_the_same_conversation)
{
	enum { RACERS = 8, ROUNDS = 20 };
	struct racer racers[RACERS];
	pthread_t threads[RACERS];

	world_open();
	for (int i = 0; i < RACERS; i++)
		racers[i].db = db_new(&world.config);
	for (int round = 0; round < ROUNDS; round++) {
		uint64_t ada = world_person("ada"), bob = world_person("bob");
		int created = 0;

		for (int i = 0; i < RACERS; i++) {
			racers[i].user_id = i % 2 ? ada : bob;
			racers[i].other_id = i % 2 ? bob : ada;
			CHECK(pthread_create(
				  &threads[i], NULL, race, &racers[i]) == 0);
		}
		for (int i = 0; i < RACERS; i++) {
			CHECK(pthread_join(threads[i], NULL) == 0);
			CHECK(racers[i].err == OK);
			CHECK(racers[i].made.id == racers[0].made.id);
			created += racers[i].made.created;
		}
		CHECK(created == 1);
	}
	for (int i = 0; i < RACERS; i++)
		db_free(racers[i].db);
	world_close();
}

TEST(a_mark_moves_forward_only_and_is_cut_to_the_last_message)
{
	struct message_sent sent;
	struct marks marks;
	uint64_t ada, bob, id;

	world_open();
	ada = world_person("ada");
	bob = world_person("bob");
	id = world_direct(ada, bob);
	for (int i = 0; i < 5; i++)
		CHECK(world_send(ada, id, "hi", NULL, &sent) == OK);

	CHECK(conversation_mark(
		  world.db, bob, id, MARK_DELIVERED, 3, 50, &marks) == OK);
	CHECK(marks.moved && marks.read_no == 0 && marks.delivered_no == 3);
	CHECK(marks.unread_count == 5);
	CHECK(conversation_mark(world.db, bob, id, MARK_READ, 2, 50, &marks) ==
	    OK);
	CHECK(marks.moved && marks.read_no == 2 && marks.delivered_no == 3);
	CHECK(conversation_mark(world.db, bob, id, MARK_READ, 1, 50, &marks) ==
	    OK);
	CHECK(!marks.moved && marks.read_no == 2);
	CHECK(conversation_mark(world.db, bob, id, MARK_READ, 99, 50, &marks) ==
	    OK);
	CHECK(marks.read_no == 5 && marks.delivered_no == 5);
	CHECK(marks.unread_count == 0);
	CHECK(conversation_mark(world.db, world_person("eve"), id, MARK_READ, 1,
		  50, &marks) == ERR_NOT_FOUND);
	world_close();
}

TEST(marking_as_unread_is_what_moves_the_mark_back)
{
	struct message_sent sent;
	struct marks marks;
	uint64_t ada, bob, id;

	world_open();
	ada = world_person("ada");
	bob = world_person("bob");
	id = world_direct(ada, bob);
	for (int i = 0; i < 3; i++)
		CHECK(world_send(ada, id, "hi", NULL, &sent) == OK);
	CHECK(conversation_mark(world.db, bob, id, MARK_READ, 3, 50, &marks) ==
	    OK);
	CHECK(conversation_mark_unread(world.db, bob, id, 2, 50, &marks) == OK);
	CHECK(marks.moved && marks.read_no == 1 && marks.unread_count == 2);
	CHECK(marks.delivered_no == 3);
	CHECK(conversation_mark_unread(world.db, bob, id, 2, 50, &marks) == OK);
	CHECK(!marks.moved);
	CHECK(marks.delivered_no == 3);
	CHECK(
	    conversation_mark_unread(world.db, bob, id, 99, 50, &marks) == OK);
	CHECK(marks.read_no == 3 && marks.moved);
	CHECK(conversation_mark_unread(world.db, world_person("eve"), id, 1, 50,
		  &marks) == ERR_NOT_FOUND);
	world_close();
}

TEST(the_list_has_the_newest_activity_first_and_goes_on_after_it)
{
	struct conversation_filter filter = {
		.kind = "", .topic_type = { "", 0 }, .topic_id = { "", 0 }
	};
	struct conversation_list list;
	struct message_sent sent;
	uint64_t ada, ids[5];
	/* Times are in milliseconds, and the message's is to be a later one. */
	const struct timespec tick = { .tv_nsec = 2000000 };

	world_open();
	ada = world_person("ada");
	for (int i = 0; i < 5; i++)
		ids[i] = world_direct(ada, world_person("other"));
	CHECK(nanosleep(&tick, NULL) == 0);
	CHECK(world_send(ada, ids[1], "newest", NULL, &sent) == OK);
	CHECK(conversation_list(
		  world.db, world.arena, ada, &filter, 2, &list) == OK);
	CHECK(list.count == 2);
	CHECK(list.items[0].id == ids[1]);
	CHECK_STR(list.items[0].last_message.text, "newest");
	CHECK(list.items[0].members.count == 2);
	CHECK(list.items[1].id == ids[4]);
	filter.before_active_at = list.items[1].active_at;
	filter.before_id = list.items[1].id;
	CHECK(conversation_list(
		  world.db, world.arena, ada, &filter, 10, &list) == OK);
	CHECK(list.count == 3 && list.items[0].id == ids[3]);
	filter.kind = "group";
	CHECK(conversation_list(
		  world.db, world.arena, ada, &filter, 10, &list) == OK);
	CHECK(list.count == 0);
	world_close();
}

TEST_MAIN()
