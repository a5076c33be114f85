/* What a client says over WebSocket, carried out or passed on to the store. */
#include "notifier/loop_state.h"

#include "common/clock.h"
#include "common/draft.h"
#include "common/err.h"
#include "notifier/metrics.h"
#include "notifier/store_write.h"
#include "notifier/ws_message.h"

#define WINDOW_TICKS (10 * 1000 / WHEEL_TICK_MS)
#define WINDOW_MOST  50  /* of what is no message, in a window; then refused */
#define WINDOW_FLOOD 500 /* so many, and the connection is closed */

/* Of one connection that the store has not answered. */
#define QUESTIONS_MAX 64

#define JSON_MAX ((size_t)8 * 1024)

static void
put_text(struct buf *json, const char *name, struct slice value)
{
	buf_text(json, ",\"");
	buf_text(json, name);
	buf_text(json, "\":");
	buf_json(json, value);
}

static void
put_time(struct buf *json)
{
	char text[CLOCK_TEXT_SIZE];

	clock_text(clock_now_ms(), text);
	put_text(json, "timestamp", slice_of(text));
	buf_text(json, "}");
}

static struct slice
written(const struct buf *buf)
{
	return (struct slice){ buf->data, buf->len };
}

static void
refuse(struct loop *loop, struct conn *conn, const struct ws_refusal *refusal)
{
	struct buf json;

	buf_init(&json, JSON_MAX);
	buf_text(&json, "{\"type\":\"error\"");
	put_text(&json, "code", slice_of(refusal->code));
	put_text(&json, "detail", slice_of(refusal->detail));
	/* What is far too long to be one is not said again. */
	if (refusal->client_id.data != NULL && refusal->client_id.len <= 256)
		put_text(&json, "client_id", refusal->client_id);
	put_time(&json);
	loop_send_event(loop, conn, "error", written(&json));
	buf_done(&json);
}

static void
refuse_err(struct loop *loop, struct conn *conn, enum err err,
    const char *detail, struct slice client_id)
{
	struct ws_refusal refusal = { err_code(err), detail, client_id };

	refuse(loop, conn, &refusal);
}

static void
answer_ping(struct loop *loop, struct conn *conn)
{
	struct buf json;

	buf_init(&json, JSON_MAX);
	buf_text(&json, "{\"type\":\"pong\"");
	put_time(&json);
	loop_send_event(loop, conn, "pong", written(&json));
	buf_done(&json);
}

/* Typing goes round in small conversations, and is heard nowhere else. */
static void
tell_typing(
    struct loop *loop, struct conn *conn, const struct ws_message *message)
{
	const struct user *user = conn->user;
	const struct subscribed *subscribed = user == NULL
	    ? NULL
	    : hub_subscription(&loop->hub, user, message->conversation_id);
	struct ephemeral ephemeral = {
		.type = slice_of("typing"),
		.actor_id = conn->info.user_id,
		.conversation_ids = &message->conversation_id,
		.conversation_count = 1,
	};
	struct buf json;

	if (subscribed == NULL) {
		refuse_err(loop, conn, ERR_NOT_FOUND,
		    "There is no such conversation.", (struct slice){ 0 });
		return;
	}
	if (!subscribed->is_small)
		return;
	buf_init(&json, JSON_MAX);
	buf_text(&json, "{\"type\":\"typing\",\"conversation_id\":");
	buf_u64(&json, message->conversation_id);
	buf_text(&json, ",\"user_id\":");
	buf_u64(&json, user->id);
	put_text(&json, "username", slice_of(user->username));
	buf_text(
	    &json, message->typing ? ",\"typing\":true" : ",\"typing\":false");
	put_text(&json, "activity", message->activity);
	put_time(&json);
	ephemeral.json = written(&json);
	loops_offer(loop->loops,
	    parcel_ephemeral(ephemeral.type, ephemeral.actor_id, ephemeral.json,
		ephemeral.conversation_ids, 1));
	store_ring(loop->store, &ephemeral);
	buf_done(&json);
}

static void
ask_store(
    struct loop *loop, struct conn *conn, const struct ws_message *message)
{
	if (conn->questions >= QUESTIONS_MAX) {
		refuse_err(loop, conn, ERR_RATE_LIMITED,
		    "Wait for the answers to what was sent.",
		    message->client_id);
		return;
	}
	if (!store_command(
		loop->store, loop->door, conn, &conn->info, message)) {
		refuse_err(loop, conn, ERR_UNAVAILABLE, "Try again later.",
		    message->client_id);
		return;
	}
	conn->questions++;
}

bool
ws_is_within_rate(struct loop *loop, struct conn *conn)
{
	if (loop->tick - conn->window_start >= WINDOW_TICKS) {
		conn->window_start = loop->tick;
		conn->window_count = 0;
	}
	conn->window_count++;
	if (conn->window_count > WINDOW_FLOOD)
		loop_hang_up(loop, conn, CLOSE_POLICY);
	return conn->window_count <= WINDOW_MOST;
}

/* What is stored is checked before it waits for the store. */
static bool
check_message(
    struct loop *loop, struct conn *conn, const struct ws_message *message)
{
	struct ws_refusal refusal = { NULL,
		"The text or the client_id is not valid.", message->client_id };

	refusal.code = draft_text_problem(loop->config, message->text);
	if (refusal.code == NULL && message->client_id.data != NULL)
		refusal.code = draft_client_id_problem(
		    loop->config, message->client_id);
	if (refusal.code == NULL)
		return true;
	refuse(loop, conn, &refusal);
	return false;
}

void
ws_command(struct loop *loop, struct conn *conn, struct slice text)
{
	struct ws_message message;
	struct ws_refusal refusal;
	bool is_read;

	metric_add(METRIC_received_total, 1);
	arena_reset(loop->arena);
	is_read = ws_message_read(loop->arena, text,
	    conn->info.is_chat ? conn->info.only_id : 0, &message, &refusal);
	if ((!is_read || message.command != WS_SEND) &&
	    !ws_is_within_rate(loop, conn)) {
		refuse_err(loop, conn, ERR_RATE_LIMITED,
		    "This is too much at once.", (struct slice){ 0 });
		return;
	}
	if (!is_read) {
		refuse(loop, conn, &refusal);
		return;
	}
	if (message.command == WS_ASK_PONG)
		answer_ping(loop, conn);
	else if (!conn->info.may_write)
		refuse_err(loop, conn, ERR_FORBIDDEN,
		    "This API key may only read.", message.client_id);
	else if (message.command == WS_TYPING)
		tell_typing(loop, conn, &message);
	else if (message.command != WS_SEND ||
	    check_message(loop, conn, &message))
		ask_store(loop, conn, &message);
}
