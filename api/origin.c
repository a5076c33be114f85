#include "api/origin.h"

#include <string.h>
#include <strings.h>

#include "common/site.h"

/* A web server that reaches us has no address when its client has none. */
static bool
is_proxied(const struct request *req)
{
	const char *peer = request_env(req, "REMOTE_ADDR");

	if (*peer == '\0' || strncmp(peer, "unix:", 5) == 0)
		peer = "unix";
	return site_is_listed(req->config->trusted_proxies, peer);
}

const char *
origin_address(const struct request *req)
{
	const char *peer = request_env(req, "REMOTE_ADDR");
	const char *told = request_env(req, "HTTP_X_REAL_IP");

	if (is_proxied(req) && site_is_address(told))
		return told;
	return site_is_address(peer) ? peer : "";
}

bool
origin_is_https(const struct request *req)
{
	const char *told = request_env(req, "HTTP_X_FORWARDED_PROTO");
	const char *https = request_env(req, "HTTPS");

	if (*req->config->public_url != '\0')
		return strncasecmp(req->config->public_url, "https:", 6) == 0;
	if (*told != '\0' && is_proxied(req))
		return strcasecmp(told, "https") == 0;
	return strcasecmp(https, "on") == 0 || strcmp(https, "1") == 0;
}

static bool
is_ours(const struct request *req, const char *origin)
{
	struct slice authority = site_authority(req->config->public_url);

	if (authority.len == 0)
		authority = slice_of(request_env(req, "HTTP_HOST"));
	return site_is_origin(origin, origin_is_https(req), authority);
}

static enum err
check(const struct request *req, enum err silence)
{
	const char *site = request_env(req, "HTTP_SEC_FETCH_SITE");
	const char *origin = request_env(req, "HTTP_ORIGIN");

	if (strcmp(site, "same-origin") == 0 || strcmp(site, "none") == 0)
		return OK;
	if (site_is_listed(req->config->allowed_origins, origin))
		return OK;
	if (*site != '\0')
		return ERR_CROSS_ORIGIN;
	if (*origin == '\0')
		return silence;
	return is_ours(req, origin) ? OK : ERR_CROSS_ORIGIN;
}

enum err
origin_check_cookie(const struct request *req)
{
	return check(req, ERR_CROSS_ORIGIN);
}

enum err
origin_check_public(const struct request *req)
{
	return check(req, OK);
}
