/*
 * Wire: typed fields in and out of one bounded datagram.
 *
 * Fields are put in order and taken in the same order.  Both sides remember
 * their first failure, so callers put or take everything and check once:
 * wire_finish() for a writer, wire_end() for a reader.  Integers travel
 * big-endian; a string is a 32-bit length and its bytes.
 */
#ifndef COMMON_WIRE_H
#define COMMON_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/slice.h"

struct wire_writer {
	uint8_t *data; /* the caller's buffer */
	size_t size;
	size_t used;
	bool overflow; /* sticky */
};

struct wire_reader {
	const uint8_t *pos;
	const uint8_t *end;
	bool bad; /* sticky */
};

void wire_put_u8(struct wire_writer *w, uint8_t value);
void wire_put_u64(struct wire_writer *w, uint64_t value);
void wire_put_slice(struct wire_writer *w, struct slice text);

/* The number of bytes written, or 0 when they did not fit. */
size_t wire_finish(const struct wire_writer *w);

uint8_t wire_get_u8(struct wire_reader *r);
uint64_t wire_get_u64(struct wire_reader *r);
struct slice wire_get_slice(struct wire_reader *r); /* borrows r's bytes */

/* True when every field was there and no byte is left over. */
bool wire_end(const struct wire_reader *r);

#endif /* COMMON_WIRE_H */
