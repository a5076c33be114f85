/*
 * Clock: the two kinds of time.
 *
 * The wall clock, UTC, for what people and the database see; the monotonic
 * clock for every wait and deadline, since the wall clock may be set.
 */
#ifndef COMMON_CLOCK_H
#define COMMON_CLOCK_H

#include <stdint.h>

/* "2026-11-20T08:15:30.123Z" and its NUL. */
#define CLOCK_TEXT_SIZE 25

/* Milliseconds since 1970-01-01 UTC. */
uint64_t clock_now_ms(void);

/* Milliseconds of the monotonic clock, for differences only. */
uint64_t clock_monotonic_ms(void);

/*
 * Write time_ms as RFC 3339 in UTC with milliseconds.
 * A time past the year 9999 is written as its last millisecond.
 */
void clock_text(uint64_t time_ms, char ret_text[CLOCK_TEXT_SIZE]);

#endif /* COMMON_CLOCK_H */
