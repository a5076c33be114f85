/*
 * Store: work on the database, away from the loops.
 *
 * Questions wait in lanes, each with threads of its own: one lane reads, so
 * that people can connect while a hot row keeps the other lanes waiting; the
 * others write, and what one user writes is in one lane, in order.  Answers
 * go back through the asker's door or callback.
 *
 * The files of the store and of the follower are the only ones that know the
 * database; here is what those of the store share.
 */
#ifndef NOTIFIER_STORE_H
#define NOTIFIER_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/config.h"
#include "common/doorbell.h"
#include "db/db.h"
#include "notifier/follower_encode.h"

struct follower;
struct loops;

/* What a thread of the store works with. */
struct worker {
	const struct config *config;
	struct db *db;
	struct arena *arena; /* reset after each job */
	struct encoder encoder;
	struct bell *bell; /* of the other notifiers */
	struct follower *follower;
	struct loops *loops;
	bool is_stopping; /* answer ERR_UNAVAILABLE, without the database */
};

/* The first member of every question. */
struct job {
	struct job *next;
	/* Answers, and releases the job. */
	void (*run)(struct job *job, struct worker *worker);
};

struct store;

struct store *store_new(const struct config *config, struct follower *follower,
    struct loops *loops);

/* False: too many wait; the job is still the caller's. */
bool store_read(struct store *store, struct job *job);
bool store_write(struct store *store, uint64_t user_id, struct job *job);

/* Answer all that waits with ERR_UNAVAILABLE, end the threads; what is put
   afterwards is refused. */
void store_stop(struct store *store);
void store_free(struct store *store); /* stopped before; NULL is fine */

/* For threads of the store that take no jobs. */
void worker_init(struct worker *worker, const struct config *config,
    struct follower *follower, struct loops *loops);
void worker_done(struct worker *worker);

#endif /* NOTIFIER_STORE_H */
