#include "notifier/store.h"

#include <pthread.h>
#include <stdlib.h>

#include "common/alloc.h"
#include "common/log.h"
#include "notifier/metrics.h"

#define LANE_MAX    4096 /* jobs that wait in one lane */
#define READERS     2    /* threads of the lane that reads */
#define WRITE_LANES 2
#define LANES       (1 + WRITE_LANES)
#define THREADS     (READERS + WRITE_LANES)

struct lane {
	pthread_mutex_t lock;
	pthread_cond_t filled;
	struct job *first, **last;
	size_t count;
	bool is_stopping;
};

struct store_thread {
	pthread_t id;
	struct lane *lane;
	struct worker worker;
};

struct store {
	struct lane lanes[LANES]; /* the first one reads */
	struct store_thread threads[THREADS];
};

void
worker_init(struct worker *worker, const struct config *config,
    struct follower *follower, struct loops *loops)
{
	*worker = (struct worker){
		.config = config,
		.db = db_new(config),
		.arena = arena_new(),
		.bell = bell_new(config->doorbell, config->inbox,
		    (unsigned)config->doorbell_drop),
		.follower = follower,
		.loops = loops,
	};
	encoder_init(&worker->encoder, (uint64_t)config->receipts_members);
}

void
worker_done(struct worker *worker)
{
	encoder_done(&worker->encoder);
	bell_free(worker->bell);
	arena_free(worker->arena);
	db_free(worker->db);
}

static void
lane_init(struct lane *lane)
{
	pthread_mutex_init(&lane->lock, NULL);
	pthread_cond_init(&lane->filled, NULL);
	lane->last = &lane->first;
}

static bool
lane_put(struct lane *lane, struct job *job)
{
	bool has_room;

	pthread_mutex_lock(&lane->lock);
	has_room = lane->count < LANE_MAX && !lane->is_stopping;
	if (has_room) {
		job->next = NULL;
		*lane->last = job;
		lane->last = &job->next;
		lane->count++;
		pthread_cond_signal(&lane->filled);
	}
	pthread_mutex_unlock(&lane->lock);
	if (!has_room)
		metric_add(METRIC_store_refused_total, 1);
	return has_room;
}

/* The next job; NULL: there is none, and there will be none. */
static struct job *
lane_take(struct lane *lane, bool *ret_is_stopping)
{
	struct job *job;

	pthread_mutex_lock(&lane->lock);
	while (lane->first == NULL && !lane->is_stopping)
		pthread_cond_wait(&lane->filled, &lane->lock);
	job = lane->first;
	if (job != NULL) {
		lane->first = job->next;
		if (lane->first == NULL)
			lane->last = &lane->first;
		lane->count--;
	}
	*ret_is_stopping = lane->is_stopping;
	pthread_mutex_unlock(&lane->lock);
	return job;
}

static void *
run_thread(void *arg)
{
	struct store_thread *thread = arg;
	struct worker *worker = &thread->worker;
	struct job *job;

	while ((job = lane_take(thread->lane, &worker->is_stopping)) != NULL) {
		job->run(job, worker);
		arena_reset(worker->arena);
	}
	return NULL;
}

struct store *
store_new(
    const struct config *config, struct follower *follower, struct loops *loops)
{
	struct store *store = must_calloc(1, sizeof(*store));

	for (size_t i = 0; i < LANES; i++)
		lane_init(&store->lanes[i]);
	for (size_t i = 0; i < THREADS; i++) {
		struct store_thread *thread = &store->threads[i];

		thread->lane = &store->lanes[i < READERS ? 0 : 1 + i - READERS];
		worker_init(&thread->worker, config, follower, loops);
		if (pthread_create(&thread->id, NULL, run_thread, thread) != 0)
			log_fatal("cannot start a database thread");
	}
	return store;
}

bool
store_read(struct store *store, struct job *job)
{
	return lane_put(&store->lanes[0], job);
}

bool
store_write(struct store *store, uint64_t user_id, struct job *job)
{
	return lane_put(&store->lanes[1 + user_id % WRITE_LANES], job);
}

void
store_stop(struct store *store)
{
	for (size_t i = 0; i < LANES; i++) {
		pthread_mutex_lock(&store->lanes[i].lock);
		store->lanes[i].is_stopping = true;
		pthread_cond_broadcast(&store->lanes[i].filled);
		pthread_mutex_unlock(&store->lanes[i].lock);
	}
	for (size_t i = 0; i < THREADS; i++)
		pthread_join(store->threads[i].id, NULL);
}

void
store_free(struct store *store)
{
	if (store == NULL)
		return;
	for (size_t i = 0; i < THREADS; i++)
		worker_done(&store->threads[i].worker);
	for (size_t i = 0; i < LANES; i++) {
		pthread_cond_destroy(&store->lanes[i].filled);
		pthread_mutex_destroy(&store->lanes[i].lock);
	}
	free(store);
}
