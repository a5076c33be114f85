/*
 * Router: from a request to the one handler that answers it.
 *
 * It does everything that is the same for every endpoint: match method and
 * path, see who is calling and from where, bound and read the body, and turn
 * an enum err into an HTTP answer.  Handlers do the rest.
 */
#ifndef API_ROUTER_H
#define API_ROUTER_H

#include "api/request.h"
#include "api/response.h"

typedef enum err (*handler)(struct request *req, struct response *res);

/* What a request may carry. */
enum body { BODY_NONE, BODY_JSON };

struct route {
	enum method method;
	const char *path;
	const char *name; /* of the handler, for logs and tests */
	handler handler;
	enum access access;
	enum body body;
};

extern const struct route routes[];
extern const size_t routes_count;

/* Fill res for req.  Cannot fail: an error is an answer too. */
void router_dispatch(struct request *req, struct response *res);

/* The method with this name; GET for HEAD, METHOD_OTHER for an unknown one. */
enum method router_method(const char *name);

#endif /* API_ROUTER_H */
