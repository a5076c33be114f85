/*
 * Presence: who is connected here, and what the database has been told of it.
 *
 * Loops say when somebody's first connection opens and the last one closes;
 * one thread of the store takes the changes whose time has come.  Somebody
 * who comes back within the grace period was never away.  A change that
 * could not be told stays, so an outage of the database loses nothing.
 */
#ifndef NOTIFIER_PRESENCE_H
#define NOTIFIER_PRESENCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct presence;

struct presence *presence_new(uint64_t grace_ms);
void presence_free(struct presence *presence); /* NULL is fine */

/* From any thread: user_id is connected, or no longer. */
void presence_set(
    struct presence *presence, uint64_t user_id, bool is_here, uint64_t now_ms);

struct presence_change {
	uint64_t user_id;
	bool is_here;
};

/*
 * Take one change that is due at now_ms.  It counts as told; when that
 * failed, say so with presence_retry().  False: there is none.
 */
bool presence_take(struct presence *presence, uint64_t now_ms,
    struct presence_change *ret_change);
void presence_retry(struct presence *presence,
    const struct presence_change *change, uint64_t due_ms);

/* Nothing that was told counts any longer: tell of all who are here. */
void presence_forget_told(struct presence *presence, uint64_t now_ms);

/* Wait until a change may be due, or for as long as max_ms; or be woken. */
void presence_wait(struct presence *presence, uint64_t max_ms);
void presence_wake(struct presence *presence);

#endif /* NOTIFIER_PRESENCE_H */
