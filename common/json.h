/*
 * Json: text from outside, read strictly (RFC 8259).
 *
 * json-c writes our JSON; what people send is read here, because a body that
 * is nearly JSON has to be refused: a key twice, half a surrogate pair, NaN,
 * comments, invalid UTF-8, anything after the value.  Values live in the
 * arena, and so do strings, decoded; a string may hold NUL (\u0000).
 */
#ifndef COMMON_JSON_H
#define COMMON_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/arena.h"
#include "common/err.h"
#include "common/slice.h"

#define JSON_DEPTH_MAX  16   /* arrays and objects within each other */
#define JSON_VALUES_MAX 4096 /* in one text */

enum json_kind {
	JSON_NULL,
	JSON_BOOL,
	JSON_NUMBER,
	JSON_STRING,
	JSON_ARRAY,
	JSON_OBJECT,
};

struct json {
	enum json_kind kind;
	bool truth;         /* of a bool */
	struct slice name;  /* when it is a member of an object */
	struct slice text;  /* a string, decoded; a number, as written */
	struct json *first; /* of an array's or an object's values, or NULL */
	struct json *next;  /* in the same array or object, or NULL */
};

/*
 * Read text, which must be one value.  ERR_NOT_JSON: it is not, or it is
 * deeper or has more values than the limits above.
 */
enum err json_read(struct arena *arena, struct slice text,
    const struct json **ret_json) MUST_CHECK;

/* The member of object with this name, or NULL. */
const struct json *json_member(const struct json *object, const char *name);

/* True when json is a number written as digits alone, and it fits. */
bool json_u64(const struct json *json, uint64_t *ret_value);

#endif /* COMMON_JSON_H */
