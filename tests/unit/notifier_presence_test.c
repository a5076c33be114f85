#include "notifier/presence.h"

#include "tests/lib/test.h"

#define GRACE 10000

static struct presence_change change;

TEST(who_comes_is_told_of_at_once_and_once)
{
	struct presence *presence = presence_new(GRACE);

	CHECK(!presence_take(presence, 0, &change));
	presence_set(presence, 7, true, 1000);
	CHECK(presence_take(presence, 1000, &change));
	CHECK(change.user_id == 7 && change.is_here);
	CHECK(!presence_take(presence, 5000, &change));
	presence_free(presence);
}

TEST(who_leaves_is_told_of_after_the_grace_period)
{
	struct presence *presence = presence_new(GRACE);

	presence_set(presence, 7, true, 0);
	CHECK(presence_take(presence, 0, &change));
	presence_set(presence, 7, false, 1000);
	CHECK(!presence_take(presence, 1000 + GRACE - 1, &change));
	CHECK(presence_take(presence, 1000 + GRACE, &change));
	CHECK(change.user_id == 7 && !change.is_here);
	presence_free(presence);
}

TEST(who_comes_back_in_time_was_never_away)
{
	struct presence *presence = presence_new(GRACE);

	presence_set(presence, 7, true, 0);
	CHECK(presence_take(presence, 0, &change));
	presence_set(presence, 7, false, 1000);
	presence_set(presence, 7, true, 5000);
	CHECK(!presence_take(presence, 100000, &change));
	presence_free(presence);
}

TEST(the_grace_period_begins_with_the_last_leaving)
{
	struct presence *presence = presence_new(GRACE);

	presence_set(presence, 7, true, 0);
	CHECK(presence_take(presence, 0, &change));
	presence_set(presence, 7, false, 1000);
	presence_set(presence, 7, true, 2000);
	presence_set(presence, 7, false, 3000);
	CHECK(!presence_take(presence, 1000 + GRACE, &change));
	CHECK(presence_take(presence, 3000 + GRACE, &change));
	CHECK(!change.is_here);
	presence_free(presence);
}

TEST(who_came_and_left_before_anybody_was_told_was_never_here)
{
	struct presence *presence = presence_new(GRACE);

	presence_set(presence, 7, true, 0);
	presence_set(presence, 7, false, 1);
	CHECK(!presence_take(presence, 10 * GRACE, &change));
	presence_free(presence);
}

TEST(what_could_not_be_told_is_told_later)
{
	struct presence *presence = presence_new(GRACE);

	presence_set(presence, 7, true, 0);
	CHECK(presence_take(presence, 0, &change));
	presence_retry(presence, &change, 1000);
	CHECK(!presence_take(presence, 999, &change));
	CHECK(presence_take(presence, 1000, &change));
	CHECK(change.user_id == 7 && change.is_here);
	presence_free(presence);
}

TEST(what_was_told_can_be_told_again)
{
	struct presence *presence = presence_new(GRACE);

	for (uint64_t id = 1; id <= 3; id++)
		presence_set(presence, id, true, 0);
	while (presence_take(presence, 0, &change))
		continue;
	presence_forget_told(presence, 500);
	for (size_t i = 0; i < 3; i++)
		CHECK(presence_take(presence, 500, &change));
	CHECK(!presence_take(presence, 500, &change));
	presence_free(presence);
}

TEST_MAIN()
