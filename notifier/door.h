/*
 * Door: the one way into a loop for everybody else.
 *
 * Any thread puts notes in; the loop takes all that wait, in order.  The
 * eventfd is written once until they are taken, so a burst costs one wake-up;
 * and what concerns nobody in the loop may wait until it is awake anyway.  A
 * note belongs to whoever holds it: its writer until it is put, the loop
 * afterwards.
 */
#ifndef NOTIFIER_DOOR_H
#define NOTIFIER_DOOR_H

#include <stdbool.h>
#include <stddef.h>

enum note_kind {
	NOTE_POSITION, /* struct position_note, notifier/parcel.h */
	NOTE_PARCEL,   /* struct parcel_note, notifier/parcel.h */
	NOTE_ARRIVAL,  /* struct arrival, notifier/arrival.h */
	NOTE_PAGE,     /* struct page, notifier/arrival.h */
	NOTE_ANSWER,   /* struct answer, notifier/arrival.h */
	NOTE_STOP      /* struct note */
};

/* The first member of whatever goes through a door. */
struct note {
	struct note *next;
	enum note_kind kind;
};

/* Notes in order, to be put at once; owned by one thread. */
struct note_list {
	struct note *first;
	struct note **last; /* where the next goes */
	size_t count;
};

void note_list_init(struct note_list *list);
void note_list_add(struct note_list *list, struct note *note);

struct door;

/* max bounds what door_offer() and door_put_list() let wait. */
struct door *door_new(size_t max);
void door_free(struct door *door); /* empty by then; NULL is fine */

/* The descriptor that becomes readable when notes wait. */
int door_fd(const struct door *door);

/* Put what must arrive and is bounded elsewhere: one note per connection or
   per question asked. */
void door_put(struct door *door, struct note *note);

/* Put what may get lost.  False: no room, the note is still the caller's. */
bool door_offer(struct door *door, struct note *note);

/* Put a whole list, waiting for room; not for a loop's own thread.  Quietly:
   without waking the loop, unless very much waits. */
void door_put_list(struct door *door, struct note_list *list, bool is_quiet);
void door_wake(struct door *door);

/* A glance: does anything wait? */
bool door_has_notes(const struct door *door);

/* Everything that waits, linked by next, oldest first; NULL: nothing. */
struct note *door_take(struct door *door);

#endif /* NOTIFIER_DOOR_H */
