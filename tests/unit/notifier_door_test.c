#include "notifier/door.h"

#include <poll.h>
#include <pthread.h>

#include "common/alloc.h"
#include "tests/lib/test.h"

static struct note *
note_new(void)
{
	return must_calloc(1, sizeof(struct note));
}

static bool
is_readable(const struct door *door)
{
	struct pollfd fd = { .fd = door_fd(door), .events = POLLIN };

	return poll(&fd, 1, 0) == 1;
}

static size_t
take_all(struct door *door)
{
	struct note *note = door_take(door), *next;
	size_t count = 0;

	for (; note != NULL; note = next) {
		next = note->next;
		free(note);
		count++;
	}
	return count;
}

TEST(notes_come_out_in_order_and_the_door_is_quiet_again)
{
	struct door *door = door_new(10);
	struct note *first = note_new(), *second = note_new();

	CHECK(!is_readable(door));
	door_put(door, first);
	door_put(door, second);
	CHECK(is_readable(door));
	CHECK(door_take(door) == first);
	CHECK(first->next == second);
	CHECK(second->next == NULL);
	CHECK(!is_readable(door));
	CHECK(door_take(door) == NULL);
	free(first);
	free(second);
	door_free(door);
}

TEST(an_offer_past_the_bound_is_refused_and_what_must_arrive_is_not)
{
	struct door *door = door_new(3);
	struct note *extra = note_new();

	for (size_t i = 0; i < 3; i++)
		CHECK(door_offer(door, note_new()));
	CHECK(!door_offer(door, extra));
	door_put(door, extra);
	CHECK(take_all(door) == 4);
	CHECK(door_offer(door, note_new()));
	CHECK(take_all(door) == 1);
	door_free(door);
}

static void *
put_lists(void *arg)
{
	for (size_t i = 0; i < 1000; i++) {
		struct note_list list;

		note_list_init(&list);
		for (size_t n = 0; n < 5; n++)
			note_list_add(&list, note_new());
		door_put_list(arg, &list, i % 2 == 0);
	}
	return NULL;
}

TEST(a_list_waits_for_room_and_arrives_whole)
{
	struct door *door = door_new(10);
	size_t count = 0;
	pthread_t writers[2];

	for (size_t i = 0; i < 2; i++)
		CHECK(pthread_create(&writers[i], NULL, put_lists, door) == 0);
	while (count < 10000) {
		door_wake(door);
		CHECK(is_readable(door) || door_has_notes(door));
		count += take_all(door);
	}
	for (size_t i = 0; i < 2; i++)
		CHECK(pthread_join(writers[i], NULL) == 0);
	CHECK(count == 10000);
	door_free(door);
}

TEST(what_is_put_quietly_waits_for_a_wake_up_or_for_company)
{
	struct door *door = door_new(1000);
	struct note_list list;

	note_list_init(&list);
	note_list_add(&list, note_new());
	door_put_list(door, &list, true);
	CHECK(!is_readable(door));
	CHECK(door_has_notes(door));
	door_wake(door);
	CHECK(is_readable(door));
	CHECK(take_all(door) == 1);
	CHECK(!is_readable(door));

	note_list_add(&list, note_new());
	door_put_list(door, &list, true);
	door_put(door, note_new());
	CHECK(is_readable(door));
	CHECK(take_all(door) == 2);
	for (size_t i = 0; i < 300; i++) {
		note_list_add(&list, note_new());
		door_put_list(door, &list, true);
	}
	CHECK(is_readable(door));
	CHECK(take_all(door) == 300);
	door_free(door);
}

TEST_MAIN()
