/*
 * Http_visit: one request for a stream, and what is read of it.
 */
#ifndef NOTIFIER_HTTP_VISIT_H
#define NOTIFIER_HTTP_VISIT_H

#include <microhttpd.h>
#include <stdbool.h>

#include "common/config.h"
#include "common/err.h"
#include "notifier/gate.h"
#include "notifier/store_open.h"
#include "notifier/ws_handshake.h"

struct http;

/* Why a visit is refused. */
struct http_refusal {
	enum err err;
	const char *field;  /* of ERR_INVALID: which parameter; else NULL */
	const char *detail; /* NULL: nothing to add */
};

enum visit_state {
	VISIT_NEW,   /* only its head is there */
	VISIT_READ,  /* nothing was done about it yet */
	VISIT_ASKED, /* of the store */
};

struct visit {
	struct http *http;
	struct MHD_Connection *connection;
	enum visit_state state;
	bool is_counted;         /* by the gate, and not handed over yet */
	const char *cors_origin; /* a page elsewhere that may read; or NULL */
	struct opening opening;
	char accept[WS_ACCEPT_SIZE]; /* of a WebSocket */
};

/*
 * Read the request: what is asked for, by whom, from where.
 * Anything but OK is told in ret_refusal too.
 */
enum err http_read(struct visit *visit, const struct config *config,
    const struct gate *gate, const char *path, const char *method,
    const char *version, struct http_refusal *ret_refusal) MUST_CHECK;

#endif /* NOTIFIER_HTTP_VISIT_H */
