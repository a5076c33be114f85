/*
 * Request: what a handler is given, and how it asks for the pieces.
 *
 * Everything lives until the answer has been written, in the request's arena.
 */
#ifndef API_REQUEST_H
#define API_REQUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "api/problems.h"
#include "common/arena.h"
#include "common/config.h"
#include "common/doorbell.h"
#include "common/err.h"
#include "common/json.h"
#include "common/slice.h"
#include "db/db.h"
#include "db/sessions.h"

#define ID_MAX     ((uint64_t)9007199254740991) /* 2^53 - 1 */
#define CURSOR_MAX 128                          /* bytes, decoded */

enum method { GET, POST, PUT, PATCH, DELETE, METHOD_OTHER };

/* Ordered: each level may do what the levels before it may. */
enum access { PUBLIC, USER, ADMIN };

struct request {
	enum method method; /* of a HEAD request, GET */
	const char *path;   /* no query */
	const char *query;  /* raw, "" when absent */
	char *const *env;   /* the CGI variables: "NAME=value", then NULL */

	/* The body, not yet read: up to len bytes; fewer at its end. */
	size_t (*read)(void *source, char *data, size_t len);
	void *source;

	const char *pattern;     /* the matched route's path */
	struct slice body;       /* "" when there was none */
	const struct json *json; /* the body read, or NULL */
	enum access access;
	struct identity caller; /* user_id 0 when nobody is logged in */
	bool by_cookie;
	struct problems problems;

	/* Borrowed for the length of the request. */
	struct arena *arena;
	struct db *db;
	struct bell *bell;
	const struct config *config;
};

/* A CGI variable; "" when it is not there.  HTTP_X_Y is the header X-Y. */
const char *request_env(const struct request *req, const char *name);

/*
 * The path parameter :name as an id.  ERR_NOT_FOUND: what stands there is
 * none, even in form.
 */
enum err request_id(
    const struct request *req, const char *name, uint64_t *ret_id) MUST_CHECK;

/*
 * Query parameters.  One that is absent leaves its result as it was; a bad
 * one is noted as a problem, and ERR_INVALID.
 */
enum err request_number(struct request *req, const char *name, uint64_t least,
    uint64_t most, uint64_t *ret_value) MUST_CHECK;
enum err request_text(struct request *req, const char *name,
    size_t most_characters, struct slice *ret_value) MUST_CHECK;
enum err request_limit(struct request *req, size_t *ret_limit) MUST_CHECK;

/*
 * The opaque parameter "cursor", which request_next() made: its bytes, which
 * whoever put them there checks; data NULL when absent.
 */
enum err request_cursor(
    struct request *req, struct slice *ret_cursor) MUST_CHECK;

/* A cursor made of count numbers, by request_next_numbers(). */
enum err request_cursor_numbers(
    struct request *req, uint64_t *ret_numbers, size_t count) MUST_CHECK;

/*
 * The address of the next page: this request's, with a cursor that says this;
 * or path with nothing but the cursor, unless path is NULL.
 */
const char *request_next(
    struct request *req, const char *path, struct slice cursor);

const char *request_next_numbers(struct request *req, const char *path,
    const uint64_t *numbers, size_t count);

/*
 * This request's address with value in the place of the parameter name, and
 * without the parameter instead_of ("": nothing is left out).
 */
const char *request_next_number(struct request *req, const char *name,
    const char *instead_of, uint64_t value);

/* Digits alone, up to ID_MAX. */
bool request_parse_number(struct slice text, uint64_t *ret_value);

#endif /* API_REQUEST_H */
