/*
 * Hub: who hears which conversations, for the connections of one loop.
 *
 * All connections of a user are in one loop, so a membership is kept once
 * for the user and not for each connection.  The hub is changed by the log,
 * in its order, and by nothing else once a user is in it.
 *
 * One thread owns a hub: no locks.  It borrows connections.
 */
#ifndef NOTIFIER_HUB_H
#define NOTIFIER_HUB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "notifier/arrival.h"
#include "notifier/conn.h"
#include "notifier/interest.h"
#include "notifier/table.h"

/* One of a user's conversations; at is this user's place among its users. */
struct subscribed {
	struct conversation_users *conversation;
	uint32_t at;
	bool is_small;
};

struct user {
	uint64_t id;
	struct conn *conns;               /* joining, live and ending ones */
	struct subscribed *subscriptions; /* &one or on the heap */
	uint32_t count, size;
	struct subscribed one;
	char username[];
};

/* One user of a conversation; at is its place among the user's own. */
struct listener {
	struct user *user;
	uint32_t at;
};

struct conversation_users {
	uint64_t id;
	struct listener *listeners;
	uint32_t count, size;
};

struct hub {
	struct table users;
	struct table conversations;
	struct interest interest; /* in these conversations; others may look */
};

void hub_init(struct hub *hub); /* zeroed by then */
void hub_done(struct hub *hub); /* with every user in it */

struct user *hub_user(const struct hub *hub, uint64_t id); /* NULL: unknown */

/* Take in somebody who is not known, with the memberships of snapshot. */
struct user *hub_add(
    struct hub *hub, uint64_t user_id, const struct snapshot *snapshot);
/* Without a connection by now. */
void hub_remove(struct hub *hub, struct user *user);

/* Both do nothing when it is so already. */
void hub_subscribe(struct hub *hub, struct user *user, uint64_t conversation_id,
    bool is_small);
void hub_unsubscribe(
    struct hub *hub, struct user *user, uint64_t conversation_id);

/* The user's subscription to a conversation; NULL: none. */
const struct subscribed *hub_subscription(
    const struct hub *hub, const struct user *user, uint64_t conversation_id);

/* NULL: nobody here is in it. */
const struct conversation_users *hub_conversation(
    const struct hub *hub, uint64_t conversation_id);

#endif /* NOTIFIER_HUB_H */
