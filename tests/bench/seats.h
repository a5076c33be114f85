/*
 * Seats: who takes part, as a file says it, one to a line: a conversation's
 * id, a space, and the token of somebody in it.
 */
#ifndef TESTS_BENCH_SEATS_H
#define TESTS_BENCH_SEATS_H

#include <stddef.h>
#include <stdint.h>

#define SEAT_TOKEN_SIZE 64

struct seat {
	uint64_t conversation_id;
	char token[SEAT_TOKEN_SIZE];
};

struct seats {
	struct seat *items; /* never released */
	size_t count;
};

/* At most max lines of path; ends the process when it cannot. */
struct seats seats_read(const char *path, size_t max);

#endif /* TESTS_BENCH_SEATS_H */
