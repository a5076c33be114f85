/* Events of the log and of the moment, to those connections that hear them. */
#include "notifier/event_type.h"
#include "notifier/loop_state.h"

#define SMALL_AUDIENCE 32 /* users; flushed before larger ones */

/* One parcel on its way through one loop. */
struct round {
	const struct parcel *parcel;
	struct packet *packets[TRANSPORT__COUNT]; /* made when needed */
	uint32_t ends[TRANSPORT__COUNT][2]; /* for others, for the actor */
	uint32_t left_out; /* types that nobody gets this time; bits */
	bool is_urgent;
};

static void
round_begin(struct round *round, const struct parcel *parcel)
{
	*round = (struct round){ .parcel = parcel };
	for (size_t kind = 0; kind < TRANSPORT__COUNT; kind++)
		for (int is_actor = 0; is_actor <= 1; is_actor++)
			round->ends[kind][is_actor] = parcel_end(
			    parcel, (enum transport_kind)kind, is_actor);
}

static void
round_end(struct round *round)
{
	for (size_t kind = 0; kind < TRANSPORT__COUNT; kind++)
		packet_drop(round->packets[kind]);
}

static struct packet *
packet_of(struct round *round, enum transport_kind kind)
{
	if (round->packets[kind] == NULL)
		round->packets[kind] = packet_new(
		    frame_hold(round->parcel->frames[kind]));
	return round->packets[kind];
}

/* Does this connection carry the conversation that the parcel is about? */
static bool
carries(const struct conn *conn, const struct parcel *parcel)
{
	uint64_t only_id = conn->info.only_id;

	if (only_id == 0 || only_id == parcel->conversation_id)
		return true;
	for (size_t i = 0; i < parcel->conversation_count; i++)
		if (parcel->conversation_ids[i] == only_id)
			return true;
	return false;
}

static void
give_some(
    struct loop *loop, struct conn *conn, struct round *round, uint32_t end)
{
	const struct parcel *parcel = round->parcel;
	enum transport_kind kind = conn->info.transport;
	uint32_t from = 0;

	for (size_t i = 0; i < parcel->part_count; i++) {
		const struct part *part = &parcel->parts[i];

		if (part->end[kind] > end || conn->state > CONN_LIVE)
			return;
		if ((part->type & round->left_out) == 0 &&
		    event_type_wanted(conn->info.types, part->type)) {
			loop_push(loop, conn, packet_of(round, kind), from,
			    part->end[kind]);
			loop_mark(loop, conn, round->is_urgent);
		}
		from = part->end[kind];
	}
}

static void
give(struct loop *loop, struct conn *conn, struct round *round, bool is_actor)
{
	enum transport_kind kind = conn->info.transport;
	uint32_t end = round->ends[kind][is_actor];

	if (end == 0 || !carries(conn, round->parcel))
		return;
	if (conn->info.types != EVENT_TYPES_ALL || round->left_out != 0) {
		give_some(loop, conn, round, end);
		return;
	}
	loop_push(loop, conn, packet_of(round, kind), 0, end);
	loop_mark(loop, conn, round->is_urgent);
}

static void
give_user(struct loop *loop, const struct user *user, struct round *round)
{
	uint64_t pos = round->parcel->pos;
	bool is_actor = user->id == round->parcel->actor_id;

	for (struct conn *conn = user->conns; conn != NULL; conn = conn->next)
		if (conn->state == CONN_LIVE && pos > conn->cursor)
			give(loop, conn, round, is_actor);
}

static void
give_conversation(struct loop *loop,
    const struct conversation_users *conversation, struct round *round)
{
	round->is_urgent = conversation->count <= SMALL_AUDIENCE;
	for (uint32_t i = 0; i < conversation->count; i++) {
		if (i + 1 < conversation->count)
			__builtin_prefetch(conversation->listeners[i + 1].user);
		give_user(loop, conversation->listeners[i].user, round);
	}
}

/* Once to each connection, in however many of the conversations it is. */
static void
give_ephemeral(struct loop *loop, const struct conversation_users *conversation,
    struct round *round)
{
	round->is_urgent = conversation->count <= SMALL_AUDIENCE;
	for (uint32_t i = 0; i < conversation->count; i++) {
		const struct user *user = conversation->listeners[i].user;

		if (user->id == round->parcel->actor_id)
			continue;
		for (struct conn *conn = user->conns; conn != NULL;
		     conn = conn->next) {
			/* Who still catches up hears it too: nothing tells of
			   the moment later. */
			if (conn->state > CONN_LIVE ||
			    conn->ephemeral == loop->ephemerals)
				continue;
			conn->ephemeral = loop->ephemerals;
			give(loop, conn, round, false);
		}
	}
}

static void
give_moment(struct loop *loop, struct round *round)
{
	const struct parcel *parcel = round->parcel;

	loop->ephemerals++;
	for (size_t i = 0; i < parcel->conversation_count; i++) {
		const struct conversation_users *conversation =
		    hub_conversation(&loop->hub, parcel->conversation_ids[i]);

		if (conversation != NULL)
			give_ephemeral(loop, conversation, round);
	}
}

bool
deliver_ends(const struct parcel *parcel, const struct conn *conn)
{
	return parcel->control == CONTROL_END &&
	    parcel->user_id == conn->info.user_id &&
	    (parcel->session_id == 0 ||
		parcel->session_id == conn->info.session_id);
}

static void
end_streams(struct loop *loop, const struct parcel *parcel)
{
	const struct user *user = hub_user(&loop->hub, parcel->user_id);

	if (user == NULL)
		return;
	for (struct conn *conn = user->conns; conn != NULL; conn = conn->next)
		if (deliver_ends(parcel, conn))
			loop_end(loop, conn, parcel->reason);
}

/* Those who carry only what their user was removed from. */
static void
end_removed(struct loop *loop, const struct parcel *parcel)
{
	const struct user *user = hub_user(&loop->hub, parcel->user_id);

	if (user == NULL)
		return;
	for (struct conn *conn = user->conns; conn != NULL; conn = conn->next)
		if (conn->info.only_id == parcel->conversation_id)
			loop_end(loop, conn, REASON_REMOVED);
}

void
deliver_membership(struct loop *loop, const struct parcel *parcel)
{
	struct user *user = hub_user(&loop->hub, parcel->user_id);

	if (user == NULL)
		return;
	if (parcel->control == CONTROL_SUBSCRIBE)
		hub_subscribe(&loop->hub, user, parcel->conversation_id,
		    parcel->is_small);
	else if (parcel->control == CONTROL_UNSUBSCRIBE)
		hub_unsubscribe(&loop->hub, user, parcel->conversation_id);
}

static void
give_log(struct loop *loop, struct round *round)
{
	const struct parcel *parcel = round->parcel;
	const struct user *user;
	const struct conversation_users *conversation;

	if (parcel->user_id != 0) {
		user = hub_user(&loop->hub, parcel->user_id);
		round->is_urgent = true;
		if (user != NULL)
			give_user(loop, user, round);
		return;
	}
	conversation = hub_conversation(&loop->hub, parcel->conversation_id);
	if (conversation != NULL)
		give_conversation(loop, conversation, round);
}

void
deliver(struct loop *loop, struct parcel *parcel)
{
	struct round round;

	if (parcel->control == CONTROL_END) {
		end_streams(loop, parcel);
		return;
	}
	deliver_membership(loop, parcel);
	round_begin(&round, parcel);
	if (parcel->pos == 0)
		give_moment(loop, &round);
	else
		give_log(loop, &round);
	round_end(&round);
	if (parcel->control == CONTROL_UNSUBSCRIBE)
		end_removed(loop, parcel);
}

void
deliver_late(struct loop *loop, struct conn *conn, const struct parcel *parcel)
{
	const struct user *user = conn->user;
	struct round round;

	if (parcel->part_count == 0)
		return;
	if (parcel->user_id != 0 ? parcel->user_id != user->id
				 : hub_subscription(&loop->hub, user,
				       parcel->conversation_id) == NULL)
		return;
	round_begin(&round, parcel);
	round.is_urgent = true;
	if (parcel->pos <= conn->snapshot->position)
		round.left_out = event_type_bit(slice_of("notification"));
	give(loop, conn, &round, parcel->actor_id == user->id);
	round_end(&round);
}
