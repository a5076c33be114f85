#include "notifier/store_presence.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/alloc.h"
#include "common/clock.h"
#include "common/log.h"
#include "db/streams.h"
#include "notifier/follower.h"
#include "notifier/loop.h"
#include "notifier/store.h"

#define ALIVE_SECONDS   15   /* without a sign, then it is taken for dead */
#define ALIVE_MS        4000 /* between two signs */
#define HOUSEKEEPING_MS 60000
#define RETRY_MS        1000
#define WAIT_MS         200
#define REAP_LIMIT      100
#define PRUNE_LIMIT     1000
#define PRUNE_ROUNDS    50
#define JSON_MAX        ((size_t)1024)
#define HOST_SIZE       200

struct warden {
	pthread_t thread;
	atomic_bool is_stopping;
	struct presence *presence;
	struct worker worker;
	uint64_t notifier_id;                        /* 0: not registered */
	uint64_t alive_ms, reap_ms, housekeeping_ms; /* when they are due */
};

static void
put_time(struct buf *json, const char *name, uint64_t time_ms)
{
	char text[CLOCK_TEXT_SIZE];

	clock_text(time_ms, text);
	buf_text(json, ",\"");
	buf_text(json, name);
	buf_text(json, "\":");
	buf_json(json, slice_of(text));
}

/* To those who share a small conversation, here and elsewhere. */
static enum err
tell(struct warden *warden, uint64_t user_id, bool is_online,
    uint64_t last_seen_at)
{
	struct worker *worker = &warden->worker;
	struct doorbell doorbell = {
		.kind = DOORBELL_EPHEMERAL,
		.ephemeral = { .type = slice_of("presence"),
		    .actor_id = user_id },
	};
	struct ephemeral *ephemeral = &doorbell.ephemeral;
	uint64_t *ids;
	struct buf json;
	enum err err = presence_audience(worker->db, worker->arena, user_id,
	    (uint64_t)worker->config->receipts_members, &ids,
	    &ephemeral->conversation_count);

	if (err != OK)
		return err;
	if (ephemeral->conversation_count > DOORBELL_CONVERSATIONS_MAX)
		ephemeral->conversation_count = DOORBELL_CONVERSATIONS_MAX;
	ephemeral->conversation_ids = ids;
	buf_init(&json, JSON_MAX);
	buf_text(&json, "{\"type\":\"presence\",\"user_id\":");
	buf_u64(&json, user_id);
	buf_text(&json, is_online ? ",\"online\":true" : ",\"online\":false");
	if (last_seen_at != 0)
		put_time(&json, "last_seen_at", last_seen_at);
	else
		buf_text(&json, ",\"last_seen_at\":null");
	put_time(&json, "timestamp", clock_now_ms());
	buf_text(&json, "}");
	ephemeral->json = (struct slice){ json.data, json.len };
	loops_offer(worker->loops,
	    parcel_ephemeral(ephemeral->type, user_id, ephemeral->json, ids,
		ephemeral->conversation_count));
	bell_ring(worker->bell, &doorbell);
	buf_done(&json);
	return OK;
}

static enum err
apply(struct warden *warden, const struct presence_change *change)
{
	struct worker *worker = &warden->worker;
	bool has_changed;
	uint64_t last_seen_at = 0;
	enum err err;

	if (change->is_here)
		err = presence_up(worker->db, change->user_id,
		    warden->notifier_id, &has_changed);
	else
		err = presence_down(worker->db, change->user_id,
		    warden->notifier_id, &has_changed, &last_seen_at);
	if (err != OK || !has_changed)
		return err;
	/* The database has it; that somebody does not hear of it is of the
	   moment, like what they would have heard. */
	if (tell(warden, change->user_id, change->is_here, last_seen_at) != OK)
		log_warn(
		    "presence of user %" PRIu64 " not told", change->user_id);
	return OK;
}

/* A name for people who look into the table. */
static enum err
enlist(struct warden *warden)
{
	char host[HOST_SIZE], name[HOST_SIZE + 24];

	if (gethostname(host, sizeof(host)) == -1)
		host[0] = '\0';
	host[sizeof(host) - 1] = '\0';
	snprintf(name, sizeof(name), "%s %ld", host, (long)getpid());
	return notifier_register(
	    warden->worker.db, name, ALIVE_SECONDS, &warden->notifier_id);
}

static void
say_alive(struct warden *warden, uint64_t now_ms)
{
	enum err err = OK;

	if (warden->notifier_id != 0)
		err = notifier_alive(
		    warden->worker.db, warden->notifier_id, ALIVE_SECONDS);
	if (warden->notifier_id == 0 || err == ERR_NOT_FOUND) {
		err = enlist(warden);
		if (err == OK)
			presence_forget_told(warden->presence, now_ms);
	}
	warden->alive_ms = now_ms + (err == OK ? ALIVE_MS : RETRY_MS);
}

/* True while we are sure to say in time that we live. */
static bool
has_time(const struct warden *warden)
{
	return !atomic_load(&warden->is_stopping) &&
	    clock_monotonic_ms() < warden->alive_ms;
}

/*
 * The people of dead notifiers who are nowhere else went offline.  One of the
 * dead may be ourselves, before an outage: everybody who is here must be
 * written under the new id before.
 */
static void
reap(struct warden *warden)
{
	uint64_t *ids;
	size_t count, buried = REAP_LIMIT;

	while (buried == REAP_LIMIT && has_time(warden)) {
		if (presence_reap(warden->worker.db, warden->worker.arena,
			REAP_LIMIT, &ids, &count, &buried) != OK)
			return;
		for (size_t n = 0; n < count; n++)
			if (tell(warden, ids[n], false, clock_now_ms()) != OK)
				return;
		arena_reset(warden->worker.arena);
	}
	warden->reap_ms = clock_monotonic_ms() + ALIVE_MS;
}

static void
keep_house(struct warden *warden)
{
	const struct config *config = warden->worker.config;
	uint64_t removed = PRUNE_LIMIT;
	enum err err = OK;

	for (size_t i = 0; err == OK && removed == PRUNE_LIMIT &&
	     i < PRUNE_ROUNDS && has_time(warden);
	     i++)
		err = events_prune(warden->worker.db,
		    (uint64_t)config->events_keep_hours, PRUNE_LIMIT, &removed);
	if (err == OK)
		err = expired_prune(warden->worker.db, PRUNE_LIMIT);
	if (err == OK)
		follower_wake(warden->worker.follower);
	else
		log_warn("pruning: %s", err_code(err));
}

/* Write down who came and who went.  True: all of it. */
static bool
apply_changes(struct warden *warden)
{
	struct presence_change change;

	/* A crowd that comes at once must not keep us from saying that we
	   live. */
	while (warden->notifier_id != 0 && has_time(warden)) {
		uint64_t now_ms = clock_monotonic_ms();
		enum err err;

		if (!presence_take(warden->presence, now_ms, &change))
			return true;
		err = apply(warden, &change);
		arena_reset(warden->worker.arena);
		if (err != OK) {
			presence_retry(
			    warden->presence, &change, now_ms + RETRY_MS);
			return false;
		}
	}
	return false;
}

static void
pass(struct warden *warden)
{
	uint64_t now_ms = clock_monotonic_ms();

	if (now_ms >= warden->alive_ms)
		say_alive(warden, now_ms);
	if (apply_changes(warden) && now_ms >= warden->reap_ms)
		reap(warden);
	if (now_ms >= warden->housekeeping_ms) {
		warden->housekeeping_ms = now_ms + HOUSEKEEPING_MS;
		keep_house(warden);
		arena_reset(warden->worker.arena);
	}
}

/* Those who were connected here have the grace period to connect elsewhere,
   or to whatever is started in our place, before anybody buries us. */
static void
leave(struct warden *warden)
{
	const struct worker *worker = &warden->worker;

	if (warden->notifier_id != 0 &&
	    notifier_alive(worker->db, warden->notifier_id,
		(uint64_t)worker->config->presence_grace_seconds) != OK)
		log_warn("could not tell the database that we stop");
}

static void *
run_thread(void *arg)
{
	struct warden *warden = arg;

	while (!atomic_load(&warden->is_stopping)) {
		pass(warden);
		presence_wait(warden->presence, WAIT_MS);
	}
	leave(warden);
	return NULL;
}

struct warden *
warden_start(const struct config *config, struct presence *presence,
    struct follower *follower, struct loops *loops)
{
	struct warden *warden = must_calloc(1, sizeof(*warden));

	warden->presence = presence;
	atomic_init(&warden->is_stopping, false);
	worker_init(&warden->worker, config, follower, loops);
	warden->housekeeping_ms = clock_monotonic_ms() + HOUSEKEEPING_MS;
	if (pthread_create(&warden->thread, NULL, run_thread, warden) != 0)
		log_fatal("cannot start the presence thread");
	return warden;
}

void
warden_stop(struct warden *warden)
{
	atomic_store(&warden->is_stopping, true);
	presence_wake(warden->presence);
	pthread_join(warden->thread, NULL);
	worker_done(&warden->worker);
	free(warden);
}
