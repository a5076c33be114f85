#include "tests/bench/histogram.h"

#include <stddef.h>

#define STEP_BITS 6 /* HISTOGRAM_STEPS is 2 to this power */

/* Below one doubling of the steps every time has a bucket of its own. */
static size_t
bucket(uint64_t time_ns)
{
	unsigned exponent;

	if (time_ns < HISTOGRAM_STEPS)
		return (size_t)time_ns;
	exponent = 63 - (unsigned)__builtin_clzll(time_ns);
	return (size_t)(exponent - STEP_BITS + 1) * HISTOGRAM_STEPS +
	    (size_t)((time_ns >> (exponent - STEP_BITS)) % HISTOGRAM_STEPS);
}

/* The least time that the bucket does not hold any more. */
static uint64_t
bucket_end(size_t index)
{
	size_t doubling = index / HISTOGRAM_STEPS;
	uint64_t step = index % HISTOGRAM_STEPS;

	if (doubling == 0)
		return step + 1;
	return (HISTOGRAM_STEPS + step + 1) << (doubling - 1);
}

void
histogram_add(struct histogram *histogram, uint64_t time_ns)
{
	histogram->counts[bucket(time_ns)]++;
	histogram->total++;
}

uint64_t
histogram_at(const struct histogram *histogram, double share)
{
	double wanted = share * (double)histogram->total;
	uint64_t sum = 0;

	for (size_t i = 0; i < HISTOGRAM_BUCKETS; i++) {
		sum += histogram->counts[i];
		if (sum > 0 && (double)sum >= wanted)
			return bucket_end(i);
	}
	return 0;
}
