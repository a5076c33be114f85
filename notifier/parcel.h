/*
 * Parcel: one event on its way to the loops, encoded for every transport.
 *
 * Made by the follower (from the log), the inbox or a loop (of the moment),
 * and never changed afterwards; loops share it by an atomic count.
 *
 * What follows from an event (the new count, the notification) is a part of
 * its parcel and leaves in the same write.  Parts come in an order in which
 * everybody hears a start of them: either all, or all but the last ones.
 */
#ifndef NOTIFIER_PARCEL_H
#define NOTIFIER_PARCEL_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "notifier/door.h"
#include "notifier/frame.h"
#include "notifier/transport.h"

#define PARCEL_PARTS 3

enum audience { AUDIENCE_ALL, AUDIENCE_ACTOR, AUDIENCE_OTHERS };

struct part {
	uint32_t type; /* bit, notifier/event_type.h */
	enum audience audience;
	uint32_t end[TRANSPORT__COUNT]; /* in the transport's frame */
};

/* What an event changes in the hub, before anything that follows it. */
enum control {
	CONTROL_NONE,
	CONTROL_SUBSCRIBE,   /* user_id to conversation_id */
	CONTROL_UNSUBSCRIBE, /* user_id from conversation_id */
	CONTROL_END          /* the streams of user_id's session_id, or all */
};

/* Why a connection ends: session_ended's reason, and the close code. */
enum reason {
	REASON_REVOKED,
	REASON_EXPIRED,
	REASON_DISABLED,
	REASON_REMOVED,
	REASON_SLOW,
	REASON_SHUTDOWN,
	REASON__COUNT
};

struct parcel {
	atomic_uint refs;
	uint64_t pos;             /* 0: of the moment, in no log */
	uint64_t conversation_id; /* 0: none, or those listed */
	uint64_t user_id;         /* whom alone it is for; 0: every member */
	uint64_t actor_id;
	uint64_t session_id; /* of CONTROL_END; 0: all of them */
	enum control control;
	enum reason reason;         /* of CONTROL_END */
	bool is_small;              /* of CONTROL_SUBSCRIBE */
	uint64_t *conversation_ids; /* of what is of the moment; owned */
	size_t conversation_count;
	struct part parts[PARCEL_PARTS];
	size_t part_count; /* 0: it never leaves the notifier */
	struct frame *frames[TRANSPORT__COUNT];
};

/* One reference, the caller's; fill it in before it is shared. */
struct parcel *parcel_new(void);
struct parcel *parcel_hold(struct parcel *parcel);
void parcel_drop(struct parcel *parcel); /* NULL is fine */

/* Add a part: one event, framed by every transport into their buf. */
void parcel_add(struct parcel *parcel, struct buf bufs[TRANSPORT__COUNT],
    struct slice type, enum audience audience, struct slice json);
/* Take over what parcel_add() wrote, and clear the bufs. */
void parcel_seal(struct parcel *parcel, struct buf bufs[TRANSPORT__COUNT]);

/* An event of the moment, to the members of these conversations but actor. */
struct parcel *parcel_ephemeral(struct slice type, uint64_t actor_id,
    struct slice json, const uint64_t *conversation_ids, size_t count);

/* How much of a transport's frame is for the actor, or for the others. */
uint32_t parcel_end(
    const struct parcel *parcel, enum transport_kind kind, bool is_actor);

/* The ways through a door. */
struct parcel_note {
	struct note note;
	struct parcel *parcel; /* a reference goes with it */
};

struct position_note {
	struct note note;
	uint64_t position; /* events follow from here on */
};

struct note *parcel_note_new(struct parcel *parcel); /* takes a reference */

#endif /* NOTIFIER_PARCEL_H */
