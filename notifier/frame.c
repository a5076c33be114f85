#include "notifier/frame.h"

#include <stdlib.h>
#include <string.h>

#include "common/alloc.h"

struct frame *
frame_new(const struct buf *buf)
{
	struct frame *frame = must_calloc(1, sizeof(*frame) + buf->len);

	atomic_init(&frame->refs, 1);
	frame->len = (uint32_t)buf->len;
	if (buf->len > 0)
		memcpy(frame->bytes, buf->data, buf->len);
	return frame;
}

struct frame *
frame_hold(struct frame *frame)
{
	atomic_fetch_add_explicit(&frame->refs, 1, memory_order_relaxed);
	return frame;
}

void
frame_drop(struct frame *frame)
{
	if (frame != NULL &&
	    atomic_fetch_sub_explicit(&frame->refs, 1, memory_order_acq_rel) ==
		1)
		free(frame);
}

struct packet *
packet_new(struct frame *frame)
{
	struct packet *packet = must_calloc(1, sizeof(*packet));

	packet->refs = 1;
	packet->frame = frame;
	return packet;
}

void
packet_drop(struct packet *packet)
{
	if (packet == NULL || --packet->refs > 0)
		return;
	frame_drop(packet->frame);
	free(packet);
}
