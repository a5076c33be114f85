#include "notifier/follower.h"

#include <inttypes.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "common/alloc.h"
#include "common/clock.h"
#include "common/log.h"
#include "db/events.h"
#include "notifier/follower_encode.h"
#include "notifier/loop.h"
#include "notifier/metrics.h"

#define BATCH 500 /* events of one look */

/*
 * A transaction may write a row and commit long after rows with higher ids
 * are stamped, so looks reach back to where the ids were TRAIL_MS ago (no
 * lock is waited for longer than two seconds), and now and then to the very
 * beginning.
 */
#define TRAIL_MS      5000
#define EVERYTHING_MS 60000

/* What one look has found, encoded. */
struct batch {
	struct parcel *items[BATCH];
	size_t count;
};

struct follower {
	const struct config *config;
	struct loops *loops;
	struct db *db;
	struct arena *arena;
	struct encoder encoder;
	struct batch batch;
	pthread_t thread;
	int wake_fd;
	atomic_bool is_stopping;

	uint64_t position; /* of the last event handed out */
	bool is_positioned, is_down;
	uint64_t highest_id;        /* seen so far */
	uint64_t trail, next_trail; /* highest_id, TRAIL_MS and more ago */
	uint64_t trail_ms, everything_ms; /* when they are due */
};

struct follower *
follower_new(const struct config *config, struct loops *loops)
{
	struct follower *follower = must_calloc(1, sizeof(*follower));

	follower->config = config;
	follower->loops = loops;
	follower->db = db_new(config);
	follower->arena = arena_new();
	encoder_init(&follower->encoder, (uint64_t)config->receipts_members);
	follower->wake_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (follower->wake_fd == -1)
		log_fatal("no eventfd to be had");
	atomic_init(&follower->is_stopping, false);
	return follower;
}

void
follower_free(struct follower *follower)
{
	if (follower == NULL)
		return;
	close(follower->wake_fd);
	encoder_done(&follower->encoder);
	arena_free(follower->arena);
	db_free(follower->db);
	free(follower);
}

void
follower_wake(struct follower *follower)
{
	uint64_t one = 1;

	/* Fails only when the counter is full: then it is awake anyway. */
	if (write(follower->wake_fd, &one, sizeof(one)) == -1)
		return;
}

static void
wait_for_more(struct follower *follower)
{
	struct pollfd wake = { .fd = follower->wake_fd, .events = POLLIN };
	uint64_t wakes;

	/* Whatever ends the wait, it is time to look. */
	(void)poll(&wake, 1, (int)follower->config->poll_ms);
	if (read(follower->wake_fd, &wakes, sizeof(wakes)) == -1)
		return;
}

/* Where events begin for everybody who connects from now on. */
static enum err
find_position(struct follower *follower)
{
	struct event_range range;
	enum err err = events_range(follower->db, &range);

	if (err != OK)
		return err;
	follower->position = range.head;
	follower->is_positioned = true;
	for (size_t i = 0; i < loops_count(follower->loops); i++) {
		struct position_note *note = must_calloc(1, sizeof(*note));

		note->note.kind = NOTE_POSITION;
		note->position = range.head;
		door_put(loops_door(follower->loops, i), &note->note);
	}
	log_info("following the event log from %" PRIu64, range.head);
	return OK;
}

static bool
concerns(const struct loops *loops, size_t i, const struct batch *batch)
{
	for (size_t n = 0; n < batch->count; n++)
		if (loops_concerns(loops, i, batch->items[n]))
			return true;
	return false;
}

/* A loop that the events do not concern gets them too, since somebody may
   join it right behind them, but sleeps on. */
static void
put(const struct loops *loops, size_t i, const struct batch *batch)
{
	struct door *door = loops_door(loops, i);
	bool is_quiet = !concerns(loops, i, batch);
	struct note_list notes;

	note_list_init(&notes);
	for (size_t n = 0; n < batch->count; n++)
		note_list_add(
		    &notes, parcel_note_new(parcel_hold(batch->items[n])));
	door_put_list(door, &notes, is_quiet);
	if (is_quiet && concerns(loops, i, batch))
		door_wake(door);
}

static void
hand_out(struct follower *follower, const struct event_list *list)
{
	struct batch *batch = &follower->batch;

	batch->count = list->count;
	for (size_t n = 0; n < list->count; n++) {
		const struct event *event = &list->items[n];

		batch->items[n] = encode_parcel(&follower->encoder, event);
		if (event->id > follower->highest_id)
			follower->highest_id = event->id;
	}
	for (size_t i = 0; i < loops_count(follower->loops); i++)
		put(follower->loops, i, batch);
	for (size_t n = 0; n < batch->count; n++)
		parcel_drop(batch->items[n]);
	follower->position = list->items[list->count - 1].pos;
	metric_add(METRIC_events_total, (int64_t)list->count);
	metric_set(METRIC_position, (int64_t)follower->position);
}

/* The id above which this look stamps. */
static uint64_t
look_above(struct follower *follower, uint64_t now_ms)
{
	if (now_ms >= follower->everything_ms) {
		follower->everything_ms = now_ms + EVERYTHING_MS;
		return 0;
	}
	if (now_ms >= follower->trail_ms) {
		follower->trail_ms = now_ms + TRAIL_MS;
		follower->trail = follower->next_trail;
		follower->next_trail = follower->highest_id;
	}
	return follower->trail;
}

static enum err
look(struct follower *follower, size_t *ret_count)
{
	struct event_list list = { 0 };
	uint64_t now_ms = clock_monotonic_ms();
	enum err err = OK;

	if (!follower->is_positioned)
		err = find_position(follower);
	if (err == OK)
		err = events_follow(follower->db, follower->arena,
		    follower->position, look_above(follower, now_ms), BATCH,
		    &list);
	if (err != OK)
		return err;
	if (list.count > 0)
		hand_out(follower, &list);
	metric_set(METRIC_last_look_ms, (int64_t)now_ms);
	*ret_count = list.count;
	return OK;
}

/* Says once that the database went away, and once that it is back. */
static void
tell_state(struct follower *follower, enum err err)
{
	bool is_down = err != OK;

	metric_set(METRIC_database_up, !is_down);
	if (is_down == follower->is_down)
		return;
	follower->is_down = is_down;
	if (is_down)
		log_warn("cannot read the event log (%s), trying again",
		    err_code(err));
	else
		log_info("reading the event log again");
	follower->everything_ms = 0;
}

static void *
run_thread(void *arg)
{
	struct follower *follower = arg;

	while (!atomic_load(&follower->is_stopping)) {
		size_t count = 0;
		enum err err = look(follower, &count);

		arena_reset(follower->arena);
		tell_state(follower, err);
		if (count < BATCH)
			wait_for_more(follower);
	}
	return NULL;
}

void
follower_start(struct follower *follower)
{
	if (pthread_create(&follower->thread, NULL, run_thread, follower) != 0)
		log_fatal("cannot start the follower");
}

void
follower_stop(struct follower *follower)
{
	atomic_store(&follower->is_stopping, true);
	follower_wake(follower);
	pthread_join(follower->thread, NULL);
}
