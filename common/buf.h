/*
 * Buf: a growing run of bytes with a maximum, for writing JSON and frames.
 *
 * The first failure sticks: bytes past the maximum are dropped, and buf_ok()
 * is asked once, at the end.  Escaping is in the name of the function.
 */
#ifndef COMMON_BUF_H
#define COMMON_BUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/slice.h"

struct buf {
	char *data; /* owned; NULL while empty */
	size_t len;
	size_t size;
	size_t max;
	bool overflow; /* sticky */
};

void buf_init(struct buf *buf, size_t max_bytes);
void buf_done(struct buf *buf); /* release; may be initialised again */

/* Forget the bytes, keep the memory. */
void buf_clear(struct buf *buf);

void buf_raw(struct buf *buf, const void *data, size_t len);
void buf_text(struct buf *buf, const char *text); /* unescaped, to its NUL */
void buf_u64(struct buf *buf, uint64_t value);    /* decimal */

/* A JSON string (RFC 8259) with its quotes; text must be valid UTF-8. */
void buf_json(struct buf *buf, struct slice text);

/* True when everything fitted. */
bool buf_ok(const struct buf *buf);

#endif /* COMMON_BUF_H */
