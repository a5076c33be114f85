/*
 * Auth: who is calling.
 *
 * A bearer token in the header Authorization, which is a session's or an API
 * key's (tk_…), or else the cookie tidings_session.
 */
#ifndef API_AUTH_H
#define API_AUTH_H

#include "api/request.h"
#include "api/response.h"

/*
 * Fill in who is calling: req->caller, access and by_cookie.
 * ERR_UNAUTHENTICATED: no credentials, or none that are good.
 */
enum err auth_identify(struct request *req) MUST_CHECK;

/*
 * Whether an API key's scopes allow what is asked: "read" to look, "write" to
 * change, "admin" for administrators' routes, "*" for everything; a session
 * may all of it.  ERR_FORBIDDEN.
 */
enum err auth_check_scope(const struct request *req) MUST_CHECK;

/* Have the browser keep the session's token, or forget it: token NULL. */
void auth_set_cookie(
    const struct request *req, struct response *res, const char *token);

#endif /* API_AUTH_H */
