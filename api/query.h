/*
 * Query: the part of an address after the question mark.
 *
 * name=value pairs between ampersands, percent-encoded, '+' for a space.
 * The first pair with a name counts; names nobody asks for are ignored.
 */
#ifndef API_QUERY_H
#define API_QUERY_H

#include <stdbool.h>

#include "common/arena.h"
#include "common/buf.h"
#include "common/err.h"
#include "common/slice.h"

#define QUERY_MAX       8192 /* bytes, as written */
#define QUERY_PAIRS_MAX 20
#define QUERY_VALUE_MAX 2048 /* bytes, as written: 170 escaped emoji */

/* Whether query is as long as it may be, and has as many pairs. */
bool query_fits(const char *query);

/*
 * The value of name, decoded, in the arena.  ERR_NOT_FOUND: it is not there.
 * ERR_TOO_LARGE: it is longer than QUERY_VALUE_MAX.  ERR_INVALID: its escapes
 * are broken, or what they stand for is no UTF-8 or has a NUL.
 */
enum err query_get(struct arena *arena, const char *query, const char *name,
    struct slice *ret_value) MUST_CHECK;

/*
 * Add the pairs of query to the address in buf, cleanly encoded, but for the
 * count names in left_out and for what query_get() refuses.
 */
void query_copy(struct buf *buf, struct arena *arena, const char *query,
    const char *const *left_out, size_t count);

/* Add one pair to the address in buf, which ends in '?' or in a pair. */
void query_add(struct buf *buf, struct slice name, struct slice value);

#endif /* API_QUERY_H */
