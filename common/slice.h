/* Slice: a run of bytes inside somebody else's buffer; no NUL at its end. */
#ifndef COMMON_SLICE_H
#define COMMON_SLICE_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

struct slice {
	const char *data;
	size_t len;
};

/* The bytes of a NUL-terminated text; borrows it. */
static inline struct slice
slice_of(const char *text)
{
	return (struct slice){ .data = text, .len = strlen(text) };
}

static inline bool
slice_is(struct slice slice, const char *text)
{
	return slice.len == strlen(text) &&
	    memcmp(slice.data, text, slice.len) == 0;
}

#endif /* COMMON_SLICE_H */
