/*
 * JSON from outside: whatever we take, json-c takes too and reads the same
 * kinds and texts; it is the more lenient of the two.
 */
#include <assert.h>
#include <json-c/json.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "common/json.h"
#include "common/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static const enum json_type types[] = {
	[JSON_NULL] = json_type_null,
	[JSON_BOOL] = json_type_boolean,
	[JSON_STRING] = json_type_string,
	[JSON_ARRAY] = json_type_array,
	[JSON_OBJECT] = json_type_object,
};

static void
check_text(const struct json *mine, struct json_object *theirs)
{
	assert(utf8_is_valid(mine->text));
	/* json-c 0.16 takes some surrogate pairs for nothing (U+FFFD). */
	if (strstr(json_object_get_string(theirs), "\xef\xbf\xbd") != NULL)
		return;
	assert(mine->text.len == (size_t)json_object_get_string_len(theirs));
	assert(memcmp(mine->text.data, json_object_get_string(theirs),
		   mine->text.len) == 0);
}

static void
check(const struct json *mine, struct json_object *theirs)
{
	size_t i = 0;

	if (mine->kind == JSON_NUMBER) {
		assert(json_object_is_type(theirs, json_type_int) ||
		    json_object_is_type(theirs, json_type_double));
		return;
	}
	assert(json_object_is_type(theirs, types[mine->kind]));
	if (mine->kind == JSON_STRING)
		check_text(mine, theirs);
	for (const struct json *m = mine->first; m != NULL; m = m->next, i++) {
		struct json_object *value = NULL;

		if (mine->kind == JSON_ARRAY)
			value = json_object_array_get_idx(theirs, i);
		else if (memchr(m->name.data, '\0', m->name.len) != NULL)
			return; /* json-c cuts the name there */
		else
			assert(json_object_object_get_ex(
			    theirs, m->name.data, &value));
		check(m, value);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct arena *arena = arena_new();
	struct slice text = { (const char *)data, len };
	struct json_tokener *tokener;
	struct json_object *theirs;
	const struct json *mine;

	if (json_read(arena, text, &mine) != OK) {
		arena_free(arena);
		return 0;
	}
	tokener = json_tokener_new_ex(JSON_DEPTH_MAX + 1);
	theirs = json_tokener_parse_ex(tokener, (const char *)data, (int)len);
	/* A number at the very end may go on. */
	if (json_tokener_get_error(tokener) == json_tokener_continue)
		theirs = json_tokener_parse_ex(tokener, "", 1);
	assert(json_tokener_get_error(tokener) == json_tokener_success);
	check(mine, theirs);
	json_object_put(theirs);
	json_tokener_free(tokener);
	arena_free(arena);
	return 0;
}
