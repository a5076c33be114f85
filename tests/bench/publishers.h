/*
 * Publishers: those who post, over HTTP connections that are kept.
 *
 * Either as fast as they are answered, or at a rate.  A post that is due
 * while nobody is free is counted from when it was due.
 */
#ifndef TESTS_BENCH_PUBLISHERS_H
#define TESTS_BENCH_PUBLISHERS_H

#include "tests/bench/deliveries.h"
#include "tests/bench/poller.h"
#include "tests/bench/request.h"

struct publishers {
	struct poller *poller;
	struct deliveries *deliveries;
	const struct seats *seats; /* posts go round among them */
	struct sockaddr_in address;
	const char *path, *body; /* with a '*' for the id and for the text */
	size_t size;             /* bytes of a text */
	size_t count;            /* publishers */
	size_t posts;            /* to be made in all */
	double rate;             /* a second; 0: closed loop */
	bool gate;               /* wait for the deliveries too */
	struct publisher *items;
	uint64_t started_ns, ended_ns; /* ended: 0 while posts may begin */
	size_t answered, failed;
	int status; /* of the first that failed */
	struct histogram latency;
};

/* Fill in what is above items, then connect. */
void publishers_connect(struct publishers *publishers);

/* From here on publishers_advance() posts what is due, and tells when it
   wants to be called again at the latest. */
void publishers_start(struct publishers *publishers);
uint64_t publishers_advance(struct publishers *publishers);

/* Begin no more. */
void publishers_end(struct publishers *publishers);

/* Every post that began has been answered. */
bool publishers_idle(const struct publishers *publishers);

#endif /* TESTS_BENCH_PUBLISHERS_H */
