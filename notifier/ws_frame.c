#include "notifier/ws_frame.h"

#include <string.h>

#include "common/utf8.h"
#include "notifier/transport.h"

#define FINAL    0x80
#define RESERVED 0x70
#define OPCODE   0x0f
#define MASKED   0x80
#define LENGTH   0x7f
#define LENGTH16 126
#define LENGTH64 127

/* The first byte of a code point says how many follow, and what the second
   may be (RFC 3629, 4). */
static bool
utf8_begin(struct ws_utf8 *utf8, uint8_t byte)
{
	utf8->least = 0x80;
	utf8->most = 0xbf;
	if (byte >= 0xc2 && byte <= 0xdf) {
		utf8->missing = 1;
	} else if (byte >= 0xe0 && byte <= 0xef) {
		utf8->missing = 2;
		if (byte == 0xe0)
			utf8->least = 0xa0;
		else if (byte == 0xed)
			utf8->most = 0x9f;
	} else if (byte >= 0xf0 && byte <= 0xf4) {
		utf8->missing = 3;
		if (byte == 0xf0)
			utf8->least = 0x90;
		else if (byte == 0xf4)
			utf8->most = 0x8f;
	} else {
		return false;
	}
	return true;
}

static bool
utf8_feed(struct ws_utf8 *utf8, struct slice text)
{
	for (size_t i = 0; i < text.len; i++) {
		uint8_t byte = (uint8_t)text.data[i];

		if (utf8->missing == 0) {
			if (byte >= 0x80 && !utf8_begin(utf8, byte))
				return false;
			continue;
		}
		if (byte < utf8->least || byte > utf8->most)
			return false;
		utf8->missing--;
		utf8->least = 0x80;
		utf8->most = 0xbf;
	}
	return true;
}

static size_t
breach(struct ws_token *token, enum close_code code, size_t used)
{
	*token = (struct ws_token){
		.kind = WS_TOKEN_BREACH,
		.code = (uint16_t)code,
	};
	return used;
}

static bool
is_control(uint8_t opcode)
{
	return (opcode & 0x8) != 0;
}

/* How long the header is, as far as its first two bytes tell. */
static size_t
header_size(const uint8_t *header)
{
	uint8_t length = header[1] & LENGTH;
	size_t size = 2 + ((header[1] & MASKED) != 0 ? 4 : 0);

	if (length == LENGTH16)
		size += 2;
	else if (length == LENGTH64)
		size += 8;
	return size;
}

/* What the first two bytes alone can breach; 0: nothing. */
static enum close_code
check_start(const struct ws_parser *parser)
{
	uint8_t first = parser->header[0], second = parser->header[1];
	uint8_t opcode = first & OPCODE;

	if ((first & RESERVED) != 0 || (second & MASKED) == 0)
		return CLOSE_PROTOCOL;
	switch (opcode) {
	case WS_CONTINUATION:
		return parser->in_message ? 0 : CLOSE_PROTOCOL;
	case WS_TEXT:
		return parser->in_message ? CLOSE_PROTOCOL : 0;
	case WS_BINARY:
		return parser->in_message ? CLOSE_PROTOCOL : CLOSE_UNSUPPORTED;
	case WS_CLOSE:
	case WS_PING:
	case WS_PONG:
		return (first & FINAL) == 0 ||
			(second & LENGTH) > WS_CONTROL_MAX
		    ? CLOSE_PROTOCOL
		    : 0;
	default:
		return CLOSE_PROTOCOL;
	}
}

/* The payload's length, which has to be written in its shortest form. */
static bool
take_length(const uint8_t *header, uint64_t *ret_length)
{
	uint8_t length = header[1] & LENGTH;
	size_t bytes = length == LENGTH16 ? 2 : length == LENGTH64 ? 8 : 0;
	uint64_t value = bytes == 0 ? length : 0;

	for (size_t i = 0; i < bytes; i++)
		value = value << 8 | header[2 + i];
	if ((bytes == 2 && value < LENGTH16) ||
	    (bytes == 8 && (value <= UINT16_MAX || value >> 63 != 0)))
		return false;
	*ret_length = value;
	return true;
}

/* The header is whole; 0: it is in order. */
static enum close_code
begin_payload(struct ws_parser *parser)
{
	uint64_t length;
	uint8_t opcode = parser->header[0] & OPCODE;

	if (!take_length(parser->header, &length))
		return CLOSE_PROTOCOL;
	if (!is_control(opcode) && length > WS_MESSAGE_MAX - parser->received)
		return CLOSE_TOO_BIG;
	memcpy(parser->mask, parser->header + parser->header_len - 4, 4);
	parser->mask_at = 0;
	parser->opcode = opcode;
	parser->is_final = (parser->header[0] & FINAL) != 0;
	parser->left = length;
	parser->header_len = 0;
	parser->in_payload = true;
	if (!is_control(opcode)) {
		parser->received += (uint32_t)length;
		parser->in_message = true;
	}
	return 0;
}

/* Collect the header; returns the bytes used, and what is wrong with it. */
static size_t
read_header(struct ws_parser *parser, const uint8_t *data, size_t len,
    enum close_code *ret_code)
{
	size_t used = 0;

	*ret_code = 0;
	while (used < len) {
		parser->header[parser->header_len++] = data[used++];
		if (parser->header_len < 2)
			continue;
		if (parser->header_len == 2)
			*ret_code = check_start(parser);
		if (*ret_code == 0 &&
		    parser->header_len == header_size(parser->header))
			*ret_code = begin_payload(parser);
		if (*ret_code != 0 || parser->in_payload)
			break;
	}
	return used;
}

static void
unmask(struct ws_parser *parser, uint8_t *data, size_t len)
{
	for (size_t i = 0; i < len; i++)
		data[i] ^= parser->mask[(parser->mask_at + i) & 3];
	parser->mask_at = (uint8_t)((parser->mask_at + len) & 3);
}

/* The bytes of a payload; false: they are no UTF-8. */
static bool
take_payload(struct ws_parser *parser, struct ws_token *token)
{
	bool ends_frame = parser->left == 0;

	switch (parser->opcode) {
	case WS_CLOSE:
		token->kind = WS_TOKEN_CLOSE;
		break;
	case WS_PING:
		token->kind = WS_TOKEN_PING;
		break;
	case WS_PONG:
		token->kind = WS_TOKEN_PONG;
		break;
	default:
		token->kind = WS_TOKEN_TEXT;
		break;
	}
	token->is_last = ends_frame &&
	    (parser->is_final || is_control(parser->opcode));
	if (ends_frame)
		parser->in_payload = false;
	if (token->kind != WS_TOKEN_TEXT)
		return true;
	if (!utf8_feed(&parser->utf8, token->bytes))
		return false;
	if (!token->is_last)
		return true;
	parser->in_message = false;
	parser->received = 0;
	return parser->utf8.missing == 0;
}

size_t
ws_parse(struct ws_parser *parser, uint8_t *data, size_t len,
    struct ws_token *ret_token)
{
	enum close_code code;
	size_t used = 0, part;

	*ret_token = (struct ws_token){ .kind = WS_TOKEN_MORE };
	if (!parser->in_payload) {
		used = read_header(parser, data, len, &code);
		if (code != 0)
			return breach(ret_token, code, used);
		if (!parser->in_payload)
			return used;
	}
	part = len - used;
	if (part > parser->left)
		part = (size_t)parser->left;
	if (part == 0 && parser->left > 0)
		return used;
	unmask(parser, data + used, part);
	parser->left -= part;
	ret_token->bytes = (struct slice){ (char *)data + used, part };
	if (!take_payload(parser, ret_token))
		return breach(ret_token, CLOSE_INVALID, used + part);
	return used + part;
}

bool
ws_is_idle(const struct ws_parser *parser)
{
	return parser->header_len == 0 && !parser->in_payload &&
	    !parser->in_message;
}

bool
ws_close_code(struct slice payload, uint16_t *ret_code)
{
	const uint8_t *bytes = (const uint8_t *)payload.data;
	uint16_t code;

	*ret_code = CLOSE_NONE;
	if (payload.len == 0)
		return true;
	*ret_code = CLOSE_PROTOCOL;
	if (payload.len == 1)
		return false;
	code = (uint16_t)(bytes[0] << 8 | bytes[1]);
	/* RFC 6455, 7.4, and what IANA has registered since. */
	if (!((code >= 1000 && code <= 1003) ||
		(code >= 1007 && code <= 1014) ||
		(code >= 3000 && code <= 4999)))
		return false;
	*ret_code = CLOSE_INVALID;
	if (!utf8_is_valid((struct slice){ payload.data + 2, payload.len - 2 }))
		return false;
	*ret_code = code;
	return true;
}

void
ws_put_frame(struct buf *buf, enum ws_opcode opcode, struct slice payload)
{
	uint8_t header[WS_HEADER_MAX] = { (uint8_t)(FINAL | opcode) };
	size_t len = 2, bytes;

	if (payload.len < LENGTH16) {
		header[1] = (uint8_t)payload.len;
		bytes = 0;
	} else if (payload.len <= UINT16_MAX) {
		header[1] = LENGTH16;
		bytes = 2;
	} else {
		header[1] = LENGTH64;
		bytes = 8;
	}
	for (size_t i = bytes; i > 0; i--)
		header[len++] = (uint8_t)((uint64_t)payload.len >> (i * 8 - 8));
	buf_raw(buf, header, len);
	buf_raw(buf, payload.data, payload.len);
}
