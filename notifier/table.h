/*
 * Table: from a number to a pointer.
 *
 * Open addressing with linear probing, so an entry costs two words.  Keys
 * come from outside in part, hence they are mixed with a secret of the
 * process before they choose a slot.  No locks: a table has one owner.
 */
#ifndef NOTIFIER_TABLE_H
#define NOTIFIER_TABLE_H

#include <stddef.h>
#include <stdint.h>

struct table {
	struct table_slot *slots;
	size_t size; /* a power of two, or 0 */
	size_t count;
};

/* Once, before any table is used. */
void table_seed(uint64_t secret);

void table_init(struct table *table);
void table_done(struct table *table); /* not what its entries point to */

/* NULL: there is none.  A key is never 0. */
void *table_get(const struct table *table, uint64_t key);
/* Replaces what was there; value is not NULL. */
void table_put(struct table *table, uint64_t key, void *value);
void table_remove(struct table *table, uint64_t key);

/* Every entry, in no order: start with *at 0; values may be replaced
   meanwhile.  NULL: no more. */
void *table_next(const struct table *table, size_t *at);
/* The key of the entry that came last. */
uint64_t table_key(const struct table *table, size_t at);

#endif /* NOTIFIER_TABLE_H */
