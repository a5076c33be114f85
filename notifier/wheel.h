/*
 * Wheel: many timers of one loop, of which few are due.
 *
 * Setting, moving and cancelling cost a few pointers; time advances in ticks
 * of WHEEL_TICK_MS.  A timer further off than one turn comes round early and
 * is put back, so the wheel may be small.  No locks: it belongs to its loop.
 */
#ifndef NOTIFIER_WHEEL_H
#define NOTIFIER_WHEEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define WHEEL_TICK_MS 100
#define WHEEL_SLOTS   512

struct timer {
	struct timer *next;
	struct timer **link; /* what points here; NULL: not set */
	uint64_t due;        /* tick */
};

struct wheel {
	uint64_t now; /* tick that time has reached */
	size_t count;
	struct timer *slots[WHEEL_SLOTS];
};

void wheel_init(struct wheel *wheel, uint64_t now_ms);

/* Fire at due_ms or within a tick after it; an earlier setting is replaced. */
void timer_set(struct wheel *wheel, struct timer *timer, uint64_t due_ms);
void timer_cancel(struct wheel *wheel, struct timer *timer);

/*
 * Advance to now_ms, and take the timers that are due off the wheel, as a
 * list linked by next; NULL: none.  Each may be set again at once.
 */
struct timer *wheel_advance(struct wheel *wheel, uint64_t now_ms);

/* Milliseconds until a timer may be due, or -1 when none is set. */
int wheel_wait_ms(const struct wheel *wheel, uint64_t now_ms);

#endif /* NOTIFIER_WHEEL_H */
