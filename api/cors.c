#include "api/cors.h"

#include <string.h>

#include "common/site.h"

#define PREFLIGHT_SECONDS "600"

static bool
is_allowed(const struct request *req)
{
	const char *origin = request_env(req, "HTTP_ORIGIN");

	return *origin != '\0' &&
	    site_is_listed(req->config->allowed_origins, origin);
}

void
cors_allow(const struct request *req, struct response *res)
{
	if (!is_allowed(req))
		return;
	response_header(res, "Access-Control-Allow-Origin",
	    request_env(req, "HTTP_ORIGIN"));
	response_header(res, "Access-Control-Allow-Credentials", "true");
	response_header(res, "Access-Control-Expose-Headers",
	    "Link, Retry-After, Idempotent-Replayed");
	response_header(res, "Vary", "Origin");
}

bool
cors_is_preflight(const struct request *req)
{
	return strcmp(request_env(req, "REQUEST_METHOD"), "OPTIONS") == 0 &&
	    *request_env(req, "HTTP_ACCESS_CONTROL_REQUEST_METHOD") != '\0' &&
	    is_allowed(req);
}

enum err
cors_preflight(struct response *res, const char *methods)
{
	response_header(res, "Access-Control-Allow-Methods", methods);
	response_header(res, "Access-Control-Allow-Headers",
	    "Authorization, Content-Type, Idempotency-Key");
	response_header(res, "Access-Control-Max-Age", PREFLIGHT_SECONDS);
	return response_empty(res);
}
