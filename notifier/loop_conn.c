/* What can happen to one connection. */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "common/clock.h"
#include "notifier/loop_state.h"
#include "notifier/metrics.h"

#define FAREWELL_MS 5000 /* for a reader to take what is left and a goodbye */
#define LEAVE_MS    2000 /* for the peer to close, once all is sent */
#define READS_MAX   8    /* of one connection in a row */

const struct farewell farewells[REASON__COUNT] = {
	[REASON_REVOKED] = { "revoked", CLOSE_ENDED },
	[REASON_EXPIRED] = { "expired", CLOSE_ENDED },
	[REASON_DISABLED] = { "disabled", CLOSE_ENDED },
	[REASON_REMOVED] = { "removed", CLOSE_REMOVED },
	[REASON_SLOW] = { "slow", CLOSE_SLOW },
	[REASON_SHUTDOWN] = { "shutdown", CLOSE_GOING_AWAY },
};

static enum metric
gauge_of(const struct conn *conn)
{
	return conn->info.transport == TRANSPORT_SSE
	    ? METRIC_sse_connections
	    : METRIC_websocket_connections;
}

/* Options that fail do not apply to this kind of socket. */
static void
set_option(int fd, int level, int name, int value)
{
	(void)setsockopt(fd, level, name, &value, sizeof(value));
}

static void
set_options(const struct loop *loop, int fd)
{
	set_option(fd, SOL_SOCKET, SO_SNDBUF, (int)loop->config->send_buffer);
	set_option(fd, IPPROTO_TCP, TCP_CORK, 0);
	set_option(fd, IPPROTO_TCP, TCP_NODELAY, 1);
	set_option(fd, IPPROTO_TCP, TCP_USER_TIMEOUT,
	    (int)(2 * loop->config->heartbeat_seconds * 1000));
}

static bool
watch(struct loop *loop, struct conn *conn, int operation)
{
	const struct transport *transport = transports[conn->info.transport];
	struct epoll_event event = {
		.events = EPOLLRDHUP,
		.data.ptr = conn,
	};

	if (transport->receive != NULL)
		event.events |= EPOLLIN;
	if (conn->is_blocked)
		event.events |= EPOLLOUT;
	return epoll_ctl(loop->epoll, operation, conn->fd, &event) == 0;
}

static void
unlink_conn(struct conn *conn)
{
	if (conn->link == NULL)
		return;
	*conn->link = conn->next;
	if (conn->next != NULL)
		conn->next->link = conn->link;
	conn->link = NULL;
}

struct conn *
loop_adopt(struct loop *loop, struct arrival *arrival)
{
	struct conn *conn = conn_new(arrival->fd);

	arrival->fd = -1;
	conn->info = arrival->info;
	conn->cursor = arrival->cursor;
	conn->snapshot = arrival->snapshot;
	arrival->snapshot = NULL;
	conn->sent_at = loop->tick;
	conn->received_at = loop->tick;
	conn->window_start = loop->tick;
	conn->next = loop->strangers;
	conn->link = &loop->strangers;
	if (conn->next != NULL)
		conn->next->link = &conn->next;
	loop->strangers = conn;
	loop->conn_count++;
	metric_add(gauge_of(conn), 1);
	metric_add(METRIC_connections_total, 1);
	set_options(loop, conn->fd);
	loop_set_timer(loop, conn);
	if (!watch(loop, conn, EPOLL_CTL_ADD))
		loop_close(loop, conn);
	return conn;
}

static void
unmark(struct loop *loop, struct conn *conn)
{
	struct dirty_list *list = conn->is_urgent ? &loop->urgent : &loop->bulk;

	if (conn->dirty_link == NULL)
		return;
	*conn->dirty_link = conn->dirty_next;
	if (conn->dirty_next != NULL)
		conn->dirty_next->dirty_link = conn->dirty_link;
	else
		list->last = conn->dirty_link;
	conn->dirty_link = NULL;
}

void
loop_mark(struct loop *loop, struct conn *conn, bool is_urgent)
{
	struct dirty_list *list = is_urgent ? &loop->urgent : &loop->bulk;

	if (conn->is_blocked)
		return;
	if (conn->dirty_link != NULL) {
		if (conn->is_urgent || !is_urgent)
			return;
		unmark(loop, conn);
	}
	conn->is_urgent = is_urgent;
	conn->dirty_next = NULL;
	conn->dirty_link = list->last;
	*list->last = conn;
	list->last = &conn->dirty_next;
}

/* It has much to be sent, though nobody tried yet. */
static bool
is_crowded(const struct loop *loop, const struct conn *conn)
{
	return conn->piece_count >= (size_t)loop->config->queue_events / 4 ||
	    conn->queued_bytes >= (size_t)loop->config->queue_bytes / 4;
}

void
loop_push(struct loop *loop, struct conn *conn, struct packet *packet,
    uint32_t from, uint32_t to)
{
	if (conn->piece_count >= (size_t)loop->config->queue_events ||
	    conn->queued_bytes + (to - from) >
		(size_t)loop->config->queue_bytes) {
		metric_add(METRIC_closed_slow_total, 1);
		loop_end(loop, conn, REASON_SLOW);
		return;
	}
	conn_push(conn, packet, from, to);
	loop->delivered++;
	if (!conn->is_blocked && is_crowded(loop, conn))
		loop->is_crowded = true;
}

/* Not bounded by the queue: there is one of these at a time. */
static void
push_frame(struct loop *loop, struct conn *conn, struct frame *frame)
{
	struct packet *packet = packet_new(frame);

	conn_push(conn, packet, 0, frame->len);
	packet_drop(packet);
	loop_mark(loop, conn, true);
}

void
loop_send_frame(struct loop *loop, struct conn *conn, struct frame *frame)
{
	if (conn->state <= CONN_LIVE)
		push_frame(loop, conn, frame);
	else
		frame_drop(frame);
	/* Answers that nobody reads are not kept for ever. */
	if (conn->state <= CONN_LIVE &&
	    conn->piece_count > 2 * (size_t)loop->config->queue_events)
		loop_end(loop, conn, REASON_SLOW);
}

void
loop_send_event(
    struct loop *loop, struct conn *conn, const char *type, struct slice json)
{
	buf_clear(&loop->scratch);
	transports[conn->info.transport]->put_event(
	    &loop->scratch, slice_of(type), EVENT_ID_NONE, json);
	loop_send_frame(loop, conn, frame_new(&loop->scratch));
}

/* All is sent of a connection that is to end.  A client that has yet to say
   goodbye too is given the time, or what it still sends would make the
   kernel take ours back. */
static void
leave(struct loop *loop, struct conn *conn)
{
	conn->state = CONN_LEAVING;
	if (transports[conn->info.transport]->receive == NULL || conn->is_deaf)
		shutdown(conn->fd, SHUT_WR);
	timer_set(&loop->wheel, &conn->timer, loop->now_ms + LEAVE_MS);
}

void
loop_flush(struct loop *loop, struct conn *conn)
{
	uint32_t before = conn->queued_bytes;
	bool was_blocked = conn->is_blocked;
	enum flushed flushed;

	unmark(loop, conn);
	if (conn->fd == -1 || before == 0)
		return;
	flushed = conn_flush(conn);
	loop->sent++;
	if (flushed == FLUSHED_DEAD) {
		loop_close(loop, conn);
		return;
	}
	if (conn->queued_bytes != before)
		conn->sent_at = loop->tick;
	conn->is_blocked = flushed == FLUSHED_SOME;
	if (conn->is_blocked != was_blocked)
		(void)watch(loop, conn, EPOLL_CTL_MOD);
	if (flushed == FLUSHED_ALL && conn->state == CONN_ENDING)
		leave(loop, conn);
}

static void
put_goodbye(struct buf *buf, const struct conn *conn, enum reason reason)
{
	char json[160], time[CLOCK_TEXT_SIZE];
	const struct transport *transport = transports[conn->info.transport];
	int len;

	clock_text(clock_now_ms(), time);
	len = snprintf(json, sizeof(json),
	    "{\"type\":\"session_ended\",\"reason\":\"%s\",\"timestamp\":\"%s\"}",
	    farewells[reason].name, time);
	transport->put_event(buf, slice_of("session_ended"), EVENT_ID_NONE,
	    (struct slice){ json, (size_t)len });
	transport->put_close(buf, farewells[reason].code);
}

/* The last bytes of a connection are in the scratch buffer. */
static void
say_goodbye(struct loop *loop, struct conn *conn)
{
	push_frame(loop, conn, frame_new(&loop->scratch));
	conn->state = CONN_ENDING;
	timer_set(&loop->wheel, &conn->timer, loop->now_ms + FAREWELL_MS);
}

void
loop_end(struct loop *loop, struct conn *conn, enum reason reason)
{
	if (conn->state > CONN_LIVE)
		return;
	/* A farewell does not wait behind what nobody may or does read. */
	if (reason != REASON_SHUTDOWN)
		conn_cut(conn);
	buf_clear(&loop->scratch);
	put_goodbye(&loop->scratch, conn, reason);
	say_goodbye(loop, conn);
}

void
loop_deafen(struct conn *conn)
{
	conn->is_deaf = true;
	if (conn->state == CONN_LEAVING)
		shutdown(conn->fd, SHUT_WR);
}

void
loop_hang_up(struct loop *loop, struct conn *conn, enum close_code code)
{
	if (conn->state > CONN_LIVE)
		return;
	buf_clear(&loop->scratch);
	transports[conn->info.transport]->put_close(&loop->scratch, code);
	say_goodbye(loop, conn);
}

/* Somebody whose last connection this was is away, after a while. */
static void
leave_user(struct loop *loop, struct conn *conn)
{
	struct user *user = conn->user;

	conn->user = NULL;
	if (user == NULL || user->conns != NULL)
		return;
	presence_set(loop->presence, user->id, false, loop->now_ms);
	hub_remove(&loop->hub, user);
}

void
loop_close(struct loop *loop, struct conn *conn)
{
	if (conn->state == CONN_CLOSED)
		return;
	conn->state = CONN_CLOSED;
	unmark(loop, conn);
	timer_cancel(&loop->wheel, &conn->timer);
	unlink_conn(conn);
	leave_user(loop, conn);
	/* Closing alone does not end the watch while the http thread has yet
	   to close its own copy of the descriptor. */
	(void)epoll_ctl(loop->epoll, EPOLL_CTL_DEL, conn->fd, NULL);
	conn_close(conn);
	gate_leave(loop->gate, conn->info.user_id, conn->info.address_key);
	metric_add(gauge_of(conn), -1);
	loop->conn_count--;
	if (conn->questions > 0)
		return;
	conn->next = loop->closed;
	loop->closed = conn;
}

void
loop_answered(struct loop *loop, struct conn *conn)
{
	conn->questions--;
	if (conn->state != CONN_CLOSED || conn->questions > 0)
		return;
	conn->next = loop->closed;
	loop->closed = conn;
}

void
loop_readable(struct loop *loop, struct conn *conn)
{
	const struct transport *transport = transports[conn->info.transport];

	/* Of a stream nothing is expected but its end. */
	if (transport->receive == NULL) {
		loop_close(loop, conn);
		return;
	}
	for (size_t i = 0; i < READS_MAX && conn->fd != -1; i++) {
		ssize_t len = recv(
		    conn->fd, loop->input, INPUT_BYTES, MSG_DONTWAIT);

		if (len == -1 && errno == EINTR)
			continue;
		if (len == -1 && (errno == EAGAIN || errno == EWOULDBLOCK))
			return;
		if (len <= 0) {
			loop_close(loop, conn);
			return;
		}
		conn->received_at = loop->tick;
		if (!conn->is_deaf)
			transport->receive(
			    loop, conn, loop->input, (size_t)len);
		if ((size_t)len < INPUT_BYTES)
			return;
	}
}
