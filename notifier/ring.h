/*
 * Ring: the last events of the log, for those who join right behind them.
 *
 * Bounded in events and in bytes; belongs to its loop.
 */
#ifndef NOTIFIER_RING_H
#define NOTIFIER_RING_H

#include <stddef.h>
#include <stdint.h>

#include "notifier/parcel.h"

#define RING_PARCELS 1024
#define RING_BYTES   ((size_t)2 * 1024 * 1024)

struct ring {
	struct parcel *parcels[RING_PARCELS];
	size_t first, count;
	size_t bytes;
	uint64_t start; /* the position before the first parcel */
};

/* Takes a reference; the oldest make room. */
void ring_add(struct ring *ring, struct parcel *parcel);
void ring_done(struct ring *ring);

/* The index of the first parcel after position; count: there is none. */
size_t ring_find(const struct ring *ring, uint64_t position);
const struct parcel *ring_get(const struct ring *ring, size_t index);

#endif /* NOTIFIER_RING_H */
