/*
 * Cors: pages of allowed_origins may read what is answered, with the cookie
 * if they send it.  Pages from elsewhere are told nothing.
 */
#ifndef API_CORS_H
#define API_CORS_H

#include "api/request.h"
#include "api/response.h"

/* Say so on an answer, if the request came from such a page. */
void cors_allow(const struct request *req, struct response *res);

/* Whether such a page's browser asks what it may send. */
bool cors_is_preflight(const struct request *req);

/* Answer that: methods ("GET, POST"), and the headers that requests have. */
enum err cors_preflight(struct response *res, const char *methods) MUST_CHECK;

#endif /* API_CORS_H */
