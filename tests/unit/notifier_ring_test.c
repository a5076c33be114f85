#include "notifier/ring.h"

#include "tests/lib/test.h"

static struct parcel *
at_position(uint64_t pos, size_t bytes)
{
	struct parcel *parcel = parcel_new();
	struct buf buf;

	parcel->pos = pos;
	buf_init(&buf, bytes + 1);
	for (size_t i = 0; i < bytes; i++)
		buf_text(&buf, "x");
	for (size_t kind = 0; kind < TRANSPORT__COUNT; kind++)
		parcel->frames[kind] = frame_new(&buf);
	buf_done(&buf);
	return parcel;
}

TEST(the_first_one_after_a_position_is_found)
{
	static struct ring ring;

	for (uint64_t pos = 10; pos <= 100; pos += 10)
		ring_add(&ring, at_position(pos, 1));
	CHECK(ring_get(&ring, ring_find(&ring, 0))->pos == 10);
	CHECK(ring_get(&ring, ring_find(&ring, 10))->pos == 20);
	CHECK(ring_get(&ring, ring_find(&ring, 55))->pos == 60);
	CHECK(ring_find(&ring, 100) == ring.count);
	ring_done(&ring);
}

TEST(the_oldest_make_room_and_the_start_says_so)
{
	static struct ring ring;

	for (uint64_t pos = 1; pos <= RING_PARCELS; pos++)
		ring_add(&ring, at_position(pos, 1));
	CHECK(ring.count == RING_PARCELS);
	CHECK(ring.start == 0);
	ring_add(&ring, at_position(RING_PARCELS + 1, 1));
	CHECK(ring.count == RING_PARCELS);
	CHECK(ring.start == 1);
	CHECK(ring_get(&ring, 0)->pos == 2);
	ring_done(&ring);
}

TEST(large_ones_make_room_too)
{
	static struct ring ring;

	for (uint64_t pos = 1; pos <= 20; pos++)
		ring_add(&ring, at_position(pos, RING_BYTES / 10));
	CHECK(ring.bytes <= RING_BYTES);
	CHECK(ring.count == 5);
	CHECK(ring.start == 15);
	ring_done(&ring);
	CHECK(ring.bytes == 0);
}

TEST_MAIN()
