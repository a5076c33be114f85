/*
 * Interest: whether a loop may have somebody in a conversation.
 *
 * Kept by the loop's hub, looked at by the follower, so that an event wakes
 * only those loops that it concerns.  It counts by a few bits of the id: a
 * "yes" may be wrong and costs a wake-up, a "no" is right.
 *
 * A loop that gains interest looks through its door once more before it
 * sleeps, and the follower looks at the interest once more after it has put
 * something in quietly: one of them sees what the other did.
 */
#ifndef NOTIFIER_INTEREST_H
#define NOTIFIER_INTEREST_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#define INTEREST_SLOTS 8192 /* a power of two */

struct interest {
	atomic_uint counts[INTEREST_SLOTS];
};

static inline void
interest_add(struct interest *interest, uint64_t conversation_id)
{
	atomic_fetch_add(
	    &interest->counts[conversation_id & (INTEREST_SLOTS - 1)], 1);
}

static inline void
interest_remove(struct interest *interest, uint64_t conversation_id)
{
	atomic_fetch_sub(
	    &interest->counts[conversation_id & (INTEREST_SLOTS - 1)], 1);
}

static inline bool
interest_has(const struct interest *interest, uint64_t conversation_id)
{
	return atomic_load(
		   &interest->counts[conversation_id & (INTEREST_SLOTS - 1)]) !=
	    0;
}

#endif /* NOTIFIER_INTEREST_H */
