/* WebSocket (RFC 6455): what a client says, and how it is spoken to. */
#include <stdlib.h>
#include <string.h>

#include "common/alloc.h"
#include "notifier/loop_state.h"
#include "notifier/metrics.h"
#include "notifier/ws_frame.h"

/* While a frame or a message is not whole yet. */
struct ws_receive {
	struct ws_parser parser;
	struct buf message;
	uint8_t control[WS_CONTROL_MAX];
	uint8_t control_len;
};

static void
put_event(
    struct buf *buf, struct slice type, uint64_t event_id, struct slice json)
{
	(void)type;
	(void)event_id;
	ws_put_frame(buf, WS_TEXT, json);
}

static void
put_heartbeat(struct buf *buf)
{
	ws_put_frame(buf, WS_PING, (struct slice){ 0 });
}

static void
put_close(struct buf *buf, enum close_code code)
{
	char payload[2] = { (char)(code >> 8), (char)(code & 0xff) };

	ws_put_frame(buf, WS_CLOSE,
	    (struct slice){ payload, code == CLOSE_NONE ? 0 : 2 });
}

static void
forget(struct conn *conn)
{
	if (conn->receive == NULL)
		return;
	buf_done(&conn->receive->message);
	free(conn->receive);
	conn->receive = NULL;
}

static struct ws_receive *
receive_of(struct conn *conn)
{
	if (conn->receive == NULL) {
		conn->receive = must_calloc(1, sizeof(*conn->receive));
		buf_init(&conn->receive->message, WS_MESSAGE_MAX);
	}
	return conn->receive;
}

/* Keep what has to be remembered until more bytes come, if anything. */
static void
remember(struct conn *conn, const struct ws_parser *parser)
{
	const struct ws_receive *receive = conn->receive;

	if (conn->fd == -1)
		return;
	if (!ws_is_idle(parser) ||
	    (receive != NULL &&
		(receive->message.len > 0 || receive->control_len > 0)))
		receive_of(conn)->parser = *parser;
	else
		forget(conn);
}

/* A message that came whole is read where it is. */
static void
take_text(struct loop *loop, struct conn *conn, const struct ws_token *token)
{
	struct ws_receive *receive = conn->receive;

	if (conn->state > CONN_LIVE)
		return;
	if (token->is_last && (receive == NULL || receive->message.len == 0)) {
		ws_command(loop, conn, token->bytes);
		return;
	}
	receive = receive_of(conn);
	buf_raw(&receive->message, token->bytes.data, token->bytes.len);
	if (!token->is_last)
		return;
	ws_command(loop, conn,
	    (struct slice){ receive->message.data, receive->message.len });
	if (conn->receive != NULL)
		buf_done(&conn->receive->message);
}

/* The answer to a ping is the same, the one to a close an echo of its code. */
static void
take_control(struct loop *loop, struct conn *conn, enum ws_token_kind kind,
    struct slice payload)
{
	uint16_t code;

	if (kind == WS_TOKEN_CLOSE) {
		loop_deafen(conn);
		if (!ws_close_code(payload, &code))
			metric_add(METRIC_breaches_total, 1);
		loop_hang_up(loop, conn, (enum close_code)code);
	} else if (kind == WS_TOKEN_PING) {
		/* It counts, and is answered all the same (RFC 6455, 5.5.2). */
		(void)ws_is_within_rate(loop, conn);
		if (conn->state > CONN_LIVE)
			return;
		buf_clear(&loop->scratch);
		ws_put_frame(&loop->scratch, WS_PONG, payload);
		loop_send_frame(loop, conn, frame_new(&loop->scratch));
	}
}

static void
take_control_bytes(
    struct loop *loop, struct conn *conn, const struct ws_token *token)
{
	struct ws_receive *receive = conn->receive;

	if (token->is_last && (receive == NULL || receive->control_len == 0)) {
		take_control(loop, conn, token->kind, token->bytes);
		return;
	}
	receive = receive_of(conn);
	memcpy(receive->control + receive->control_len, token->bytes.data,
	    token->bytes.len);
	receive->control_len = (uint8_t)(receive->control_len +
	    token->bytes.len);
	if (!token->is_last)
		return;
	take_control(loop, conn, token->kind,
	    (struct slice){ (char *)receive->control, receive->control_len });
	if (conn->receive != NULL)
		conn->receive->control_len = 0;
}

static void
receive(struct loop *loop, struct conn *conn, uint8_t *data, size_t len)
{
	struct ws_token token = { .kind = WS_TOKEN_TEXT };
	struct ws_parser parser = { 0 };

	if (conn->receive != NULL)
		parser = conn->receive->parser;
	while (!conn->is_deaf && token.kind != WS_TOKEN_MORE) {
		size_t used = ws_parse(&parser, data, len, &token);

		data += used;
		len -= used;
		switch (token.kind) {
		case WS_TOKEN_TEXT:
			take_text(loop, conn, &token);
			break;
		case WS_TOKEN_PING:
		case WS_TOKEN_PONG:
		case WS_TOKEN_CLOSE:
			take_control_bytes(loop, conn, &token);
			break;
		case WS_TOKEN_BREACH:
			loop_deafen(conn);
			metric_add(METRIC_breaches_total, 1);
			loop_hang_up(loop, conn, (enum close_code)token.code);
			break;
		case WS_TOKEN_MORE:
			break;
		}
	}
	remember(conn, &parser);
}

const struct transport transport_ws = {
	.name = "websocket",
	.answers = true,
	.put_event = put_event,
	.put_heartbeat = put_heartbeat,
	.put_close = put_close,
	.receive = receive,
	.forget = forget,
};
