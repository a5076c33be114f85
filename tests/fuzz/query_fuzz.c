/* The query of an address: nothing that is refused, and all that is read. */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "api/query.h"
#include "common/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

/* What is written again is read as before. */
static void
check_again(struct arena *arena, const char *query, struct slice value)
{
	const char *const nothing[] = { "" };
	struct slice again;
	struct buf buf;

	buf_init(&buf, (size_t)1024 * 1024);
	buf_text(&buf, "/?");
	query_copy(&buf, arena, query, nothing, 1);
	query_add(&buf, slice_of("last"), value);
	buf_raw(&buf, "", 1);
	assert(buf_ok(&buf));
	for (size_t i = 0; i + 1 < buf.len; i++)
		assert(buf.data[i] > ' ' && buf.data[i] < 0x7f &&
		    strchr("<>\"", buf.data[i]) == NULL);
	if (strstr(query, "last") == NULL && strchr(query, '%') == NULL) {
		enum err err = query_get(arena, buf.data + 2, "last", &again);

		assert(err == OK || value.len * 3 > QUERY_VALUE_MAX);
	}
	buf_done(&buf);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct arena *arena = arena_new();
	const char *query = arena_strndup(arena, (const char *)data, len);
	struct slice value = slice_of("");

	if (query_get(arena, query, "a", &value) == OK) {
		assert(value.len <= QUERY_VALUE_MAX);
		assert(utf8_is_valid(value));
		assert(memchr(value.data, '\0', value.len) == NULL);
	}
	check_again(arena, query, value);
	arena_free(arena);
	return 0;
}
