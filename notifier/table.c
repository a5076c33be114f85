#include "notifier/table.h"

#include <stdbool.h>
#include <stdlib.h>

#include "common/alloc.h"

#define FIRST_SIZE ((size_t)16)

struct table_slot {
	uint64_t key; /* 0: free */
	void *value;
};

static uint64_t secret;

void
table_seed(uint64_t value)
{
	secret = value;
}

void
table_init(struct table *table)
{
	*table = (struct table){ 0 };
}

void
table_done(struct table *table)
{
	free(table->slots);
	table_init(table);
}

/* The finish of MurmurHash3, which spreads every bit over every other. */
static size_t
home_of(const struct table *table, uint64_t key)
{
	key ^= secret;
	key ^= key >> 33;
	key *= UINT64_C(0xff51afd7ed558ccd);
	key ^= key >> 33;
	key *= UINT64_C(0xc4ceb9fe1a85ec53);
	key ^= key >> 33;
	return (size_t)key & (table->size - 1);
}

static struct table_slot *
find(const struct table *table, uint64_t key)
{
	size_t at;

	if (table->size == 0)
		return NULL;
	at = home_of(table, key);
	while (table->slots[at].key != 0 && table->slots[at].key != key)
		at = (at + 1) & (table->size - 1);
	return &table->slots[at];
}

static void
resize(struct table *table, size_t size)
{
	struct table old = *table;

	table->size = size;
	table->slots = must_calloc(size, sizeof(*table->slots));
	for (size_t i = 0; i < old.size; i++)
		if (old.slots[i].key != 0)
			*find(table, old.slots[i].key) = old.slots[i];
	free(old.slots);
}

void *
table_get(const struct table *table, uint64_t key)
{
	const struct table_slot *slot = find(table, key);

	return slot == NULL ? NULL : slot->value;
}

void
table_put(struct table *table, uint64_t key, void *value)
{
	struct table_slot *slot = find(table, key);

	if (slot != NULL && slot->key == key) {
		slot->value = value;
		return;
	}
	if ((table->count + 1) * 4 > table->size * 3)
		resize(table, table->size == 0 ? FIRST_SIZE : table->size * 2);
	slot = find(table, key);
	table->count++;
	slot->key = key;
	slot->value = value;
}

/* Entries that were pushed past the hole move back into it. */
static void
close_hole(struct table *table, size_t hole)
{
	size_t mask = table->size - 1;
	size_t at = hole;

	while (true) {
		size_t home;

		at = (at + 1) & mask;
		if (table->slots[at].key == 0)
			break;
		home = home_of(table, table->slots[at].key);
		if (((at - home) & mask) < ((at - hole) & mask))
			continue;
		table->slots[hole] = table->slots[at];
		hole = at;
	}
	table->slots[hole] = (struct table_slot){ 0 };
}

void
table_remove(struct table *table, uint64_t key)
{
	struct table_slot *slot = find(table, key);

	if (slot == NULL || slot->key == 0)
		return;
	table->count--;
	close_hole(table, (size_t)(slot - table->slots));
	if (table->size > FIRST_SIZE && table->count * 8 < table->size)
		resize(table, table->size / 2);
}

void *
table_next(const struct table *table, size_t *at)
{
	while (*at < table->size) {
		const struct table_slot *slot = &table->slots[(*at)++];

		if (slot->key != 0)
			return slot->value;
	}
	return NULL;
}

uint64_t
table_key(const struct table *table, size_t at)
{
	return table->slots[at - 1].key;
}
