/*
 * Alloc: memory that is there.
 *
 * Out of memory is not an error to handle at five hundred call sites: it ends
 * the process with a log line, and the supervisor starts a fresh one.  What
 * keeps memory bounded is the limits (body sizes, connections, queues).
 */
#ifndef COMMON_ALLOC_H
#define COMMON_ALLOC_H

#include <stddef.h>

/* Zeroed; release with free(). */
void *must_calloc(size_t count, size_t size);
void *must_realloc(void *memory, size_t size);
char *must_strdup(const char *text);

#endif /* COMMON_ALLOC_H */
