/*
 * Loop_state: what the files share that run on a loop's thread.
 *
 * loop.c waits and dispatches, loop_conn.c knows what can happen to one
 * connection, join.c brings new ones up to date, delivery.c hands events to
 * those who hear them, ws.c and ws_command.c take what clients say.
 */
#ifndef NOTIFIER_LOOP_STATE_H
#define NOTIFIER_LOOP_STATE_H

#include <pthread.h>

#include "common/arena.h"
#include "common/config.h"
#include "notifier/arrival.h"
#include "notifier/conn.h"
#include "notifier/gate.h"
#include "notifier/hub.h"
#include "notifier/loop.h"
#include "notifier/parcel.h"
#include "notifier/presence.h"
#include "notifier/ring.h"
#include "notifier/wheel.h"

#define INPUT_BYTES ((size_t)64 * 1024)

/* Connections with something to send, longest waiting first. */
struct dirty_list {
	struct conn *first, **last;
};

struct loop {
	const struct config *config;
	struct loops *loops;
	struct gate *gate;
	struct presence *presence;
	struct store *store;
	pthread_t thread;
	struct door *door;
	struct note *notes; /* taken from the door, not looked at yet */
	int epoll;

	struct hub hub;
	struct conn *strangers; /* connections without a user yet */
	struct wheel wheel;
	uint64_t started_ms, now_ms; /* monotonic */
	uint32_t tick;               /* of WHEEL_TICK_MS, since the start */
	size_t conn_count;

	struct dirty_list urgent, bulk;
	struct conn *closed; /* linked by next; freed at the end of a pass */

	struct ring ring;
	uint64_t position; /* of the last event applied */
	bool is_positioned;
	bool is_crowded; /* somebody has to be sent to before more is taken */
	uint32_t ephemerals;

	struct packet *heartbeats[TRANSPORT__COUNT];
	struct buf scratch;
	struct arena *arena; /* for one message of a client */
	uint8_t *input;
	int64_t delivered, sent; /* since they were added to the metrics */
	uint64_t stop_ms;        /* when to stop waiting; 0: not stopping */
};

/* What to call a WebSocket's or a stream's end. */
struct farewell {
	const char *name;
	enum close_code code;
};
extern const struct farewell farewells[REASON__COUNT]; /* loop_conn.c */

/* loop_timer.c */

/* When to look after the connection again, by what it has heard and said. */
void loop_set_timer(struct loop *loop, struct conn *conn);
/* That time has come. */
void loop_timer(struct loop *loop, struct conn *conn);

/* loop_conn.c */

/* Take over a socket; takes what is in arrival, not arrival itself. */
struct conn *loop_adopt(struct loop *loop, struct arrival *arrival);

/* Queue some of a packet; who does not keep up is sent away. */
void loop_push(struct loop *loop, struct conn *conn, struct packet *packet,
    uint32_t from, uint32_t to);

/* Queue a frame for this connection alone; takes the reference. */
void loop_send_frame(struct loop *loop, struct conn *conn, struct frame *frame);

/* Queue one event for this connection alone. */
void loop_send_event(
    struct loop *loop, struct conn *conn, const char *type, struct slice json);

/* To be flushed in this pass, before those with many others or after. */
void loop_mark(struct loop *loop, struct conn *conn, bool is_urgent);
void loop_flush(struct loop *loop, struct conn *conn);

/* Send session_ended and the transport's own goodbye, then hang up. */
void loop_end(struct loop *loop, struct conn *conn, enum reason reason);
/* Hang up with a code and without session_ended. */
void loop_hang_up(struct loop *loop, struct conn *conn, enum close_code code);
/* What the client sends from now on is not looked at. */
void loop_deafen(struct conn *conn);
/* Gone, now. */
void loop_close(struct loop *loop, struct conn *conn);
/* A question to the store was answered; frees what is closed. */
void loop_answered(struct loop *loop, struct conn *conn);

void loop_readable(struct loop *loop, struct conn *conn);

/* join.c */
void join_arrival(struct loop *loop, struct arrival *arrival);
void join_page(struct loop *loop, struct page *page);
/* Go on, if it can: after a page, when everything is sent, in time. */
void join_step(struct loop *loop, struct conn *conn);
/* The loop knows now where events begin. */
void join_strangers(struct loop *loop);
/* Ask whether an open stream's session is still good. */
void join_renew(struct loop *loop, struct conn *conn);

/* delivery.c */
void deliver(struct loop *loop, struct parcel *parcel);
/* Give a conn that catches up its part of parcel, if it is for its user and
   it carries it. */
void deliver_late(
    struct loop *loop, struct conn *conn, const struct parcel *parcel);
/* True when parcel ends conn. */
bool deliver_ends(const struct parcel *parcel, const struct conn *conn);
/* What parcel changes in the memberships of its user. */
void deliver_membership(struct loop *loop, const struct parcel *parcel);

/* ws_command.c */

/*
 * Count what costs us something and is bounded nowhere else: everything but
 * messages, which the setting rate_messages bounds.  False: too much.
 */
bool ws_is_within_rate(struct loop *loop, struct conn *conn);
/* One text message of a client. */
void ws_command(struct loop *loop, struct conn *conn, struct slice text);

#endif /* NOTIFIER_LOOP_STATE_H */
