#include "notifier/gate.h"

#include <pthread.h>
#include <sodium.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "common/alloc.h"
#include "notifier/table.h"

struct gate {
	pthread_mutex_t lock;
	struct table users;     /* counts, as pointers */
	struct table addresses; /* counts, as pointers */
	size_t count;
	size_t most, most_of_user, most_of_address; /* 0: no limit */
	unsigned char key[crypto_shorthash_KEYBYTES];
};

struct gate *
gate_new(const struct config *config)
{
	struct gate *gate = must_calloc(1, sizeof(*gate));

	pthread_mutex_init(&gate->lock, NULL);
	table_init(&gate->users);
	table_init(&gate->addresses);
	gate->most = (size_t)config->connections_max;
	gate->most_of_user = (size_t)config->connections_user;
	gate->most_of_address = (size_t)config->connections_address;
	crypto_shorthash_keygen(gate->key);
	return gate;
}

void
gate_free(struct gate *gate)
{
	if (gate == NULL)
		return;
	table_done(&gate->users);
	table_done(&gate->addresses);
	pthread_mutex_destroy(&gate->lock);
	free(gate);
}

uint64_t
gate_address_key(const struct gate *gate, const char *address)
{
	unsigned char hash[crypto_shorthash_BYTES];
	uint64_t key;

	crypto_shorthash(
	    hash, (const unsigned char *)address, strlen(address), gate->key);
	memcpy(&key, hash, sizeof(key));
	return key == 0 ? 1 : key;
}

static size_t
count_of(const struct table *table, uint64_t key)
{
	return (size_t)(uintptr_t)table_get(table, key);
}

static void
add_one(struct table *table, uint64_t key)
{
	table_put(table, key, (void *)(uintptr_t)(count_of(table, key) + 1));
}

static void
remove_one(struct table *table, uint64_t key)
{
	size_t count = count_of(table, key);

	if (count > 1)
		table_put(table, key, (void *)(uintptr_t)(count - 1));
	else
		table_remove(table, key);
}

static bool
is_full(size_t count, size_t most)
{
	return most != 0 && count >= most;
}

/* With the lock held. */
static enum err
check(const struct gate *gate, uint64_t address_key)
{
	if (is_full(gate->count, gate->most) ||
	    is_full(
		count_of(&gate->addresses, address_key), gate->most_of_address))
		return ERR_TOO_MANY;
	return OK;
}

enum err
gate_check(struct gate *gate, uint64_t address_key)
{
	enum err err;

	pthread_mutex_lock(&gate->lock);
	err = check(gate, address_key);
	pthread_mutex_unlock(&gate->lock);
	return err;
}

enum err
gate_enter(struct gate *gate, uint64_t user_id, uint64_t address_key)
{
	enum err err;

	pthread_mutex_lock(&gate->lock);
	err = check(gate, address_key);
	if (err == OK &&
	    is_full(count_of(&gate->users, user_id), gate->most_of_user))
		err = ERR_TOO_MANY;
	if (err == OK) {
		gate->count++;
		add_one(&gate->users, user_id);
		add_one(&gate->addresses, address_key);
	}
	pthread_mutex_unlock(&gate->lock);
	return err;
}

void
gate_leave(struct gate *gate, uint64_t user_id, uint64_t address_key)
{
	pthread_mutex_lock(&gate->lock);
	gate->count--;
	remove_one(&gate->users, user_id);
	remove_one(&gate->addresses, address_key);
	pthread_mutex_unlock(&gate->lock);
}
