/*
 * Transport: one way of writing to a client.
 *
 * SSE and WebSocket differ in framing, in what they read and in nothing
 * else, so each is one file with one of these tables, and neither the hub
 * nor a loop asks which one it has.  A third transport is a third file.
 */
#ifndef NOTIFIER_TRANSPORT_H
#define NOTIFIER_TRANSPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/buf.h"
#include "common/slice.h"

struct conn;
struct loop;

enum transport_kind { TRANSPORT_SSE, TRANSPORT_WS, TRANSPORT__COUNT };

#define FRAME_OVERHEAD 96 /* bytes at most around an event's type and JSON */
#define EVENT_ID_NONE  UINT64_MAX /* 0 is one: the start of the log */

/* RFC 6455, 7.4, and our own above 4000; SSE has none of them. */
enum close_code {
	CLOSE_NORMAL = 1000,
	CLOSE_GOING_AWAY = 1001,
	CLOSE_PROTOCOL = 1002,
	CLOSE_UNSUPPORTED = 1003,
	CLOSE_NONE = 1005, /* never sent: the frame had no code */
	CLOSE_INVALID = 1007,
	CLOSE_POLICY = 1008,
	CLOSE_TOO_BIG = 1009,
	CLOSE_ENDED = 4401,
	CLOSE_REMOVED = 4403,
	CLOSE_SLOW = 4408
};

struct transport {
	const char *name; /* "sse", "websocket": for logs and metrics */

	/* It answers heartbeats: silence from its side means that it died. */
	bool answers;

	/* Append one event, framed; event_id may be EVENT_ID_NONE. */
	void (*put_event)(struct buf *buf, struct slice type, uint64_t event_id,
	    struct slice json);

	/* Append what keeps a silent connection open. */
	void (*put_heartbeat)(struct buf *buf);

	/* Append the last bytes of a connection; may append nothing. */
	void (*put_close)(struct buf *buf, enum close_code code);

	/*
	 * The client sent the len bytes at data (which may be changed).
	 * NULL: it has nothing to say, and is not read.
	 */
	void (*receive)(
	    struct loop *loop, struct conn *conn, uint8_t *data, size_t len);

	/* Release what receive() kept in conn. */
	void (*forget)(struct conn *conn);
};

extern const struct transport transport_sse; /* notifier/sse.c */
extern const struct transport transport_ws;  /* notifier/ws.c */

/* By enum transport_kind; notifier/sse.c. */
extern const struct transport *const transports[TRANSPORT__COUNT];

#endif /* NOTIFIER_TRANSPORT_H */
