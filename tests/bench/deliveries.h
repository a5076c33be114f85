/*
 * Deliveries: what was posted, and who has had it.
 *
 * A post carries its number and the time at which it was sent, so that each
 * subscriber's message is known again: one that comes twice, to somebody
 * else or not at all is counted.
 */
#ifndef TESTS_BENCH_DELIVERIES_H
#define TESTS_BENCH_DELIVERIES_H

#include <stdbool.h>

#include "common/buf.h"
#include "common/slice.h"
#include "tests/bench/histogram.h"
#include "tests/bench/seats.h"

#define MARKER_SIZE 24

struct deliveries {
	char marker[MARKER_SIZE]; /* of this run */
	const char *only;         /* messages without it are not looked at */
	const struct seats *subscribers;
	size_t posts_max;
	size_t row;         /* bytes of seen for each subscriber */
	uint8_t *seen;      /* a bit for each subscriber and post */
	uint32_t *audience; /* by subscriber's conversation id */
	size_t audience_size;
	uint64_t *conversations; /* by post */
	uint32_t *left;          /* by post: deliveries to come */
	size_t posted, complete; /* complete: everybody had them */
	uint64_t expected, arrived, repeated, strayed;
	uint64_t last_ns; /* when the last one arrived */
	struct histogram latency;
};

/* Borrows its arguments; for one run of a process, never released. */
void deliveries_init(struct deliveries *deliveries,
    const struct seats *subscribers, size_t posts_max, const char *only);

/*
 * Note a post to a conversation, sent at now_ns, and write its text, padded
 * to size bytes; only letters, digits and plain punctuation.
 */
void deliveries_post(struct deliveries *deliveries, uint64_t conversation_id,
    uint64_t now_ns, size_t size, struct buf *buf);

/* It was refused: nobody will get it. */
void deliveries_refused(struct deliveries *deliveries, size_t post);

/* A message came to a subscriber. */
void deliveries_take(struct deliveries *deliveries, size_t subscriber,
    struct slice message, uint64_t now_ns);

#endif /* TESTS_BENCH_DELIVERIES_H */
