/*
 * Bringing a connection up to date, without a gap and without a repeat.
 *
 * A connection that joins hears nothing by itself.  It reads pages from the
 * database until it is close behind the loop, takes the rest from the ring of
 * the last parcels, and is live from that very position on.  What it is sent
 * meanwhile is bounded by a page, since the next is asked for when all of one
 * is sent.
 */
#include <stdlib.h>

#include "common/clock.h"
#include "notifier/loop_state.h"
#include "notifier/store_open.h"

static void
ask_page(struct loop *loop, struct conn *conn, uint64_t cursor, bool is_new)
{
	if (conn->has_page ||
	    !store_page(
		loop->store, loop->door, conn, &conn->info, cursor, is_new))
		return; /* the timer asks again */
	conn->has_page = true;
	conn->questions++;
}

void
join_renew(struct loop *loop, struct conn *conn)
{
	/* Nothing comes after this cursor: it is judged, no more. */
	if (conn->state == CONN_LIVE)
		ask_page(loop, conn, UINT64_MAX, true);
	else if (conn->state == CONN_JOINING)
		ask_page(loop, conn, conn->cursor, true);
}

static void
link_user(struct conn *conn, struct user *user)
{
	*conn->link = conn->next;
	if (conn->next != NULL)
		conn->next->link = conn->link;
	conn->user = user;
	conn->next = user->conns;
	conn->link = &user->conns;
	if (conn->next != NULL)
		conn->next->link = &conn->next;
	user->conns = conn;
}

/*
 * Make the stranger a connection of its user.  What the log said since its
 * snapshot holds for it: the end of its session, and memberships unless the
 * hub had them already.  False: it ends here.
 */
static bool
enter(struct loop *loop, struct conn *conn)
{
	struct user *user = hub_user(&loop->hub, conn->info.user_id);
	const struct ring *ring = &loop->ring;
	uint64_t position = conn->snapshot->position;
	bool is_first = user == NULL, is_removed = false;

	if (is_first) {
		user = hub_add(&loop->hub, conn->info.user_id, conn->snapshot);
		presence_set(loop->presence, user->id, true, loop->now_ms);
	}
	link_user(conn, user);
	for (size_t i = ring_find(ring, position); i < ring->count; i++) {
		const struct parcel *parcel = ring_get(ring, i);

		if (parcel->user_id != user->id)
			continue;
		if (is_first)
			deliver_membership(loop, parcel);
		if (deliver_ends(parcel, conn))
			loop_end(loop, conn, parcel->reason);
		if (parcel->control == CONTROL_SUBSCRIBE &&
		    parcel->conversation_id == conn->info.only_id)
			is_removed = false;
		if (parcel->control == CONTROL_UNSUBSCRIBE &&
		    parcel->conversation_id == conn->info.only_id)
			is_removed = true;
	}
	/* Not by what the hub knows: it may have yet to hear of a conversation
	   that the snapshot has already. */
	if (is_removed)
		loop_end(loop, conn, REASON_REMOVED);
	return conn->state == CONN_JOINING;
}

/* False: it has enough to send for now, or none of this any longer. */
static bool
take_ring(struct loop *loop, struct conn *conn)
{
	const struct ring *ring = &loop->ring;
	size_t most_pieces = (size_t)loop->config->queue_events / 2;
	size_t most_bytes = (size_t)loop->config->queue_bytes / 2;

	for (size_t i = ring_find(ring, conn->cursor); i < ring->count; i++) {
		const struct parcel *parcel = ring_get(ring, i);

		deliver_late(loop, conn, parcel);
		if (conn->state != CONN_JOINING)
			return false;
		conn->cursor = parcel->pos;
		if (conn->piece_count >= most_pieces ||
		    conn->queued_bytes >= most_bytes)
			return false;
	}
	return true;
}

void
join_step(struct loop *loop, struct conn *conn)
{
	if (conn->state != CONN_JOINING || conn->has_page ||
	    conn->piece_count > 0 || !loop->is_positioned)
		return;
	if (conn->user == NULL) {
		if (conn->snapshot->position < loop->ring.start) {
			ask_page(loop, conn, conn->cursor, true);
			return;
		}
		if (!enter(loop, conn))
			return;
	}
	if (conn->cursor < loop->ring.start) {
		ask_page(loop, conn, conn->cursor, false);
		return;
	}
	if (!take_ring(loop, conn))
		return;
	conn->state = CONN_LIVE;
	free(conn->snapshot);
	conn->snapshot = NULL;
}

void
join_arrival(struct loop *loop, struct arrival *arrival)
{
	struct conn *conn = loop_adopt(loop, arrival);
	const struct transport *transport = transports[conn->info.transport];

	if (conn->state == CONN_JOINING) {
		loop_send_frame(loop, conn, arrival->greeting);
		arrival->greeting = NULL;
		loop_flush(loop, conn);
	}
	join_step(loop, conn);
	if (arrival->extra_len > 0 && transport->receive != NULL &&
	    conn->state <= CONN_LIVE)
		transport->receive(
		    loop, conn, arrival->extra, arrival->extra_len);
	arrival_free(arrival);
}

static void
end_refused(struct loop *loop, struct conn *conn, enum err err)
{
	bool has_expired = conn->info.expires_at != 0 &&
	    clock_now_ms() >= conn->info.expires_at;

	if (err == ERR_UNAUTHENTICATED)
		loop_end(
		    loop, conn, has_expired ? REASON_EXPIRED : REASON_REVOKED);
	else if (err == ERR_NOT_FOUND)
		loop_end(loop, conn, REASON_REMOVED);
	else
		loop_set_timer(loop, conn); /* which asks again */
}

static void
take_page(struct loop *loop, struct conn *conn, struct page *page)
{
	if (page->snapshot != NULL)
		conn->info.expires_at = page->expires_at;
	if (conn->state == CONN_LIVE) {
		loop_set_timer(loop, conn);
		return;
	}
	if (conn->user == NULL && page->snapshot != NULL) {
		free(conn->snapshot);
		conn->snapshot = page->snapshot;
		page->snapshot = NULL;
	}
	conn->cursor = page->cursor;
	if (page->frame != NULL) {
		loop_send_frame(loop, conn, page->frame);
		page->frame = NULL;
		loop_flush(loop, conn);
	}
	join_step(loop, conn);
}

void
join_page(struct loop *loop, struct page *page)
{
	struct conn *conn = page->conn;

	conn->has_page = false;
	loop_answered(loop, conn);
	if (conn->state <= CONN_LIVE) {
		if (page->err == OK)
			take_page(loop, conn, page);
		else
			end_refused(loop, conn, page->err);
	}
	page_free(page);
}

void
join_strangers(struct loop *loop)
{
	struct conn *conn, *next;

	for (conn = loop->strangers; conn != NULL; conn = next) {
		next = conn->next;
		join_step(loop, conn);
	}
}
