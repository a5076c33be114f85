/*
 * Server-sent events, as https://html.spec.whatwg.org/ has them: an event is
 * lines of "field: value" with an empty line after them.
 */
#include "notifier/transport.h"

#include <string.h>

/* A line break inside data begins another data line, which the client joins
   with a line break again. */
static void
put_data(struct buf *buf, struct slice json)
{
	while (json.len > 0) {
		size_t len = 0;

		while (len < json.len && json.data[len] != '\n' &&
		    json.data[len] != '\r')
			len++;
		buf_raw(buf, json.data, len);
		if (len == json.len)
			break;
		buf_text(buf, "\ndata: ");
		json.data += len + 1;
		json.len -= len + 1;
	}
}

static void
put_event(
    struct buf *buf, struct slice type, uint64_t event_id, struct slice json)
{
	if (event_id != EVENT_ID_NONE) {
		buf_text(buf, "id: ");
		buf_u64(buf, event_id);
		buf_text(buf, "\n");
	}
	buf_text(buf, "event: ");
	buf_raw(buf, type.data, type.len);
	buf_text(buf, "\ndata: ");
	if (memchr(json.data, '\n', json.len) == NULL &&
	    memchr(json.data, '\r', json.len) == NULL)
		buf_raw(buf, json.data, json.len);
	else
		put_data(buf, json);
	buf_text(buf, "\n\n");
}

static void
put_heartbeat(struct buf *buf)
{
	buf_text(buf, ": heartbeat\n\n");
}

/* The end of the response is the end of the stream. */
static void
put_close(struct buf *buf, enum close_code code)
{
	(void)buf;
	(void)code;
}

static void
forget(struct conn *conn)
{
	(void)conn;
}

const struct transport transport_sse = {
	.name = "sse",
	.put_event = put_event,
	.put_heartbeat = put_heartbeat,
	.put_close = put_close,
	.forget = forget,
};

const struct transport *const transports[TRANSPORT__COUNT] = {
	[TRANSPORT_SSE] = &transport_sse,
	[TRANSPORT_WS] = &transport_ws,
};
