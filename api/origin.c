#include "api/origin.h"

#include <arpa/inet.h>
#include <string.h>
#include <strings.h>

/* Whether text is one of the words of a space-separated list. */
static bool
is_listed(const char *list, const char *text)
{
	size_t len = strlen(text);

	while (*list != '\0') {
		size_t word;

		list += strspn(list, " \t");
		word = strcspn(list, " \t");
		if (len > 0 && word == len && strncasecmp(list, text, len) == 0)
			return true;
		list += word;
	}
	return false;
}

/* A web server that reaches us has no address when its client has none. */
static bool
is_proxied(const struct request *req)
{
	const char *peer = request_env(req, "REMOTE_ADDR");

	if (*peer == '\0' || strncmp(peer, "unix:", 5) == 0)
		peer = "unix";
	return is_listed(req->config->trusted_proxies, peer);
}

static bool
is_address(const char *text)
{
	unsigned char bytes[sizeof(struct in6_addr)];

	return inet_pton(AF_INET, text, bytes) == 1 ||
	    inet_pton(AF_INET6, text, bytes) == 1;
}

const char *
origin_address(const struct request *req)
{
	const char *peer = request_env(req, "REMOTE_ADDR");
	const char *told = request_env(req, "HTTP_X_REAL_IP");

	if (is_proxied(req) && is_address(told))
		return told;
	return is_address(peer) ? peer : "";
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

/* text without end, if it ends so. */
static struct slice
without(struct slice text, const char *end)
{
	size_t len = strlen(end);

	if (text.len >= len &&
	    memcmp(text.data + text.len - len, end, len) == 0)
		text.len -= len;
	return text;
}

static bool
is_same(struct slice a, struct slice b)
{
	return a.len == b.len && strncasecmp(a.data, b.data, a.len) == 0;
}

/* Whether origin is scheme and authority, the usual port written or not. */
static bool
is_site(const char *origin, bool is_https, struct slice authority)
{
	const char *scheme = is_https ? "https://" : "http://";
	const char *port = is_https ? ":443" : ":80";

	if (strncasecmp(origin, scheme, strlen(scheme)) != 0)
		return false;
	return authority.len > 0 &&
	    is_same(without(slice_of(origin + strlen(scheme)), port),
		without(authority, port));
}

static bool
is_ours(const struct request *req, const char *origin)
{
	const char *url = req->config->public_url;
	const char *authority = strstr(url, "://");

	if (authority == NULL)
		return is_site(origin, origin_is_https(req),
		    slice_of(request_env(req, "HTTP_HOST")));
	authority += 3;
	return is_site(origin, origin_is_https(req),
	    (struct slice){ authority, strcspn(authority, "/?#") });
}

static enum err
check(const struct request *req, enum err silence)
{
	const char *site = request_env(req, "HTTP_SEC_FETCH_SITE");
	const char *origin = request_env(req, "HTTP_ORIGIN");

	if (strcmp(site, "same-origin") == 0 || strcmp(site, "none") == 0)
		return OK;
	if (is_listed(req->config->allowed_origins, origin))
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
