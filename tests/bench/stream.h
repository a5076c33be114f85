/*
 * Stream: what comes down a subscriber's connection, cut into messages.
 *
 * Pure functions on bytes.  They read what a server may send that serves
 * these measurements, whole frames and unchunked bodies, and call everything
 * else STREAM_BAD.
 */
#ifndef TESTS_BENCH_STREAM_H
#define TESTS_BENCH_STREAM_H

#include <stddef.h>

#include "common/buf.h"
#include "common/slice.h"

/* The handshake of RFC 6455's example: every subscriber says the same. */
#define STREAM_KEY    "dGhlIHNhbXBsZSBub25jZQ=="
#define STREAM_ACCEPT "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="

enum stream_kind { STREAM_WS, STREAM_SSE };

enum stream_what {
	STREAM_TEXT, /* a message */
	STREAM_PING, /* to be answered with what it says */
	STREAM_SKIP, /* of no interest */
	STREAM_END,  /* the server says that it closes */
	STREAM_BAD   /* no reading on from here */
};

struct stream_item {
	enum stream_what what;
	struct slice text; /* borrows the bytes */
};

/*
 * The head of the server's answer.  Returns its length, 0: not whole yet.
 * ret_problem is NULL when the stream follows, else what is wrong.
 */
size_t stream_head(
    enum stream_kind kind, struct slice bytes, const char **ret_problem);

/* The next item of what follows.  The bytes used, 0: not whole yet. */
size_t stream_next(
    enum stream_kind kind, struct slice bytes, struct stream_item *ret_item);

/* What a subscriber sends: the request's own headers, and a pong. */
const char *stream_headers(enum stream_kind kind);
void stream_pong(struct buf *buf, struct slice text);

/* What a server sends: text as one message. */
void stream_message(enum stream_kind kind, struct buf *buf, struct slice text);

#endif /* TESTS_BENCH_STREAM_H */
