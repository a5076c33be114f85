#include "notifier/hub.h"

#include "common/alloc.h"
#include "tests/lib/test.h"

static struct snapshot *
member_of(const uint64_t *ids, size_t count)
{
	struct snapshot *snapshot = must_calloc(
	    1, sizeof(*snapshot) + count * sizeof(struct membership));

	snapshot->count = count;
	for (size_t i = 0; i < count; i++)
		snapshot->memberships[i].conversation_id = ids[i];
	return snapshot;
}

static struct user *
add(struct hub *hub, uint64_t id, const uint64_t *ids, size_t count)
{
	struct snapshot *snapshot = member_of(ids, count);
	struct user *user = hub_add(hub, id, snapshot);

	free(snapshot);
	return user;
}

/* Both directions say the same. */
static void
check_links(const struct hub *hub, const struct user *user)
{
	for (uint32_t i = 0; i < user->count; i++) {
		const struct subscribed *subscribed = &user->subscriptions[i];
		const struct listener *listener =
		    &subscribed->conversation->listeners[subscribed->at];

		CHECK(listener->user == user);
		CHECK(listener->at == i);
		CHECK(hub_conversation(hub, subscribed->conversation->id) ==
		    subscribed->conversation);
	}
}

TEST(a_user_is_found_with_their_conversations)
{
	static struct hub hub;
	struct user *ada;

	hub_init(&hub);
	ada = add(&hub, 1, (const uint64_t[]){ 10, 20 }, 2);
	CHECK(hub_user(&hub, 1) == ada);
	CHECK(hub_user(&hub, 2) == NULL);
	CHECK(hub_subscription(&hub, ada, 10) != NULL);
	CHECK(hub_subscription(&hub, ada, 30) == NULL);
	CHECK(hub_conversation(&hub, 10)->count == 1);
	CHECK(interest_has(&hub.interest, 10));
	CHECK(!interest_has(&hub.interest, 30));
	hub_done(&hub);
}

TEST(subscribing_twice_is_subscribing_once)
{
	static struct hub hub;
	struct user *ada;

	hub_init(&hub);
	ada = add(&hub, 1, NULL, 0);
	hub_subscribe(&hub, ada, 10, true);
	hub_subscribe(&hub, ada, 10, true);
	CHECK(hub_conversation(&hub, 10)->count == 1);
	hub_unsubscribe(&hub, ada, 10);
	hub_unsubscribe(&hub, ada, 10);
	CHECK(hub_conversation(&hub, 10) == NULL);
	hub_done(&hub);
}

TEST(who_leaves_takes_nobody_along)
{
	enum { USERS = 50, CONVERSATIONS = 20 };
	static struct hub hub;
	uint64_t ids[CONVERSATIONS];
	struct user *users[USERS];

	hub_init(&hub);
	for (uint64_t i = 0; i < CONVERSATIONS; i++)
		ids[i] = 100 + i;
	for (uint64_t i = 0; i < USERS; i++)
		users[i] = add(&hub, i + 1, ids, CONVERSATIONS);
	for (size_t i = 0; i < USERS; i++)
		for (uint64_t n = 0; n < CONVERSATIONS; n++)
			if ((i * 7 + n * 3) % 5 < 2)
				hub_unsubscribe(&hub, users[i], 100 + n);
	for (size_t i = 0; i < USERS; i++) {
		check_links(&hub, users[i]);
		for (uint64_t n = 0; n < CONVERSATIONS; n++)
			CHECK((hub_subscription(&hub, users[i], 100 + n) ==
				  NULL) == ((i * 7 + n * 3) % 5 < 2));
	}
	for (size_t i = 0; i < USERS; i += 2)
		hub_remove(&hub, users[i]);
	for (size_t i = 1; i < USERS; i += 2)
		check_links(&hub, users[i]);
	hub_done(&hub);
}

TEST(a_conversation_without_listeners_is_forgotten)
{
	static struct hub hub;
	struct user *ada;

	hub_init(&hub);
	ada = add(&hub, 1, (const uint64_t[]){ 10 }, 1);
	hub_remove(&hub, ada);
	CHECK(hub.users.count == 0);
	CHECK(hub.conversations.count == 0);
	CHECK(!interest_has(&hub.interest, 10));
	hub_done(&hub);
}

TEST_MAIN()
