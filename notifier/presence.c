#include "notifier/presence.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "common/alloc.h"
#include "common/clock.h"
#include "notifier/table.h"

/* Somebody of whom there is something to tell. */
struct person {
	struct person *next; /* in the queue of changes */
	uint64_t user_id;
	uint64_t due_ms;  /* when its turn in the queue comes */
	uint64_t gone_ms; /* when it counts as away, unless it is here */
	bool is_here;
	bool is_told; /* what the database believes */
	bool is_queued;
};

/* Stands for everybody who is here and of whom that was told. */
static struct person settled;

/* Comings are due at once, leavings after the grace period: each queue is in
   order of time by itself. */
struct queue {
	struct person *first, **last;
};

struct presence {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	uint64_t grace_ms;
	struct table people;
	struct queue comings, leavings;
	bool is_woken;
};

static void
queue_init(struct queue *queue)
{
	queue->first = NULL;
	queue->last = &queue->first;
}

struct presence *
presence_new(uint64_t grace_ms)
{
	struct presence *presence = must_calloc(1, sizeof(*presence));
	pthread_condattr_t attributes;

	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_cond_init(&presence->changed, &attributes);
	pthread_condattr_destroy(&attributes);
	pthread_mutex_init(&presence->lock, NULL);
	presence->grace_ms = grace_ms;
	table_init(&presence->people);
	queue_init(&presence->comings);
	queue_init(&presence->leavings);
	return presence;
}

void
presence_free(struct presence *presence)
{
	struct person *person;
	size_t at = 0;

	if (presence == NULL)
		return;
	while ((person = table_next(&presence->people, &at)) != NULL)
		if (person != &settled)
			free(person);
	table_done(&presence->people);
	pthread_cond_destroy(&presence->changed);
	pthread_mutex_destroy(&presence->lock);
	free(presence);
}

/*
 * A queued person waits in the queue of the time; whether there is still
 * anything to tell is seen when it is taken.
 */
static void
enqueue(struct presence *presence, struct person *person, uint64_t due_ms)
{
	struct queue *queue = person->is_here ? &presence->comings
					      : &presence->leavings;

	if (person->is_queued)
		return;
	person->is_queued = true;
	person->due_ms = due_ms;
	person->next = NULL;
	*queue->last = person;
	queue->last = &person->next;
	pthread_cond_signal(&presence->changed);
}

static struct person *
person_of(struct presence *presence, uint64_t user_id)
{
	struct person *person = table_get(&presence->people, user_id);

	if (person == NULL || person == &settled) {
		bool is_settled = person != NULL;

		person = must_calloc(1, sizeof(*person));
		person->user_id = user_id;
		person->is_here = is_settled;
		person->is_told = is_settled;
		table_put(&presence->people, user_id, person);
	}
	return person;
}

void
presence_set(
    struct presence *presence, uint64_t user_id, bool is_here, uint64_t now_ms)
{
	struct person *person;

	pthread_mutex_lock(&presence->lock);
	person = person_of(presence, user_id);
	person->is_here = is_here;
	person->gone_ms = is_here ? now_ms : now_ms + presence->grace_ms;
	enqueue(presence, person, person->gone_ms);
	pthread_mutex_unlock(&presence->lock);
}

static struct person *
take_due(struct queue *queue, uint64_t now_ms)
{
	struct person *person = queue->first;

	if (person == NULL || person->due_ms > now_ms)
		return NULL;
	queue->first = person->next;
	if (queue->first == NULL)
		queue->last = &queue->first;
	person->is_queued = false;
	return person;
}

/* There is nothing more to tell of person for now. */
static void
settle(struct presence *presence, struct person *person)
{
	if (person->is_here != person->is_told || person->is_queued)
		return;
	if (person->is_here)
		table_put(&presence->people, person->user_id, &settled);
	else
		table_remove(&presence->people, person->user_id);
	free(person);
}

bool
presence_take(struct presence *presence, uint64_t now_ms,
    struct presence_change *ret_change)
{
	struct person *person;
	bool found = false;

	pthread_mutex_lock(&presence->lock);
	while (!found) {
		person = take_due(&presence->comings, now_ms);
		if (person == NULL)
			person = take_due(&presence->leavings, now_ms);
		if (person == NULL)
			break;
		if (!person->is_here && person->gone_ms > now_ms) {
			enqueue(presence, person, person->gone_ms);
			continue;
		}
		found = person->is_here != person->is_told;
		if (found) {
			person->is_told = person->is_here;
			ret_change->user_id = person->user_id;
			ret_change->is_here = person->is_here;
		}
		settle(presence, person);
	}
	pthread_mutex_unlock(&presence->lock);
	return found;
}

void
presence_retry(struct presence *presence, const struct presence_change *change,
    uint64_t due_ms)
{
	struct person *person;

	pthread_mutex_lock(&presence->lock);
	person = person_of(presence, change->user_id);
	person->is_told = !change->is_here;
	enqueue(presence, person, due_ms);
	pthread_mutex_unlock(&presence->lock);
}

void
presence_forget_told(struct presence *presence, uint64_t now_ms)
{
	struct person *person;
	size_t at = 0;

	pthread_mutex_lock(&presence->lock);
	while (table_next(&presence->people, &at) != NULL) {
		person = person_of(presence, table_key(&presence->people, at));
		person->is_told = false;
		enqueue(presence, person, now_ms);
	}
	pthread_mutex_unlock(&presence->lock);
}

void
presence_wait(struct presence *presence, uint64_t max_ms)
{
	uint64_t now_ms = clock_monotonic_ms();
	const struct person *first;
	struct timespec until;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += (time_t)(max_ms / 1000);
	until.tv_nsec += (long)(max_ms % 1000) * 1000000;
	if (until.tv_nsec >= 1000000000) {
		until.tv_sec++;
		until.tv_nsec -= 1000000000;
	}
	pthread_mutex_lock(&presence->lock);
	first = presence->comings.first;
	if (!presence->is_woken && (first == NULL || first->due_ms > now_ms))
		pthread_cond_timedwait(
		    &presence->changed, &presence->lock, &until);
	presence->is_woken = false;
	pthread_mutex_unlock(&presence->lock);
}

void
presence_wake(struct presence *presence)
{
	pthread_mutex_lock(&presence->lock);
	presence->is_woken = true;
	pthread_cond_signal(&presence->changed);
	pthread_mutex_unlock(&presence->lock);
}
