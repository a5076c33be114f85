/*
 * Frame: bytes ready to be sent, shared by all who send them.
 *
 * Made once and never changed.  A frame crosses threads, so its count is
 * atomic, but a loop holds each frame once, in a packet of its own, and
 * counts its thousands of uses there without touching a shared cache line.
 */
#ifndef NOTIFIER_FRAME_H
#define NOTIFIER_FRAME_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include "common/buf.h"

struct frame {
	atomic_uint refs;
	uint32_t len;
	unsigned char bytes[];
};

/* A copy of the bytes in buf, with one reference, the caller's. */
struct frame *frame_new(const struct buf *buf);
struct frame *frame_hold(struct frame *frame);
void frame_drop(struct frame *frame); /* NULL is fine */

/* One loop's hold on a frame; belongs to that loop's thread. */
struct packet {
	uint32_t refs;
	struct frame *frame;
};

/* Takes the caller's reference to frame; one reference, the caller's. */
struct packet *packet_new(struct frame *frame);
void packet_drop(struct packet *packet); /* NULL is fine */

#endif /* NOTIFIER_FRAME_H */
