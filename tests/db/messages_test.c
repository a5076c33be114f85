/* Sending, sending again, and reading back. */
#include "tests/db/world.h"

TEST(messages_of_a_conversation_are_numbered_without_a_gap)
{
	struct message_sent sent;
	uint64_t ada, bob, id;

	world_open();
	ada = world_person("ada");
	bob = world_person("bob");
	id = world_direct(ada, bob);
	for (uint64_t no = 1; no <= 5; no++) {
		CHECK(world_send(no % 2 ? ada : bob, id, "hi", NULL, &sent) ==
		    OK);
		CHECK(sent.message.no == no);
		CHECK(!sent.replayed);
		CHECK(sent.message.created_at > 0);
	}
	world_close();
}

TEST(a_refused_message_takes_no_number)
{
	struct message_draft draft = {
		.sender_username = "s", .sender_name = "S", .reply_to = 1u << 30
	};
	struct message_sent sent;
	uint64_t ada, outsider, id;

	world_open();
	ada = world_person("ada");
	outsider = world_person("eve");
	id = world_direct(ada, world_person("bob"));
	CHECK(world_send(outsider, id, "hi", NULL, &sent) == ERR_NOT_FOUND);
	CHECK(world_send(ada, UINT32_MAX, "hi", NULL, &sent) == ERR_NOT_FOUND);
	draft.conversation_id = id;
	draft.sender_id = ada;
	draft.text = slice_of("no such message to reply to");
	CHECK(message_send(world.db, world.arena, &draft, 0, &sent) ==
	    ERR_INVALID);
	CHECK(world_send(ada, id, "hi", NULL, &sent) == OK);
	CHECK(sent.message.no == 1);
	world_close();
}

TEST(a_client_id_sends_once_and_answers_with_the_same_message)
{
	struct message_sent first, second;
	struct unread_list unread;
	uint64_t ada, bob, id;

	world_open();
	ada = world_person("ada");
	bob = world_person("bob");
	id = world_direct(ada, bob);
	CHECK(world_send(ada, id, "once", "c-1", &first) == OK);
	CHECK(world_send(ada, id, "once", "c-1", &second) == OK);
	CHECK(second.replayed);
	CHECK(second.message.id == first.message.id);
	CHECK(second.message.no == 1);
	CHECK_STR(second.message.text, "once");
	CHECK(world_send(ada, id, "other", "c-1", &second) == ERR_MISMATCH);
	CHECK(world_send(bob, id, "once", "c-1", &second) == OK);
	CHECK(!second.replayed); /* it is unique per sender */
	CHECK(conversation_unread(world.db, world.arena, bob, &unread) == OK);
	CHECK(unread.total == 0); /* sending moved bob's marks */
	world_close();
}

TEST(client_ids_are_told_apart_by_case_and_blanks)
{
	struct message_sent sent;
	uint64_t ada, id;

	world_open();
	ada = world_person("ada");
	id = world_direct(ada, world_person("bob"));
	CHECK(world_send(ada, id, "x", "a", &sent) == OK);
	CHECK(world_send(ada, id, "y", "A", &sent) == OK && !sent.replayed);
	CHECK(world_send(ada, id, "x", "a ", &sent) == OK && !sent.replayed);
	world_close();
}

TEST(one_message_more_than_the_rate_is_refused_until_later)
{
	struct message_draft draft = {
		.sender_username = "s",
		.sender_name = "S",
		.text = { "hi", 2 },
	};
	struct message_sent sent;

	world_open();
	draft.sender_id = world_person("ada");
	draft.conversation_id = world_direct(
	    draft.sender_id, world_person("bob"));
	for (int i = 0; i < 3; i++)
		CHECK(message_send(world.db, world.arena, &draft, 3, &sent) ==
		    OK);
	sent.retry_after = 0;
	CHECK(message_send(world.db, world.arena, &draft, 3, &sent) ==
	    ERR_RATE_LIMITED);
	CHECK(sent.retry_after >= 1 && sent.retry_after <= 10);
	CHECK(message_send(world.db, world.arena, &draft, 0, &sent) == OK);
	CHECK(sent.message.no == 4); /* the refused one took no number */
	world_close();
}

TEST(what_was_sent_is_sent_again_past_the_rate)
{
	struct message_draft draft = {
		.sender_username = "s",
		.sender_name = "S",
		.text = { "hi", 2 },
		.client_id = { "once", 4 },
	};
	struct message_sent sent;

	world_open();
	draft.sender_id = world_person("ada");
	draft.conversation_id = world_direct(
	    draft.sender_id, world_person("bob"));
	CHECK(message_send(world.db, world.arena, &draft, 1, &sent) == OK);
	CHECK(message_send(world.db, world.arena, &draft, 1, &sent) == OK);
	CHECK(sent.replayed);
	world_close();
}

/* How many conversations user_id has. */
static size_t
count_conversations(uint64_t user_id)
{
	const struct conversation_filter filter = {
		.kind = "", .topic_type = { "", 0 }, .topic_id = { "", 0 }
	};
	struct conversation_list list;

	CHECK(conversation_list(
		  world.db, world.arena, user_id, &filter, 10, &list) == OK);
	return list.count;
}

TEST(a_conversation_is_made_for_a_message_that_is_sent_and_for_no_other)
{
	struct message_draft draft = {
		.sender_username = "s",
		.sender_name = "S",
		.text = { "hi", 2 },
		.client_id = { "used", 4 },
	};
	struct message_sent sent;
	uint64_t ada, bob, cyd;

	world_open();
	ada = world_person("ada");
	bob = world_person("bob");
	cyd = world_person("cyd");
	draft.sender_id = ada;
	draft.other_id = bob;
	CHECK(message_send(world.db, world.arena, &draft, 1, &sent) == OK);
	CHECK(sent.message.no == 1 && sent.message.conversation_id != 0);
	CHECK(message_send(world.db, world.arena, &draft, 1, &sent) == OK);
	CHECK(sent.replayed && sent.message.no == 1);
	CHECK(count_conversations(bob) == 1);

	draft.other_id = cyd;
	CHECK(message_send(world.db, world.arena, &draft, 0, &sent) ==
	    ERR_MISMATCH);
	draft.client_id = (struct slice){ 0 };
	CHECK(message_send(world.db, world.arena, &draft, 1, &sent) ==
	    ERR_RATE_LIMITED);
	CHECK(count_conversations(cyd) == 0);
	CHECK(message_send(world.db, world.arena, &draft, 0, &sent) == OK);
	CHECK(count_conversations(cyd) == 1);
	world_close();
}

TEST(pages_go_back_forth_and_around)
{
	struct message_list list;
	struct message_sent sent;
	uint64_t ada, id;

	world_open();
	ada = world_person("ada");
	id = world_direct(ada, world_person("bob"));
	for (int i = 0; i < 10; i++)
		CHECK(world_send(ada, id, "hi", NULL, &sent) == OK);

	CHECK(message_before(world.db, world.arena, id, UINT32_MAX, 4, &list) ==
	    OK);
	CHECK(list.count == 4 && list.has_more);
	CHECK(list.items[0].no == 10 && list.items[3].no == 7);
	CHECK(message_before(world.db, world.arena, id, 4, 3, &list) == OK);
	CHECK(list.count == 3 && !list.has_more && list.items[2].no == 1);
	CHECK(message_after(world.db, world.arena, id, 7, 10, &list) == OK);
	CHECK(list.count == 3 && !list.has_more && list.items[0].no == 8);
	CHECK(message_around(world.db, world.arena, id, 5, 4, &list) == OK);
	CHECK(list.count == 4 && list.items[0].no == 6);
	CHECK(list.items[3].no == 3 && list.has_more);
	CHECK(message_around(world.db, world.arena, id, 0, 2, &list) == OK);
	CHECK(list.count == 1 && list.items[0].no == 1);
	world_close();
}

TEST_MAIN()
