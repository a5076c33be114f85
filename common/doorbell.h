/*
 * Doorbell: the datagrams that wake notifiers.
 *
 * After a commit, whoever wrote rings: "look at the event log now".  The
 * datagram carries no state that matters; a lost one costs time, at most one
 * polling interval, never an event.  What is of the moment and in no log
 * (typing, presence) travels in a datagram whole, and may get lost.
 */
#ifndef COMMON_DOORBELL_H
#define COMMON_DOORBELL_H

#include <stdint.h>

#include "common/err.h"
#include "common/slice.h"

#define DOORBELL_VERSION           1
#define DOORBELL_MAX               ((size_t)32 * 1024) /* bytes of a datagram */
#define DOORBELL_CONVERSATIONS_MAX 2000 /* an audience is cut to so many */
#define DOORBELL_TYPE_MAX          32   /* bytes */
#define DOORBELL_JSON_MAX          4096 /* bytes */

enum doorbell_kind {
	DOORBELL_LOOK = 1,  /* look at the log */
	DOORBELL_EPHEMERAL, /* push this, store nothing */
	DOORBELL__LAST = DOORBELL_EPHEMERAL
};

/* An event of the moment: to the members of these conversations but actor. */
struct ephemeral {
	struct slice type; /* as on the wire */
	uint64_t actor_id; /* does not hear it */
	struct slice json; /* the whole event, a JSON object */
	const uint64_t *conversation_ids;
	size_t conversation_count;
};

struct doorbell {
	enum doorbell_kind kind;
	struct ephemeral ephemeral; /* of DOORBELL_EPHEMERAL */
};

/* Encode into the size bytes at data.  The length, or 0: it does not fit. */
size_t doorbell_encode(
    const struct doorbell *doorbell, uint8_t *data, size_t size);

/*
 * Decode one datagram; texts borrow from data, ids are copied to the
 * DOORBELL_CONVERSATIONS_MAX numbers at ids.  ERR_INVALID: another version,
 * an unknown kind, a length over its bound, cut short, or bytes left over.
 */
enum err doorbell_decode(const uint8_t *data, size_t len, uint64_t *ids,
    struct doorbell *ret_doorbell) MUST_CHECK;

/* The sockets that are rung. */
struct bell;

/*
 * Sockets is the setting doorbell, a space-separated list of paths; except
 * (or NULL) is left out of it, so that a notifier does not ring itself.
 * drop_percent of all datagrams are dropped, for tests.
 */
struct bell *bell_new(
    const char *sockets, const char *except, unsigned drop_percent);
void bell_free(struct bell *bell); /* NULL is fine */

/*
 * Send to every socket; waits some milliseconds at most for room in a queue.
 * Never fails: a notifier that is away looks at the log when it is back.
 * One bell may be used by one thread at a time.
 */
void bell_ring(struct bell *bell, const struct doorbell *doorbell);
void bell_look(struct bell *bell); /* bell_ring() with DOORBELL_LOOK */

#endif /* COMMON_DOORBELL_H */
