#include "common/buf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/alloc.h"

#define FIRST_SIZE ((size_t)256)

void
buf_init(struct buf *buf, size_t max_bytes)
{
	*buf = (struct buf){ .max = max_bytes };
}

void
buf_done(struct buf *buf)
{
	free(buf->data);
	buf_init(buf, buf->max);
}

void
buf_clear(struct buf *buf)
{
	buf->len = 0;
	buf->overflow = false;
}

static bool
make_room(struct buf *buf, size_t len)
{
	size_t size = buf->size == 0 ? FIRST_SIZE : buf->size;

	if (buf->overflow || len > buf->max - buf->len) {
		buf->overflow = true;
		return false;
	}
	while (size - buf->len < len)
		size *= 2;
	if (size != buf->size) {
		buf->data = must_realloc(buf->data, size);
		buf->size = size;
	}
	return true;
}

void
buf_raw(struct buf *buf, const void *data, size_t len)
{
	if (len == 0 || !make_room(buf, len))
		return;
	memcpy(buf->data + buf->len, data, len);
	buf->len += len;
}

void
buf_text(struct buf *buf, const char *text)
{
	buf_raw(buf, text, strlen(text));
}

void
buf_u64(struct buf *buf, uint64_t value)
{
	char digits[20];
	size_t at = sizeof(digits);

	do {
		digits[--at] = (char)('0' + value % 10);
		value /= 10;
	} while (value != 0);
	buf_raw(buf, digits + at, sizeof(digits) - at);
}

static void
json_escape(struct buf *buf, unsigned char byte)
{
	static const char *const named[] = {
		['\b'] = "\\b",
		['\t'] = "\\t",
		['\n'] = "\\n",
		['\f'] = "\\f",
		['\r'] = "\\r",
	};
	static const char hex[] = "0123456789abcdef";
	char escape[7] = "\\u00";

	if (byte == '"') {
		buf_text(buf, "\\\"");
	} else if (byte == '\\') {
		buf_text(buf, "\\\\");
	} else if (byte <= '\r' && named[byte] != NULL) {
		buf_text(buf, named[byte]);
	} else {
		escape[4] = hex[byte >> 4];
		escape[5] = hex[byte & 15];
		buf_raw(buf, escape, 6);
	}
}

void
buf_json(struct buf *buf, struct slice text)
{
	size_t start = 0;

	buf_text(buf, "\"");
	for (size_t i = 0; i < text.len; i++) {
		unsigned char byte = (unsigned char)text.data[i];

		if (byte >= 0x20 && byte != '"' && byte != '\\' && byte != 0x7f)
			continue;
		buf_raw(buf, text.data + start, i - start);
		json_escape(buf, byte);
		start = i + 1;
	}
	buf_raw(buf, text.data + start, text.len - start);
	buf_text(buf, "\"");
}

bool
buf_ok(const struct buf *buf)
{
	return !buf->overflow;
}
