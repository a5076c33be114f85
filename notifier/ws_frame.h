/*
 * Ws_frame: the frames of RFC 6455, as functions on bytes.
 *
 * The parser reads what a client sent: in pieces of any size, strictly, and
 * with a few dozen bytes of state.  It unmasks in place and hands out slices
 * of the caller's own buffer, so a message that arrives whole is never
 * copied.  Nothing here does any I/O.
 */
#ifndef NOTIFIER_WS_FRAME_H
#define NOTIFIER_WS_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/buf.h"
#include "common/slice.h"

#define WS_HEADER_MAX  14  /* bytes */
#define WS_CONTROL_MAX 125 /* bytes of a control frame's payload */
#define WS_MESSAGE_MAX ((size_t)128 * 1024)

enum ws_opcode {
	WS_CONTINUATION = 0x0,
	WS_TEXT = 0x1,
	WS_BINARY = 0x2,
	WS_CLOSE = 0x8,
	WS_PING = 0x9,
	WS_PONG = 0xa
};

/* How far the text of a message has been checked to be UTF-8. */
struct ws_utf8 {
	uint8_t missing;     /* bytes that the code point still needs */
	uint8_t least, most; /* range of the next one */
};

/* Zeroed at the start of a connection. */
struct ws_parser {
	uint64_t left;     /* bytes of the payload still to come */
	uint32_t received; /* bytes of the message in earlier frames */
	uint8_t header[WS_HEADER_MAX];
	uint8_t header_len;
	uint8_t mask[4];
	uint8_t mask_at;
	uint8_t opcode; /* of the frame being read */
	bool is_final;
	bool in_payload;
	bool in_message; /* between the frames of a message */
	struct ws_utf8 utf8;
};

enum ws_token_kind {
	WS_TOKEN_MORE, /* every byte is used up */
	WS_TOKEN_TEXT, /* bytes of a text message */
	WS_TOKEN_PING, /* bytes of a ping's payload, and so on */
	WS_TOKEN_PONG,
	WS_TOKEN_CLOSE,
	WS_TOKEN_BREACH /* close with code; nothing after it is read */
};

struct ws_token {
	enum ws_token_kind kind;
	struct slice bytes; /* unmasked; borrows the caller's buffer */
	bool is_last;       /* the message or the control frame ends here */
	uint16_t code;      /* of WS_TOKEN_BREACH */
};

/*
 * Read on in the len bytes at data, up to the end of a frame or of the bytes.
 * Returns how many bytes were used; call again with the rest until the kind
 * is WS_TOKEN_MORE or WS_TOKEN_BREACH.
 */
size_t ws_parse(struct ws_parser *parser, uint8_t *data, size_t len,
    struct ws_token *ret_token);

/* Between two messages: a parser that is zeroed would do as well. */
bool ws_is_idle(const struct ws_parser *parser);

/*
 * The code in a close frame's payload: CLOSE_NONE when it has none.
 * False: the payload is a breach, to be answered with ret_code.
 */
bool ws_close_code(struct slice payload, uint16_t *ret_code);

/* Append a whole, unmasked frame, as a server sends it. */
void ws_put_frame(struct buf *buf, enum ws_opcode opcode, struct slice payload);

#endif /* NOTIFIER_WS_FRAME_H */
