#include "notifier/loop.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "common/alloc.h"
#include "common/clock.h"
#include "common/log.h"
#include "notifier/loop_state.h"
#include "notifier/metrics.h"

#define DOOR_MAX       16384 /* notes; the follower waits above that */
#define EVENTS_MAX     256   /* of one epoll_wait() */
#define NOTES_MAX      256   /* taken in one pass, */
#define DELIVERIES_MAX 4096  /* or fewer, once they made so many deliveries */
#define SLICE          32    /* sends to large audiences before looking up */
#define GOODBYE_MS     2000  /* for everybody to take it, at the end */
#define SCRATCH_MAX    ((size_t)256 * 1024)

struct loops {
	size_t count;
	struct loop items[];
};

static void
take_position(struct loop *loop, const struct position_note *note)
{
	loop->position = note->position;
	loop->ring.start = note->position;
	loop->is_positioned = true;
	join_strangers(loop);
}

static void
take_parcel(struct loop *loop, struct parcel_note *note)
{
	struct parcel *parcel = note->parcel;

	deliver(loop, parcel);
	if (parcel->pos == 0) {
		parcel_drop(parcel);
		return;
	}
	loop->position = parcel->pos;
	ring_add(&loop->ring, parcel);
}

static void
take_answer(struct loop *loop, struct answer *answer)
{
	struct conn *conn = answer->conn;

	loop_answered(loop, conn);
	if (answer->frame != NULL && conn->state <= CONN_LIVE) {
		loop_send_frame(loop, conn, answer->frame);
		answer->frame = NULL;
	}
	answer_free(answer);
}

static void
say_goodbye(struct loop *loop)
{
	struct user *user;
	size_t at = 0;

	loop->stop_ms = loop->now_ms + GOODBYE_MS;
	while ((user = table_next(&loop->hub.users, &at)) != NULL)
		for (struct conn *conn = user->conns; conn != NULL;
		     conn = conn->next)
			loop_end(loop, conn, REASON_SHUTDOWN);
	for (struct conn *conn = loop->strangers; conn != NULL;
	     conn = conn->next)
		loop_end(loop, conn, REASON_SHUTDOWN);
}

static void
take_note(struct loop *loop, struct note *note)
{
	switch (note->kind) {
	case NOTE_POSITION:
		take_position(loop, (struct position_note *)note);
		free(note);
		break;
	case NOTE_PARCEL:
		take_parcel(loop, (struct parcel_note *)note);
		free(note);
		break;
	case NOTE_ARRIVAL:
		join_arrival(loop, (struct arrival *)note);
		break;
	case NOTE_PAGE:
		join_page(loop, (struct page *)note);
		break;
	case NOTE_ANSWER:
		take_answer(loop, (struct answer *)note);
		break;
	case NOTE_STOP:
		say_goodbye(loop);
		free(note);
		break;
	}
}

/* A reader is slow when its socket takes no more.  One whose turn we have not
   come to is not: then sending goes before taking more to send.  Of those with
   many others this asks the longest waiting one; the others are all sent to in
   every pass, and so are they when one of them has much (is_crowded). */
static bool
is_behind(const struct loop *loop)
{
	const struct conn *longest = loop->bulk.first;

	return longest != NULL &&
	    (longest->piece_count >= (size_t)loop->config->queue_events / 4 ||
		longest->queued_bytes >= (size_t)loop->config->queue_bytes / 4);
}

/* As much as may be done before others have their turn; the rest waits, in
   order, before what comes through the door meanwhile. */
static void
take_notes(struct loop *loop)
{
	loop->is_crowded = false;
	if (loop->notes == NULL)
		loop->notes = door_take(loop->door);
	for (size_t i = 0; loop->notes != NULL && i < NOTES_MAX &&
	     loop->delivered < DELIVERIES_MAX && !loop->is_crowded &&
	     !is_behind(loop);
	     i++) {
		struct note *note = loop->notes;

		loop->notes = note->next;
		take_note(loop, note);
	}
}

static void
flush(struct loop *loop, struct conn *conn)
{
	loop_flush(loop, conn);
	if (conn->state == CONN_JOINING && conn->piece_count == 0)
		join_step(loop, conn);
}

/* Everybody who shares an event with few, and a slice of those who share one
   with many, so that the few never wait for all of the many. */
static void
flush_some(struct loop *loop)
{
	while (loop->urgent.first != NULL)
		flush(loop, loop->urgent.first);
	for (size_t i = 0; i < SLICE && loop->bulk.first != NULL; i++)
		flush(loop, loop->bulk.first);
}

static void
take_event(struct loop *loop, const struct epoll_event *event)
{
	struct conn *conn = event->data.ptr;

	if (conn == NULL || conn->fd == -1)
		return; /* the door, or closed earlier in this batch */
	if ((event->events & (EPOLLERR | EPOLLHUP)) != 0) {
		loop_close(loop, conn);
		return;
	}
	if ((event->events & (EPOLLIN | EPOLLRDHUP)) != 0)
		loop_readable(loop, conn);
	if ((event->events & EPOLLOUT) != 0 && conn->fd != -1)
		flush(loop, conn);
}

static void
take_timers(struct loop *loop)
{
	struct timer *timer = wheel_advance(&loop->wheel, loop->now_ms), *next;

	for (; timer != NULL; timer = next) {
		struct conn *conn = (struct conn *)timer;

		next = timer->next;
		timer->next = NULL;
		if (conn->fd != -1)
			loop_timer(loop, conn);
	}
}

static void
free_closed(struct loop *loop)
{
	struct conn *conn;

	while ((conn = loop->closed) != NULL) {
		loop->closed = conn->next;
		conn_free(conn);
	}
}

static void
tell_metrics(struct loop *loop)
{
	if (loop->sent > 0)
		metric_add(METRIC_sends_total, loop->sent);
	if (loop->delivered > 0)
		metric_add(METRIC_deliveries_total, loop->delivered);
	loop->sent = 0;
	loop->delivered = 0;
}

static void
read_clock(struct loop *loop)
{
	loop->now_ms = clock_monotonic_ms();
	loop->tick = (uint32_t)((loop->now_ms - loop->started_ms) /
	    WHEEL_TICK_MS);
}

static int
wait_ms(const struct loop *loop)
{
	if (loop->urgent.first != NULL || loop->bulk.first != NULL ||
	    loop->notes != NULL || door_has_notes(loop->door))
		return 0;
	return wheel_wait_ms(&loop->wheel, loop->now_ms);
}

static bool
is_done(const struct loop *loop)
{
	return loop->stop_ms != 0 &&
	    (loop->conn_count == 0 || loop->now_ms >= loop->stop_ms);
}

static void *
run_thread(void *arg)
{
	struct loop *loop = arg;
	struct epoll_event events[EVENTS_MAX];

	while (!is_done(loop)) {
		int count = epoll_wait(
		    loop->epoll, events, EVENTS_MAX, wait_ms(loop));

		read_clock(loop);
		for (int i = 0; i < count; i++)
			take_event(loop, &events[i]);
		take_notes(loop);
		take_timers(loop);
		flush_some(loop);
		free_closed(loop);
		tell_metrics(loop);
	}
	return NULL;
}

static struct packet *
heartbeat_of(const struct transport *transport)
{
	struct packet *packet;
	struct buf buf;

	buf_init(&buf, FRAME_OVERHEAD);
	transport->put_heartbeat(&buf);
	packet = packet_new(frame_new(&buf));
	buf_done(&buf);
	return packet;
}

static void
dirty_init(struct dirty_list *list)
{
	list->first = NULL;
	list->last = &list->first;
}

static void
loop_init(struct loop *loop)
{
	struct epoll_event event = { .events = EPOLLIN };

	loop->started_ms = clock_monotonic_ms();
	loop->now_ms = loop->started_ms;
	loop->door = door_new(DOOR_MAX);
	loop->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (loop->epoll == -1 ||
	    epoll_ctl(
		loop->epoll, EPOLL_CTL_ADD, door_fd(loop->door), &event) == -1)
		log_fatal("epoll: %s", strerror(errno));
	hub_init(&loop->hub);
	wheel_init(&loop->wheel, loop->now_ms);
	dirty_init(&loop->urgent);
	dirty_init(&loop->bulk);
	for (size_t kind = 0; kind < TRANSPORT__COUNT; kind++)
		loop->heartbeats[kind] = heartbeat_of(transports[kind]);
	buf_init(&loop->scratch, SCRATCH_MAX);
	loop->arena = arena_new();
	loop->input = must_calloc(1, INPUT_BYTES);
}

static void
loop_done(struct loop *loop)
{
	struct user *user;
	size_t at = 0;

	/* What was put before everybody stopped putting. */
	do {
		loop->delivered = 0;
		while (loop->bulk.first != NULL)
			loop_close(loop, loop->bulk.first);
		take_notes(loop);
	} while (loop->notes != NULL);
	while (loop->strangers != NULL)
		loop_close(loop, loop->strangers);
	while ((user = table_next(&loop->hub.users, &at)) != NULL) {
		for (struct conn *conn = user->conns, *next; conn != NULL;
		     conn = next) {
			next = conn->next;
			loop_close(loop, conn);
		}
		at = 0;
	}
	free_closed(loop);
	ring_done(&loop->ring);
	hub_done(&loop->hub);
	for (size_t kind = 0; kind < TRANSPORT__COUNT; kind++)
		packet_drop(loop->heartbeats[kind]);
	buf_done(&loop->scratch);
	arena_free(loop->arena);
	free(loop->input);
	close(loop->epoll);
	door_free(loop->door);
}

struct loops *
loops_new(
    const struct config *config, struct gate *gate, struct presence *presence)
{
	long cores = sysconf(_SC_NPROCESSORS_ONLN);
	size_t count = config->loops > 0 ? (size_t)config->loops
	    : cores > 0                  ? (size_t)cores
					 : 1;
	struct loops *loops = must_calloc(
	    1, sizeof(*loops) + count * sizeof(struct loop));

	loops->count = count;
	for (size_t i = 0; i < count; i++) {
		struct loop *loop = &loops->items[i];

		loop->config = config;
		loop->loops = loops;
		loop->gate = gate;
		loop->presence = presence;
		loop_init(loop);
	}
	return loops;
}

void
loops_start(struct loops *loops, struct store *store)
{
	for (size_t i = 0; i < loops->count; i++) {
		struct loop *loop = &loops->items[i];

		loop->store = store;
		if (pthread_create(&loop->thread, NULL, run_thread, loop) != 0)
			log_fatal("cannot start a loop");
	}
}

void
loops_stop(struct loops *loops)
{
	for (size_t i = 0; i < loops->count; i++) {
		struct note *note = must_calloc(1, sizeof(*note));

		note->kind = NOTE_STOP;
		door_put(loops->items[i].door, note);
	}
	for (size_t i = 0; i < loops->count; i++)
		pthread_join(loops->items[i].thread, NULL);
}

void
loops_free(struct loops *loops)
{
	if (loops == NULL)
		return;
	for (size_t i = 0; i < loops->count; i++)
		loop_done(&loops->items[i]);
	free(loops);
}

size_t
loops_count(const struct loops *loops)
{
	return loops->count;
}

struct door *
loops_door(const struct loops *loops, size_t i)
{
	return loops->items[i].door;
}

/* Ids come in a row: any of them is as good as mixed. */
struct door *
loops_door_of(const struct loops *loops, uint64_t user_id)
{
	return loops->items[user_id % loops->count].door;
}

bool
loops_concerns(const struct loops *loops, size_t i, const struct parcel *parcel)
{
	if (parcel->user_id != 0)
		return parcel->user_id % loops->count == i;
	return interest_has(
	    &loops->items[i].hub.interest, parcel->conversation_id);
}

void
loops_offer(const struct loops *loops, struct parcel *parcel)
{
	for (size_t i = 0; i < loops->count; i++) {
		struct note *note = parcel_note_new(parcel_hold(parcel));

		if (door_offer(loops->items[i].door, note))
			continue;
		parcel_drop(parcel);
		free(note);
		metric_add(METRIC_ephemeral_dropped_total, 1);
	}
	parcel_drop(parcel);
}
