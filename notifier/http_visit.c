#include "notifier/http_visit.h"

#include <arpa/inet.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

#include "common/site.h"
#include "common/token.h"
#include "notifier/event_type.h"

#define COOKIE         "tidings_session"
#define BEARER         "Bearer "
#define CHAT           "/ws/chat/"
#define CREDENTIAL_MAX 512 /* bytes */

static enum err
refuse(struct http_refusal *refusal, enum err err, const char *field,
    const char *detail)
{
	*refusal = (struct http_refusal){ err, field, detail };
	return err;
}

static const char *
header(const struct visit *visit, const char *name)
{
	return MHD_lookup_connection_value(
	    visit->connection, MHD_HEADER_KIND, name);
}

/* A parameter of the query; NULL: it is not there. */
static const char *
argument(const struct visit *visit, const char *name)
{
	return MHD_lookup_connection_value(
	    visit->connection, MHD_GET_ARGUMENT_KIND, name);
}

/* Digits alone, up to end (or NUL). */
static bool
read_number(const char *text, const char *end, uint64_t *ret_number)
{
	uint64_t number = 0;

	if (text == end || *text == '\0')
		return false;
	for (; text != end && *text != '\0'; text++) {
		uint64_t digit = (uint64_t)(*text - '0');

		if (*text < '0' || *text > '9' ||
		    number > (UINT64_MAX - digit) / 10)
			return false;
		number = number * 10 + digit;
	}
	*ret_number = number;
	return true;
}

static enum err
read_chat_path(struct stream_info *info, const char *path)
{
	const char *id = path + strlen(CHAT);
	const char *end = strchr(id, '/');

	if (end != NULL && end[1] != '\0')
		return ERR_NOT_FOUND;
	if (end == NULL)
		end = id + strlen(id);
	if (!read_number(id, end, &info->only_id) || info->only_id == 0)
		return ERR_NOT_FOUND;
	info->transport = TRANSPORT_WS;
	info->is_chat = true;
	return OK;
}

static enum err
read_path(struct stream_info *info, const char *path)
{
	if (strcmp(path, "/events") == 0) {
		info->transport = TRANSPORT_SSE;
		return OK;
	}
	if (strcmp(path, "/ws") == 0) {
		info->transport = TRANSPORT_WS;
		return OK;
	}
	if (strncmp(path, CHAT, strlen(CHAT)) == 0)
		return read_chat_path(info, path);
	return ERR_NOT_FOUND;
}

static enum err
read_query(struct visit *visit, struct http_refusal *refusal)
{
	struct opening *opening = &visit->opening;
	const char *last = header(visit, "Last-Event-ID");
	const char *since = argument(visit, "since");
	const char *types = argument(visit, "types");
	const char *only = argument(visit, "conversation_id");

	if (last != NULL && *last != '\0')
		since = last;
	opening->has_since = since != NULL;
	if (since != NULL && !read_number(since, NULL, &opening->since))
		return refuse(refusal, ERR_INVALID,
		    since == last ? "Last-Event-ID" : "since",
		    "It has to be an event_id.");
	opening->info.types = EVENT_TYPES_ALL;
	if (types != NULL &&
	    event_types_parse(slice_of(types), &opening->info.types) != OK)
		return refuse(refusal, ERR_INVALID, "types",
		    "There is no such type of event.");
	if (only != NULL && opening->info.only_id == 0 &&
	    (!read_number(only, NULL, &opening->info.only_id) ||
		opening->info.only_id == 0))
		return refuse(refusal, ERR_NOT_FOUND, NULL, NULL);
	return OK;
}

/* The token in an Authorization header (RFC 6750); NULL: none. */
static const char *
bearer(const char *authorization)
{
	if (authorization == NULL ||
	    strncasecmp(authorization, BEARER, strlen(BEARER)) != 0)
		return NULL;
	authorization += strlen(BEARER);
	return authorization + strspn(authorization, " ");
}

/* A ticket is meant for this very stream; what a header says comes before
   what the browser adds by itself. */
static enum err
read_credential(struct visit *visit)
{
	const char *token = argument(visit, "ticket");
	const char *authorization = header(visit, "Authorization");
	struct opening *opening = &visit->opening;

	opening->credential = OPEN_TICKET;
	if (token == NULL) {
		opening->credential = OPEN_SESSION;
		token = bearer(authorization);
		if (token == NULL)
			token = MHD_lookup_connection_value(
			    visit->connection, MHD_COOKIE_KIND, COOKIE);
		else if (strncmp(token, TOKEN_KEY_PREFIX,
			     strlen(TOKEN_KEY_PREFIX)) == 0)
			opening->credential = OPEN_API_KEY;
		if (token == NULL)
			return ERR_UNAUTHENTICATED;
	}
	if (*token == '\0' || strlen(token) > CREDENTIAL_MAX)
		return ERR_UNAUTHENTICATED;
	opening->token = hash_of(slice_of(token));
	return OK;
}

/* The peer's address as text; "unix" of a local socket. */
static void
peer_text(const struct visit *visit, char *text, socklen_t size)
{
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(
	    visit->connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
	const struct sockaddr *address = info == NULL ? NULL
						      : info->client_addr;
	const void *bytes = NULL;

	memcpy(text, "unix", sizeof("unix"));
	if (address != NULL && address->sa_family == AF_INET)
		bytes = &((const struct sockaddr_in *)(const void *)address)
			     ->sin_addr;
	else if (address != NULL && address->sa_family == AF_INET6)
		bytes = &((const struct sockaddr_in6 *)(const void *)address)
			     ->sin6_addr;
	if (bytes != NULL)
		(void)inet_ntop(address->sa_family, bytes, text, size);
}

/* Whom the connection is from, and whether they see this site by https. */
static void
read_origin(struct visit *visit, const struct config *config,
    const struct gate *gate, bool *ret_is_https)
{
	char peer[INET6_ADDRSTRLEN];
	const char *told = header(visit, "X-Real-IP");
	const char *scheme = header(visit, "X-Forwarded-Proto");
	bool is_proxy;

	peer_text(visit, peer, sizeof(peer));
	is_proxy = site_is_listed(config->trusted_proxies, peer);
	if (!is_proxy || told == NULL || !site_is_address(told))
		told = peer;
	visit->opening.info.address_key = gate_address_key(gate, told);
	*ret_is_https = is_proxy && scheme != NULL &&
	    strcasecmp(scheme, "https") == 0;
}

/*
 * A page elsewhere may open a WebSocket with the cookies of the person who
 * looks at it, and read what comes.  Of a stream it can read nothing, unless
 * we say that it may.
 */
static enum err
check_origin(struct visit *visit, const struct config *config, bool is_https)
{
	const char *origin = header(visit, "Origin");
	const char *host = header(visit, "Host");
	struct slice authority = site_authority(config->public_url);

	if (origin == NULL)
		return OK;
	if (site_is_listed(config->allowed_origins, origin)) {
		visit->cors_origin = origin;
		return OK;
	}
	if (authority.len > 0)
		is_https = strncasecmp(config->public_url, "https:", 6) == 0;
	else if (host != NULL)
		authority = slice_of(host);
	if (visit->opening.info.transport == TRANSPORT_SSE ||
	    site_is_origin(origin, is_https, authority))
		return OK;
	return ERR_CROSS_ORIGIN;
}

static enum err
check_handshake(struct visit *visit, const char *version)
{
	const struct ws_handshake handshake = {
		.http_version = version,
		.host = header(visit, "Host"),
		.upgrade = header(visit, "Upgrade"),
		.connection = header(visit, "Connection"),
		.key = header(visit, "Sec-WebSocket-Key"),
		.version = header(visit, "Sec-WebSocket-Version"),
	};

	if (visit->opening.info.transport != TRANSPORT_WS)
		return OK;
	return ws_handshake_check(&handshake, visit->accept);
}

enum err
http_read(struct visit *visit, const struct config *config,
    const struct gate *gate, const char *path, const char *method,
    const char *version, struct http_refusal *ret_refusal)
{
	struct stream_info *info = &visit->opening.info;
	bool is_https;
	enum err err = read_path(info, path);

	if (err == OK && strcmp(method, MHD_HTTP_METHOD_GET) != 0)
		err = ERR_METHOD;
	if (err == OK)
		err = check_handshake(visit, version);
	if (err != OK)
		return refuse(ret_refusal, err, NULL, NULL);
	read_origin(visit, config, gate, &is_https);
	err = check_origin(visit, config, is_https);
	if (err == OK)
		err = read_credential(visit);
	if (err != OK)
		return refuse(ret_refusal, err, NULL, NULL);
	return read_query(visit, ret_refusal);
}
