#include "notifier/wheel.h"

#include "tests/lib/test.h"

static size_t
count(const struct timer *timer)
{
	size_t found = 0;

	for (; timer != NULL; timer = timer->next)
		found++;
	return found;
}

TEST(a_timer_never_fires_early_and_within_a_tick_of_its_time)
{
	struct wheel wheel;
	struct timer timer = { 0 };

	wheel_init(&wheel, 1000050);
	timer_set(&wheel, &timer, 1000250);
	CHECK(wheel_advance(&wheel, 1000249) == NULL);
	CHECK(wheel_advance(&wheel, 1000250 + WHEEL_TICK_MS) == &timer);
	CHECK(wheel.count == 0);
}

TEST(a_timer_further_off_than_a_turn_waits_for_its_turn)
{
	const uint64_t turn = WHEEL_SLOTS * WHEEL_TICK_MS;
	struct wheel wheel;
	struct timer timer = { 0 };

	wheel_init(&wheel, 0);
	timer_set(&wheel, &timer, 3 * turn);
	for (uint64_t now = 0; now < 3 * turn; now += WHEEL_TICK_MS)
		CHECK(wheel_advance(&wheel, now) == NULL);
	CHECK(wheel_advance(&wheel, 3 * turn) == &timer);
}

TEST(a_timer_that_is_set_again_fires_once)
{
	struct wheel wheel;
	struct timer timer = { 0 };

	wheel_init(&wheel, 0);
	timer_set(&wheel, &timer, 200);
	timer_set(&wheel, &timer, 500);
	CHECK(wheel_advance(&wheel, 400) == NULL);
	CHECK(wheel_advance(&wheel, 500) == &timer);
	CHECK(wheel_advance(&wheel, 5000) == NULL);
}

TEST(a_timer_that_was_cancelled_does_not_fire)
{
	struct wheel wheel;
	struct timer timer = { 0 };

	wheel_init(&wheel, 0);
	timer_set(&wheel, &timer, 200);
	timer_cancel(&wheel, &timer);
	timer_cancel(&wheel, &timer);
	CHECK(wheel_advance(&wheel, 1000) == NULL);
	CHECK(wheel.count == 0);
}

TEST(a_time_that_has_passed_is_the_next_tick)
{
	struct wheel wheel;
	struct timer timer = { 0 };

	wheel_init(&wheel, 10000);
	timer_set(&wheel, &timer, 1);
	CHECK(wheel_advance(&wheel, 10000 + WHEEL_TICK_MS) == &timer);
}

TEST(after_a_long_pause_everything_due_fires)
{
	struct wheel wheel;
	static struct timer timers[2000];

	wheel_init(&wheel, 0);
	for (size_t i = 0; i < 2000; i++)
		timer_set(&wheel, &timers[i], i * 100);
	CHECK(count(wheel_advance(&wheel, 10 * 2000 * 100)) == 2000);
}

TEST(one_waits_for_the_next_timer_and_for_none_if_there_is_none)
{
	struct wheel wheel;
	struct timer timer = { 0 };

	wheel_init(&wheel, 0);
	CHECK(wheel_wait_ms(&wheel, 0) == -1);
	timer_set(&wheel, &timer, 5000);
	CHECK(wheel_wait_ms(&wheel, 30) == 5000 - 30);
	CHECK(wheel_wait_ms(&wheel, 5000) == 0);
	CHECK(wheel_wait_ms(&wheel, 6000) == 0);
}

TEST_MAIN()
