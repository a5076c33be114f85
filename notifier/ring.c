#include "notifier/ring.h"

static size_t
bytes_of(const struct parcel *parcel)
{
	size_t bytes = 0;

	for (size_t kind = 0; kind < TRANSPORT__COUNT; kind++)
		if (parcel->frames[kind] != NULL)
			bytes += parcel->frames[kind]->len;
	return bytes;
}

static void
drop_first(struct ring *ring)
{
	struct parcel *parcel = ring->parcels[ring->first];

	ring->start = parcel->pos;
	ring->bytes -= bytes_of(parcel);
	parcel_drop(parcel);
	ring->first = (ring->first + 1) % RING_PARCELS;
	ring->count--;
}

void
ring_add(struct ring *ring, struct parcel *parcel)
{
	if (ring->count == RING_PARCELS)
		drop_first(ring);
	ring->parcels[(ring->first + ring->count++) % RING_PARCELS] = parcel;
	ring->bytes += bytes_of(parcel);
	while (ring->bytes > RING_BYTES && ring->count > 1)
		drop_first(ring);
}

void
ring_done(struct ring *ring)
{
	while (ring->count > 0)
		drop_first(ring);
}

size_t
ring_find(const struct ring *ring, uint64_t position)
{
	size_t low = 0, high = ring->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (ring_get(ring, middle)->pos <= position)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

const struct parcel *
ring_get(const struct ring *ring, size_t index)
{
	return ring->parcels[(ring->first + index) % RING_PARCELS];
}
