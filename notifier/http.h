/*
 * Http: the thread that accepts connections, reads their request and lets
 * them in or answers why not.
 *
 * libmicrohttpd does what it is for, and then gives the socket away: nothing
 * of it remains once a stream has begun.  Who may come in is asked of the
 * store, while the request is suspended.  The files called http are the only
 * ones that know the library; these are the ones that share its types.
 */
#ifndef NOTIFIER_HTTP_H
#define NOTIFIER_HTTP_H

#include "common/config.h"
#include "common/err.h"

struct gate;
struct http;
struct loops;
struct store;

/* Listen and serve.  Fails like listen_stream(), notifier/listen.h. */
enum err http_start(const struct config *config, struct gate *gate,
    struct store *store, struct loops *loops,
    struct http **ret_http) MUST_CHECK;

/* Accept no more. */
void http_quiesce(struct http *http);

/* End the thread.  The store has answered everything by then. */
void http_stop(struct http *http); /* NULL is fine */

#endif /* NOTIFIER_HTTP_H */
