#include "notifier/hub.h"

#include <stdlib.h>
#include <string.h>

#include "common/alloc.h"

void
hub_init(struct hub *hub)
{
	table_init(&hub->users);
	table_init(&hub->conversations);
}

static void
free_user(struct user *user)
{
	if (user->subscriptions != &user->one)
		free(user->subscriptions);
	free(user);
}

void
hub_done(struct hub *hub)
{
	size_t at = 0;
	struct user *user;
	struct conversation_users *conversation;

	while ((user = table_next(&hub->users, &at)) != NULL)
		free_user(user);
	at = 0;
	while ((conversation = table_next(&hub->conversations, &at)) != NULL) {
		free(conversation->listeners);
		free(conversation);
	}
	table_done(&hub->users);
	table_done(&hub->conversations);
}

struct user *
hub_user(const struct hub *hub, uint64_t id)
{
	return table_get(&hub->users, id);
}

const struct conversation_users *
hub_conversation(const struct hub *hub, uint64_t conversation_id)
{
	return table_get(&hub->conversations, conversation_id);
}

/* Exact for few, doubling for many: most users have few. */
static uint32_t
grown(uint32_t size)
{
	return size < 4 ? size + 1 : size * 2;
}

static struct conversation_users *
conversation_of(struct hub *hub, uint64_t id)
{
	struct conversation_users *conversation = table_get(
	    &hub->conversations, id);

	if (conversation == NULL) {
		conversation = must_calloc(1, sizeof(*conversation));
		conversation->id = id;
		table_put(&hub->conversations, id, conversation);
		interest_add(&hub->interest, id);
	}
	return conversation;
}

static void
make_room(struct user *user)
{
	struct subscribed *subscriptions = user->subscriptions;

	if (user->count < user->size)
		return;
	user->size = grown(user->size);
	if (subscriptions == &user->one) {
		user->subscriptions = must_calloc(
		    user->size, sizeof(*subscriptions));
		user->subscriptions[0] = user->one;
	} else {
		user->subscriptions = must_realloc(
		    subscriptions, user->size * sizeof(*subscriptions));
	}
}

static void
link_both(
    struct user *user, struct conversation_users *conversation, bool is_small)
{
	make_room(user);
	if (conversation->count == conversation->size) {
		conversation->size = grown(conversation->size);
		conversation->listeners = must_realloc(conversation->listeners,
		    conversation->size * sizeof(struct listener));
	}
	user->subscriptions[user->count] = (struct subscribed){
		.conversation = conversation,
		.at = conversation->count,
		.is_small = is_small,
	};
	conversation->listeners[conversation->count++] = (struct listener){
		.user = user,
		.at = user->count++,
	};
}

static struct subscribed *
find(const struct hub *hub, const struct user *user, uint64_t conversation_id)
{
	const struct conversation_users *conversation = hub_conversation(
	    hub, conversation_id);

	if (conversation == NULL)
		return NULL;
	for (uint32_t i = 0; i < user->count; i++)
		if (user->subscriptions[i].conversation == conversation)
			return &user->subscriptions[i];
	return NULL;
}

/* The last of each list moves into the place that becomes free. */
static void
unlink_both(struct hub *hub, struct user *user, uint32_t index)
{
	struct subscribed gone = user->subscriptions[index];
	struct conversation_users *conversation = gone.conversation;
	struct listener *moved = &conversation->listeners[gone.at];

	*moved = conversation->listeners[--conversation->count];
	moved->user->subscriptions[moved->at].at = gone.at;
	user->subscriptions[index] = user->subscriptions[--user->count];
	if (index < user->count) {
		const struct subscribed *other = &user->subscriptions[index];

		other->conversation->listeners[other->at].at = index;
	}
	if (conversation->count == 0) {
		interest_remove(&hub->interest, conversation->id);
		table_remove(&hub->conversations, conversation->id);
		free(conversation->listeners);
		free(conversation);
	}
}

struct user *
hub_add(struct hub *hub, uint64_t user_id, const struct snapshot *snapshot)
{
	size_t name_size = strlen(snapshot->username) + 1;
	struct user *user = must_calloc(1, sizeof(*user) + name_size);

	user->id = user_id;
	memcpy(user->username, snapshot->username, name_size);
	user->subscriptions = &user->one;
	user->size = 1;
	if (snapshot->count > 1) {
		user->size = (uint32_t)snapshot->count;
		user->subscriptions = must_calloc(
		    snapshot->count, sizeof(*user->subscriptions));
	}
	for (size_t i = 0; i < snapshot->count; i++)
		link_both(user,
		    conversation_of(
			hub, snapshot->memberships[i].conversation_id),
		    snapshot->memberships[i].is_small);
	table_put(&hub->users, user_id, user);
	return user;
}

void
hub_remove(struct hub *hub, struct user *user)
{
	while (user->count > 0)
		unlink_both(hub, user, user->count - 1);
	table_remove(&hub->users, user->id);
	free_user(user);
}

void
hub_subscribe(
    struct hub *hub, struct user *user, uint64_t conversation_id, bool is_small)
{
	if (find(hub, user, conversation_id) == NULL)
		link_both(
		    user, conversation_of(hub, conversation_id), is_small);
}

void
hub_unsubscribe(struct hub *hub, struct user *user, uint64_t conversation_id)
{
	const struct subscribed *found = find(hub, user, conversation_id);

	if (found != NULL)
		unlink_both(hub, user, (uint32_t)(found - user->subscriptions));
}

const struct subscribed *
hub_subscription(
    const struct hub *hub, const struct user *user, uint64_t conversation_id)
{
	return find(hub, user, conversation_id);
}
