/*
 * Subscribers: many open streams, and what comes down them.
 */
#ifndef TESTS_BENCH_SUBSCRIBERS_H
#define TESTS_BENCH_SUBSCRIBERS_H

#include "tests/bench/deliveries.h"
#include "tests/bench/poller.h"
#include "tests/bench/request.h"
#include "tests/bench/stream.h"

struct subscribers {
	struct poller *poller;
	struct deliveries *deliveries;
	const struct seats *seats;
	enum stream_kind kind;
	struct sockaddr_in address;
	const char *path;
	const char
	    *ready_text; /* comes first on a stream; NULL: nothing does */
	struct subscriber *items;
	size_t started, ready, lost;
	const char *problem; /* the first one's */
	uint64_t bytes;      /* received since it was last set to 0 */
};

/* Fill in what is above items, then connect; ends the process when one of
   them is refused or it takes longer than timeout_ns. */
void subscribers_connect(struct subscribers *subscribers, uint64_t timeout_ns);

/* Reset them all, so that no port waits for stragglers. */
void subscribers_close(struct subscribers *subscribers);

#endif /* TESTS_BENCH_SUBSCRIBERS_H */
