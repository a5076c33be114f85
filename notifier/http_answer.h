/* Http_answer: what libmicrohttpd is told to answer. */
#ifndef NOTIFIER_HTTP_ANSWER_H
#define NOTIFIER_HTTP_ANSWER_H

#include "common/buf.h"
#include "notifier/http_visit.h"

struct loops;

/* A problem+json. */
enum MHD_Result http_refuse(
    struct MHD_Connection *connection, const struct http_refusal *refusal);

/* Any text; type is its Content-Type. */
enum MHD_Result http_text(struct MHD_Connection *connection, unsigned status,
    const char *type, const struct buf *text);

/*
 * Begin the stream that visit's opening allows: send the head, then give
 * the socket to a loop, with the arrival.  What is not given stays visit's.
 */
enum MHD_Result http_begin(struct visit *visit);

/* Give the arrival, with a descriptor of its own, to its loop; notifier's
   http.c. */
void http_give(struct visit *visit, int fd, const void *extra, size_t len);

#endif /* NOTIFIER_HTTP_ANSWER_H */
