/*
 * What is due on a connection: a heartbeat, the end of its session, or the
 * finding that its peer is gone.  A connection has one timer, set to the
 * first of these that could be due; traffic does not touch it.
 */
#include "common/clock.h"
#include "notifier/loop_state.h"
#include "notifier/metrics.h"

#define RETRY_MS 1000 /* until the database is asked again */

static uint64_t
heartbeat_ticks(const struct loop *loop)
{
	return (uint64_t)loop->config->heartbeat_seconds * 1000 / WHEEL_TICK_MS;
}

void
loop_set_timer(struct loop *loop, struct conn *conn)
{
	uint64_t ticks = heartbeat_ticks(loop);
	uint64_t due = conn->sent_at + ticks;
	uint64_t due_ms, now_wall_ms = clock_now_ms();

	if (transports[conn->info.transport]->answers &&
	    conn->received_at + ticks < due)
		due = conn->received_at + ticks;
	/* A heartbeat is on its way: look again when it is overdue. */
	if (due <= loop->tick)
		due = loop->tick + ticks;
	due_ms = loop->started_ms + due * WHEEL_TICK_MS;
	if (conn->info.expires_at != 0) {
		uint64_t left = RETRY_MS;

		if (conn->info.expires_at > now_wall_ms)
			left = conn->info.expires_at - now_wall_ms;
		if (loop->now_ms + left < due_ms)
			due_ms = loop->now_ms + left;
	}
	if (conn->state == CONN_JOINING && !conn->has_page &&
	    conn->piece_count == 0 && loop->now_ms + RETRY_MS < due_ms)
		due_ms = loop->now_ms + RETRY_MS;
	timer_set(&loop->wheel, &conn->timer, due_ms);
}

/* Neither taking what it gets nor saying anything: there is nobody. */
static bool
is_dead(const struct loop *loop, const struct conn *conn)
{
	uint64_t most = 2 * heartbeat_ticks(loop);

	if (transports[conn->info.transport]->answers &&
	    loop->tick - conn->received_at >= most)
		return true;
	return conn->piece_count > 0 && loop->tick - conn->sent_at >= most;
}

static void
send_heartbeat(struct loop *loop, struct conn *conn)
{
	struct packet *packet = loop->heartbeats[conn->info.transport];
	uint64_t ticks = heartbeat_ticks(loop);
	bool is_due = false;

	if (transports[conn->info.transport]->answers)
		is_due = loop->tick - conn->received_at >= ticks;
	/* What waits is a heartbeat too, when it is taken. */
	if (conn->piece_count == 0 && loop->tick - conn->sent_at >= ticks)
		is_due = true;
	if (!is_due)
		return;
	conn_push(conn, packet, 0, packet->frame->len);
	loop_mark(loop, conn, false);
}

void
loop_timer(struct loop *loop, struct conn *conn)
{
	if (conn->state > CONN_LIVE) {
		loop_close(loop, conn);
		return;
	}
	if (is_dead(loop, conn)) {
		metric_add(METRIC_closed_dead_total, 1);
		loop_close(loop, conn);
		return;
	}
	if (conn->info.expires_at != 0 &&
	    clock_now_ms() >= conn->info.expires_at)
		join_renew(loop, conn);
	send_heartbeat(loop, conn);
	join_step(loop, conn);
	if (conn->state <= CONN_LIVE)
		loop_set_timer(loop, conn);
}
