/* Sessions, tickets, invitations, log-in attempts, people. */
#include <pthread.h>

#include "tests/db/world.h"

static void
script(const char *text)
{
	const char *message = "";

	if (db_script(world.db, world.arena, text, &message) != OK)
		printf("# %s\n", message);
	CHECK(*message == '\0');
}

TEST(a_session_is_good_until_it_expires_or_is_ended)
{
	struct identity identity;
	struct hash token, other;
	uint64_t ada;

	world_open();
	ada = world_person("ada");
	token = world_session(ada);
	other = hash_of(slice_of("somebody else's"));
	CHECK(session_authenticate(
		  world.db, world.arena, &token, 30, &identity) == OK);
	CHECK(identity.user_id == ada && !identity.is_admin);
	CHECK(session_authenticate(world.db, world.arena, &other, 30,
		  &identity) == ERR_UNAUTHENTICATED);
	script("UPDATE sessions SET expires_at = UTC_TIMESTAMP(3)"
	       " - INTERVAL 1 SECOND");
	CHECK(session_authenticate(world.db, world.arena, &token, 30,
		  &identity) == ERR_UNAUTHENTICATED);
	token = world_session(ada);
	CHECK(session_authenticate(
		  world.db, world.arena, &token, 30, &identity) == OK);
	CHECK(session_end(world.db, ada, identity.session_id) == OK);
	CHECK(session_authenticate(world.db, world.arena, &token, 30,
		  &identity) == ERR_UNAUTHENTICATED);
	world_close();
}

TEST(nobody_ends_another_ones_session)
{
	struct identity identity;
	struct hash token;
	uint64_t ada;

	world_open();
	ada = world_person("ada");
	token = world_session(ada);
	CHECK(session_authenticate(
		  world.db, world.arena, &token, 30, &identity) == OK);
	CHECK(session_end(world.db, world_person("eve"), identity.session_id) ==
	    OK);
	CHECK(session_authenticate(
		  world.db, world.arena, &token, 30, &identity) == OK);
	world_close();
}

TEST(a_new_password_ends_the_other_sessions)
{
	struct identity kept, identity;
	struct hash keep, other;
	uint64_t ada;

	world_open();
	ada = world_person("ada");
	keep = world_session(ada);
	other = world_session(ada);
	CHECK(session_authenticate(world.db, world.arena, &keep, 30, &kept) ==
	    OK);
	CHECK(
	    session_renew_password(world.db, ada, "y", kept.session_id) == OK);
	CHECK(session_authenticate(
		  world.db, world.arena, &keep, 30, &identity) == OK);
	CHECK(session_authenticate(world.db, world.arena, &other, 30,
		  &identity) == ERR_UNAUTHENTICATED);
	world_close();
}

TEST(one_session_too_many_ends_the_longest_unused_one)
{
	struct identity identity;
	struct session_list list;
	struct hash first;
	uint64_t ada;

	world_open();
	ada = world_person("ada");
	first = world_session(ada);
	script("UPDATE sessions SET last_used_at = UTC_TIMESTAMP(3)"
	       " - INTERVAL 1 HOUR");
	for (int i = 1; i < SESSIONS_MAX; i++)
		(void)world_session(ada);
	CHECK(session_list(world.db, world.arena, ada, &list) == OK);
	CHECK(list.count == SESSIONS_MAX);
	(void)world_session(ada);
	CHECK(session_list(world.db, world.arena, ada, &list) == OK);
	CHECK(list.count == SESSIONS_MAX);
	CHECK(session_authenticate(world.db, world.arena, &first, 30,
		  &identity) == ERR_UNAUTHENTICATED);
	world_close();
}

TEST(a_ticket_opens_one_stream)
{
	struct identity identity;
	struct stream stream;
	struct hash token, ticket = hash_of(slice_of("a ticket"));
	uint64_t ada, expires_at;

	world_open();
	ada = world_person("ada");
	token = world_session(ada);
	CHECK(session_authenticate(
		  world.db, world.arena, &token, 30, &identity) == OK);
	CHECK(ticket_create(world.db, &ticket, identity.session_id, 0, 30,
		  &expires_at) == OK);
	CHECK(stream_open(world.db, world.arena, CREDENTIAL_TICKET, &ticket, 50,
		  &stream) == OK);
	CHECK(stream.user_id == ada);
	CHECK(stream.session_id == identity.session_id);
	CHECK(stream_open(world.db, world.arena, CREDENTIAL_TICKET, &ticket, 50,
		  &stream) == ERR_UNAUTHENTICATED);
	CHECK(ticket_create(world.db, &ticket, identity.session_id, 0, 0,
		  &expires_at) == OK);
	CHECK(stream_open(world.db, world.arena, CREDENTIAL_TICKET, &ticket, 50,
		  &stream) == ERR_UNAUTHENTICATED); /* too late */
	world_close();
}

TEST(a_stream_starts_from_memberships_unread_and_who_is_online)
{
	struct stream stream;
	struct message_sent sent;
	struct hash token;
	uint64_t ada, bob, id, notifier_id;
	bool came_online;

	world_open();
	ada = world_person("ada");
	bob = world_person("bob");
	id = world_direct(ada, bob);
	CHECK(world_send(ada, id, "hi", NULL, &sent) == OK);
	CHECK(notifier_register(world.db, "test", 60, &notifier_id) == OK);
	CHECK(presence_up(world.db, ada, notifier_id, &came_online) == OK);
	CHECK(came_online);
	token = world_session(bob);
	CHECK(stream_open(world.db, world.arena, CREDENTIAL_SESSION, &token, 50,
		  &stream) == OK);
	CHECK(stream.subscription_count == 1);
	CHECK(stream.subscriptions[0].conversation_id == id);
	CHECK(stream.subscriptions[0].is_small);
	CHECK(stream.total_unread == 1);
	CHECK(stream.online_count == 1 && stream.online[0] == ada);
	CHECK(stream_renew(world.db, world.arena, stream.session_id, 0, 1,
		  &stream) == OK);
	CHECK(stream.user_id == bob);
	CHECK(!stream.subscriptions[0].is_small && stream.online_count == 0);
	world_close();
}

TEST(somebody_is_online_while_any_living_notifier_has_them)
{
	uint64_t ada, bob, first, second, last_seen_at, *ids;
	char dead[128];
	bool changed;
	size_t count, buried;

	world_open();
	ada = world_person("ada");
	bob = world_person("bob");
	CHECK(notifier_register(world.db, "first", 60, &first) == OK);
	CHECK(notifier_register(world.db, "second", 60, &second) == OK);
	CHECK(presence_up(world.db, ada, first, &changed) == OK && changed);
	CHECK(presence_up(world.db, ada, first, &changed) == OK && !changed);
	CHECK(presence_up(world.db, ada, second, &changed) == OK && !changed);
	CHECK(
	    presence_down(world.db, ada, first, &changed, &last_seen_at) == OK);
	CHECK(!changed);
	CHECK(presence_down(world.db, ada, second, &changed, &last_seen_at) ==
	    OK);
	CHECK(changed && last_seen_at > 0);
	CHECK(presence_up(world.db, ada, first, &changed) == OK && changed);
	CHECK(presence_up(world.db, bob, first, &changed) == OK && changed);
	CHECK(presence_up(world.db, bob, second, &changed) == OK && !changed);
	CHECK(notifier_alive(world.db, first, 60) == OK);
	CHECK(presence_reap(world.db, world.arena, 10, &ids, &count, &buried) ==
	    OK);
	CHECK(count == 0 && buried == 0); /* both live */

	snprintf(dead, sizeof(dead),
	    "UPDATE notifiers SET alive_until = UTC_TIMESTAMP(3)"
	    " - INTERVAL 1 SECOND WHERE id = %llu",
	    (unsigned long long)first);
	script(dead);
	CHECK(notifier_alive(world.db, first, 60) == ERR_NOT_FOUND);
	CHECK(presence_reap(world.db, world.arena, 10, &ids, &count, &buried) ==
	    OK);
	CHECK(count == 1 && ids[0] == ada && buried == 2);
	CHECK(presence_reap(world.db, world.arena, 10, &ids, &count, &buried) ==
	    OK);
	CHECK(buried == 0);
	world_close();
}

struct arrival {
	struct db *db;
	uint64_t user_id, notifier_id;
	bool is_coming, changed;
};

static void *
arrive(void *arg)
{
	struct arrival *arrival = arg;
	uint64_t last_seen_at;
	enum err err = arrival->is_coming
	    ? presence_up(arrival->db, arrival->user_id, arrival->notifier_id,
		  &arrival->changed)
	    : presence_down(arrival->db, arrival->user_id, arrival->notifier_id,
		  &arrival->changed, &last_seen_at);

	return err == OK ? arrival : NULL;
}

TEST(of_two_notifiers_that_meet_somebody_at_once_one_tells)
{
	enum { ROUNDS = 40 };
	struct arrival arrivals[2];
	pthread_t threads[2];
	void *done;

	world_open();
	for (size_t i = 0; i < 2; i++) {
		arrivals[i].db = db_new(&world.config);
		CHECK(notifier_register(world.db, "one of two", 60,
			  &arrivals[i].notifier_id) == OK);
	}
	for (int round = 0; round < ROUNDS; round++) {
		uint64_t ada = world_person("ada");

		for (int is_coming = 1; is_coming >= 0; is_coming--) {
			for (size_t i = 0; i < 2; i++) {
				arrivals[i].user_id = ada;
				arrivals[i].is_coming = is_coming;
				CHECK(pthread_create(&threads[i], NULL, arrive,
					  &arrivals[i]) == 0);
			}
			for (size_t i = 0; i < 2; i++)
				CHECK(pthread_join(threads[i], &done) == 0 &&
				    done != NULL);
			CHECK(arrivals[0].changed != arrivals[1].changed);
		}
	}
	for (size_t i = 0; i < 2; i++)
		db_free(arrivals[i].db);
	world_close();
}

TEST(attempts_past_the_limit_are_refused_for_account_and_address)
{
	uint64_t attempt_id, retry_after = 0;

	world_open();
	for (int i = 0; i < 3; i++)
		CHECK(login_attempt(world.db, slice_of("mallory"), "192.0.2.1",
			  3, 100, &attempt_id, &retry_after) == OK);
	CHECK(login_attempt(world.db, slice_of("mallory"), "192.0.2.2", 3, 100,
		  &attempt_id, &retry_after) == ERR_RATE_LIMITED);
	CHECK(retry_after > 0 && retry_after <= 301);
	CHECK(login_attempt(world.db, slice_of("other"), "192.0.2.1", 3, 3,
		  &attempt_id, &retry_after) == ERR_RATE_LIMITED);
	CHECK(login_attempt(world.db, slice_of("other"), "192.0.2.3", 3, 3,
		  &attempt_id, &retry_after) == OK);
	CHECK(attempt_forget(world.db, attempt_id, OK) == OK);
	CHECK(login_attempt(world.db, slice_of("mallory"), "192.0.2.2", 0, 0,
		  &attempt_id, &retry_after) == OK);
	world_close();
}

TEST(registrations_are_counted_by_address_and_apart_from_log_ins)
{
	uint64_t attempt_id, retry_after = 0;

	world_open();
	for (int i = 0; i < 3; i++)
		CHECK(registration_attempt(
			  world.db, "192.0.2.1", 3, &retry_after) == OK);
	CHECK(registration_attempt(world.db, "192.0.2.1", 3, &retry_after) ==
	    ERR_RATE_LIMITED);
	CHECK(retry_after > 0 && retry_after <= 301);
	CHECK(
	    registration_attempt(world.db, "192.0.2.2", 3, &retry_after) == OK);
	CHECK(
	    registration_attempt(world.db, "192.0.2.1", 0, &retry_after) == OK);
	CHECK(login_attempt(world.db, slice_of("ada"), "192.0.2.1", 1, 1,
		  &attempt_id, &retry_after) == OK);
	CHECK(attempt_forget(world.db, attempt_id, ERR_UNAVAILABLE) ==
	    ERR_UNAVAILABLE);
	CHECK(login_attempt(world.db, slice_of("ada"), "192.0.2.1", 1, 1,
		  &attempt_id, &retry_after) == OK);
	world_close();
}

TEST(an_invitation_is_used_up_and_brings_its_role)
{
	struct user_draft draft = {
		.username = slice_of("first-admin"),
		.name = slice_of("Ada Lovelace"),
		.password_hash = "x",
	};
	struct hash token = hash_of(slice_of("invitation"));
	struct user_list found;
	struct user user;
	bool exists;
	uint64_t id;

	world_open();
	draft.invitation = &token;
	CHECK(user_create(world.db, &draft, &id) == ERR_GONE);
	CHECK(invitation_create(world.db, &token, true, "lab", 1, 1) == OK);
	CHECK(user_admin_exists(world.db, &exists) == OK && !exists);
	CHECK(user_create(world.db, &draft, &id) == OK);
	CHECK(user_admin_exists(world.db, &exists) == OK && exists);
	CHECK(user_get(world.db, world.arena, id, &user) == OK);
	CHECK(user.is_admin);
	CHECK_STR(user.organisation, "lab");
	draft.username = slice_of("second");
	CHECK(user_create(world.db, &draft, &id) == ERR_GONE);
	draft.username = slice_of("first-admin");
	draft.invitation = NULL;
	CHECK(user_create(world.db, &draft, &id) == ERR_USERNAME_TAKEN);

	CHECK(user_search(world.db, world.arena, "lab", slice_of("lOVE"),
		  slice_of(""), 10, &found) == OK);
	CHECK(found.count == 1 && found.items[0].id == user.id);
	CHECK(user_search(world.db, world.arena, "lab", slice_of("ada l"),
		  slice_of(""), 10, &found) == OK);
	CHECK(found.count == 1);
	CHECK(user_search(world.db, world.arena, "", slice_of("love"),
		  slice_of(""), 10, &found) == OK);
	CHECK(found.count == 0); /* another organisation */
	CHECK(user_search(world.db, world.arena, "lab", slice_of("%"),
		  slice_of(""), 10, &found) == OK);
	CHECK(found.count == 0);
	world_close();
}

TEST(organisations_are_told_apart_by_every_byte)
{
	static const char *const names[] = {
		"Acme",
		"acme",
		"\u00e1cme",
		"acme ",
	};
	struct user_list found;

	world_open();
	for (size_t i = 0; i < 4; i++) {
		char username[16];
		struct user_draft draft = {
			.name = slice_of("Tenant"),
			.password_hash = "x",
		};
		struct hash token = hash_of(slice_of(names[i]));
		uint64_t id;

		snprintf(username, sizeof(username), "tenant%zu", i);
		draft.username = slice_of(username);
		draft.invitation = &token;
		CHECK(invitation_create(
			  world.db, &token, false, names[i], 1, 1) == OK);
		CHECK(user_create(world.db, &draft, &id) == OK);
	}
	for (size_t i = 0; i < 4; i++) {
		CHECK(user_search(world.db, world.arena, names[i],
			  slice_of("tenant"), slice_of(""), 10, &found) == OK);
		CHECK(found.count == 1);
		CHECK_STR(found.items[0].organisation, names[i]);
	}
	world_close();
}

TEST(a_key_that_takes_another_name_is_still_not_found)
{
	struct hash token = hash_of(slice_of("a key"));
	struct identity key;
	struct user_list found;
	struct user user;

	world_open();
	CHECK(api_key_create(world.db, &token, "robot", "read write") == OK);
	CHECK(api_key_authenticate(world.db, world.arena, &token, &key) == OK);
	CHECK(scope_allows(key.scopes, "read"));
	CHECK(!scope_allows(key.scopes, "rea"));
	CHECK(!scope_allows(key.scopes, "files"));
	CHECK(user_update(world.db, world.arena, key.user_id,
		  slice_of("Zed Key"), (struct slice){ 0 }, 50, &user) == OK);
	CHECK(user_search(world.db, world.arena, "", slice_of("zed"),
		  slice_of(""), 10, &found) == OK);
	CHECK(found.count == 0);
	world_close();
}

TEST_MAIN()
