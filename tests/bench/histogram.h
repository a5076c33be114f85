/*
 * Histogram: how long things took, in nanoseconds, to within 1.6 %.
 */
#ifndef TESTS_BENCH_HISTOGRAM_H
#define TESTS_BENCH_HISTOGRAM_H

#include <stdint.h>

/* 64 steps to each doubling. */
#define HISTOGRAM_STEPS   64
#define HISTOGRAM_BUCKETS (59 * HISTOGRAM_STEPS)

struct histogram {
	uint64_t total;
	uint64_t counts[HISTOGRAM_BUCKETS];
};

void histogram_add(struct histogram *histogram, uint64_t time_ns);

/* What a share (0 to 1) of all times did not exceed; 0 when there are none. */
uint64_t histogram_at(const struct histogram *histogram, double share);

#endif /* TESTS_BENCH_HISTOGRAM_H */
