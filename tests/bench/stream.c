#include "tests/bench/stream.h"

#include <stdint.h>

#define FRAME_FINAL 0x80
#define FRAME_MASK  0x80
#define OPCODE_TEXT 1
#define OPCODE_END  8
#define OPCODE_PING 9
#define OPCODE_PONG 10
#define SHORT_MAX   125
#define LENGTH_16   126
#define LENGTH_64   127
#define MASK_BYTES  4
#define MESSAGE_MAX (256 * 1024)

static bool
contains(struct slice bytes, const char *text)
{
	return memmem(bytes.data, bytes.len, text, strlen(text)) != NULL;
}

size_t
stream_head(enum stream_kind kind, struct slice bytes, const char **ret_problem)
{
	const char *end = memmem(bytes.data, bytes.len, "\r\n\r\n", 4);
	struct slice head = { .data = bytes.data };

	if (end == NULL)
		return 0;
	head.len = (size_t)(end - bytes.data) + 4;
	*ret_problem = NULL;
	if (!contains(head, kind == STREAM_WS ? " 101 " : " 200 "))
		*ret_problem = "the stream was refused";
	else if (kind == STREAM_WS && !contains(head, STREAM_ACCEPT))
		*ret_problem = "the handshake was answered wrongly";
	else if (kind == STREAM_SSE && contains(head, "chunked"))
		*ret_problem = "the stream comes in chunks";
	return head.len;
}

static size_t
ws_next(struct slice bytes, struct stream_item *ret_item)
{
	const unsigned char *frame = (const unsigned char *)bytes.data;
	size_t head = 2, extra;
	uint64_t len;

	if (bytes.len < head)
		return 0;
	len = frame[1];
	extra = len == LENGTH_64 ? 8 : len == LENGTH_16 ? 2 : 0;
	if (bytes.len < head + extra)
		return 0;
	for (size_t i = 0; i < extra; i++)
		len = (i == 0 ? 0 : len << 8) | frame[head + i];
	head += extra;
	*ret_item = (struct stream_item){ .what = STREAM_BAD };
	if ((frame[0] & FRAME_FINAL) == 0 || (frame[1] & FRAME_MASK) != 0 ||
	    len > MESSAGE_MAX)
		return head;
	if (bytes.len < head + len)
		return 0;
	switch (frame[0] & ~FRAME_FINAL) {
	case OPCODE_TEXT:
		ret_item->what = STREAM_TEXT;
		break;
	case OPCODE_PING:
		ret_item->what = STREAM_PING;
		break;
	case OPCODE_PONG:
		ret_item->what = STREAM_SKIP;
		break;
	case OPCODE_END:
		ret_item->what = STREAM_END;
		break;
	default:
		break;
	}
	ret_item->text = (struct slice){ bytes.data + head, (size_t)len };
	return head + (size_t)len;
}

/* A message is one line of data here, whatever stands around it. */
static size_t
sse_next(struct slice bytes, struct stream_item *ret_item)
{
	static const char prefix[] = "data: ";
	const char *end = memchr(bytes.data, '\n', bytes.len);
	struct slice line = { .data = bytes.data };

	if (end == NULL)
		return 0;
	line.len = (size_t)(end - bytes.data);
	*ret_item = (struct stream_item){ .what = STREAM_SKIP };
	if (line.len >= strlen(prefix) &&
	    memcmp(line.data, prefix, strlen(prefix)) == 0) {
		ret_item->what = STREAM_TEXT;
		ret_item->text.data = line.data + strlen(prefix);
		ret_item->text.len = line.len - strlen(prefix);
	}
	return line.len + 1;
}

size_t
stream_next(
    enum stream_kind kind, struct slice bytes, struct stream_item *ret_item)
{
	return kind == STREAM_WS ? ws_next(bytes, ret_item)
				 : sse_next(bytes, ret_item);
}

const char *
stream_headers(enum stream_kind kind)
{
	return kind == STREAM_WS
	    ? "Upgrade: websocket\r\nConnection: Upgrade\r\n"
	      "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: " STREAM_KEY
	      "\r\n"
	    : "Accept: text/event-stream\r\n";
}

/* Masked with zeros, which change nothing. */
void
stream_pong(struct buf *buf, struct slice text)
{
	const unsigned char head[2 + MASK_BYTES] = {
		FRAME_FINAL | OPCODE_PONG,
		(unsigned char)(FRAME_MASK | (text.len & SHORT_MAX)),
	};

	buf_raw(buf, head, sizeof(head));
	buf_raw(buf, text.data, text.len & SHORT_MAX);
}

void
stream_message(enum stream_kind kind, struct buf *buf, struct slice text)
{
	unsigned char head[4] = { FRAME_FINAL | OPCODE_TEXT };

	if (kind == STREAM_SSE) {
		buf_text(buf, "data: ");
		buf_raw(buf, text.data, text.len);
		buf_text(buf, "\n\n");
		return;
	}
	if (text.len <= SHORT_MAX) {
		head[1] = (unsigned char)text.len;
		buf_raw(buf, head, 2);
	} else {
		head[1] = LENGTH_16;
		head[2] = (unsigned char)(text.len >> 8);
		head[3] = (unsigned char)text.len;
		buf_raw(buf, head, sizeof(head));
	}
	buf_raw(buf, text.data, text.len);
}
