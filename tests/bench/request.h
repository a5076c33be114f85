/*
 * Request: what is asked of a server over HTTP, and where it listens.
 *
 * In paths and bodies that come from the command line a '*' stands for what
 * differs from request to request.
 */
#ifndef TESTS_BENCH_REQUEST_H
#define TESTS_BENCH_REQUEST_H

#include <netinet/in.h>

#include "common/buf.h"
#include "common/slice.h"
#include "tests/bench/seats.h"

#define REQUEST_MAX 16384 /* bytes, the body included */

/* Headers are lines, or "". */
void request_get(struct buf *buf, const char *path, const char *headers,
    const struct seat *seat);
void request_post(struct buf *buf, const char *path, const char *body,
    struct slice text, const struct seat *seat);

/* The body of a request, empty where it has none.  False: not whole yet. */
bool request_body(struct slice bytes, struct slice *ret_body);

/*
 * How much of bytes is one whole answer to a POST; 0: not whole yet.
 * ret_close is true when the server will not read on.
 */
size_t answer_length(struct slice bytes, int *ret_status, bool *ret_close);

/* "127.0.0.1:8080"; ends the process for anything else. */
struct sockaddr_in address_parse(const char *text);

#endif /* TESTS_BENCH_REQUEST_H */
