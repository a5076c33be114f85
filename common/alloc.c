#include "common/alloc.h"

#include <stdlib.h>
#include <string.h>

#include "common/log.h"

void *
must_calloc(size_t count, size_t size)
{
	void *memory = calloc(count, size);

	if (memory == NULL)
		log_fatal("out of memory (%zu x %zu bytes)", count, size);
	return memory;
}

void *
must_realloc(void *memory, size_t size)
{
	void *grown = realloc(memory, size);

	if (grown == NULL)
		log_fatal("out of memory (%zu bytes)", size);
	return grown;
}

char *
must_strdup(const char *text)
{
	char *copy = strdup(text);

	if (copy == NULL)
		log_fatal("out of memory");
	return copy;
}
