/*
 * Conn: one open connection and what waits to be sent on it.
 *
 * Belongs to the thread of its loop.  An idle connection costs this struct
 * and nothing else: a queue and a buffer to receive in exist only while they
 * hold something.
 */
#ifndef NOTIFIER_CONN_H
#define NOTIFIER_CONN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "notifier/arrival.h"
#include "notifier/frame.h"
#include "notifier/wheel.h"

enum conn_state {
	CONN_JOINING, /* catching up; hears nothing by itself yet */
	CONN_LIVE,
	CONN_ENDING,  /* a farewell is on its way */
	CONN_LEAVING, /* it is sent; waiting for the peer to close */
	CONN_CLOSED /* freed at the end of the pass, or with the last answer */
};

/* Some of the bytes of a packet. */
struct piece {
	struct packet *packet;
	uint32_t from, to;
};

struct conn {
	struct timer timer; /* first, so that a timer is its connection */
	struct stream_info info;
	struct user *user; /* notifier/hub.h; NULL: not known to it yet */
	struct conn *next, **link; /* of the user, or of strangers */
	struct conn *dirty_next, **dirty_link; /* NULL: nothing to flush */
	uint64_t cursor; /* events up to here it has, or does without */
	struct snapshot *snapshot; /* while JOINING */

	struct piece *pieces; /* those that wait; &one or on the heap */
	struct piece one;
	uint32_t queued_bytes;
	uint32_t piece_first, piece_count, piece_size;

	uint16_t questions;    /* asked of the store, not answered yet */
	uint16_t window_count; /* frames received in the window */
	uint32_t window_start; /* ticks */
	uint32_t sent_at, received_at; /* ticks of the loop */
	uint32_t ephemeral;            /* the last one heard, by its number */
	int fd;
	enum conn_state state;
	bool is_blocked; /* the socket takes no more; epoll says when */
	bool has_page;   /* a page was asked for */
	bool is_urgent;  /* which dirty list it is in */
	bool is_deaf;    /* the client has said its last, or nonsense */

	struct ws_receive *receive; /* what is not whole yet; NULL: nothing */
};

/* Takes fd; everything else is the caller's to fill in. */
struct conn *conn_new(int fd);

/* Close the socket, drop what waits; nothing more is sent. */
void conn_close(struct conn *conn);
void conn_free(struct conn *conn); /* after conn_close() */

/* Queue some of a packet, which gets one more reference. */
void conn_push(
    struct conn *conn, struct packet *packet, uint32_t from, uint32_t to);

/* Drop what waits but for the piece that has begun to be sent. */
void conn_cut(struct conn *conn);

enum flushed {
	FLUSHED_ALL,
	FLUSHED_SOME, /* the socket takes no more for now */
	FLUSHED_DEAD  /* the peer is gone */
};

/* Send what waits, in as few system calls as there can be. */
enum flushed conn_flush(struct conn *conn);

#endif /* NOTIFIER_CONN_H */
