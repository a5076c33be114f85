#include "notifier/table.h"

#include <stdint.h>

#include "tests/lib/test.h"

static void *
value_of(uint64_t key)
{
	return (void *)(uintptr_t)(key * 7 + 1);
}

TEST(what_was_put_is_there_and_what_was_not_is_not)
{
	struct table table;

	table_init(&table);
	CHECK(table_get(&table, 5) == NULL);
	table_put(&table, 5, value_of(5));
	CHECK(table_get(&table, 5) == value_of(5));
	CHECK(table_get(&table, 6) == NULL);
	table_done(&table);
}

TEST(a_key_has_one_value)
{
	struct table table;

	table_init(&table);
	table_put(&table, 5, value_of(1));
	table_put(&table, 5, value_of(2));
	CHECK(table.count == 1);
	CHECK(table_get(&table, 5) == value_of(2));
	table_done(&table);
}

TEST(thousands_come_and_go_without_losing_each_other)
{
	enum { COUNT = 20000 };
	struct table table;

	table_seed(12345);
	table_init(&table);
	for (uint64_t key = 1; key <= COUNT; key++)
		table_put(&table, key, value_of(key));
	for (uint64_t key = 1; key <= COUNT; key += 2)
		table_remove(&table, key);
	for (uint64_t key = 1; key <= COUNT; key++)
		CHECK(table_get(&table, key) ==
		    (key % 2 == 1 ? NULL : value_of(key)));
	for (uint64_t key = 2; key <= COUNT; key += 2)
		table_remove(&table, key);
	CHECK(table.count == 0);
	CHECK(table.size <= 64);
	table_done(&table);
}

TEST(every_entry_is_visited_once)
{
	struct table table;
	uint64_t sum = 0;
	size_t at = 0, visits = 0;
	void *value;

	table_init(&table);
	for (uint64_t key = 1; key <= 100; key++)
		table_put(&table, key, (void *)(uintptr_t)key);
	while ((value = table_next(&table, &at)) != NULL) {
		sum += (uintptr_t)value;
		visits++;
	}
	CHECK(visits == 100);
	CHECK(sum == 5050);
	table_done(&table);
}

TEST_MAIN()
