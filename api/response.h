/*
 * Response: what a handler fills in.  The gateway writes it out.
 *
 * A failure is an answer too: handlers return an enum err, and the router
 * makes it application/problem+json (RFC 9457) with response_problem().
 */
#ifndef API_RESPONSE_H
#define API_RESPONSE_H

#include <stdbool.h>
#include <stdint.h>

#include "api/problems.h"
#include "common/buf.h"
#include "common/err.h"

struct json_object;

struct response {
	int status;
	struct buf headers; /* "Name: value\r\n", as often as need be */
	struct buf body;    /* JSON */
	bool is_problem;

	/* For a handler that fails, to say more. */
	const char *detail;   /* borrowed; a sentence for a person */
	uint64_t retry_after; /* seconds */
};

void response_init(struct response *res);
void response_done(struct response *res);

/* Answer with status and json; takes ownership of json. */
enum err response_json(
    struct response *res, int status, struct json_object *json);

/*
 * Answer 200 with one page of a list, {"items": […], "next": address}, and
 * the header Link; takes ownership of items.  next NULL: the last page.
 */
enum err response_page(
    struct response *res, struct json_object *items, const char *next);

/* Answer 204. */
enum err response_empty(struct response *res);

/* Add a header; value must have no line break. */
void response_header(struct response *res, const char *name, const char *value);

/* Answer err, in the place of whatever was there. */
void response_problem(
    struct response *res, enum err err, const struct problems *problems);

/* The body's JSON was written to res->body; true when it fitted. */
bool response_fits(const struct response *res);

#endif /* API_RESPONSE_H */
