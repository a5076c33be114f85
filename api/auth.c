#include "api/auth.h"

#include <sodium.h>
#include <string.h>
#include <strings.h>

#include "api/cookie.h"
#include "api/origin.h"
#include "common/token.h"

#define CREDENTIAL_MAX 512 /* bytes */

/* The server knows when a session ends; its cookie only must not go before.
   Browsers keep one for 400 days at most. */
#define COOKIE_AGE "34560000"

static struct slice
bearer(const struct request *req)
{
	static const char scheme[] = "Bearer ";
	const char *header = request_env(req, "HTTP_AUTHORIZATION");

	if (strncasecmp(header, scheme, sizeof(scheme) - 1) != 0)
		return slice_of("");
	header += sizeof(scheme) - 1;
	return slice_of(header + strspn(header, " "));
}

static bool
is_key(struct slice token)
{
	size_t len = strlen(TOKEN_KEY_PREFIX);

	return token.len > len &&
	    memcmp(token.data, TOKEN_KEY_PREFIX, len) == 0;
}

static enum err
identify(struct request *req, struct slice token)
{
	struct hash hash;

	if (token.len == 0 || token.len > CREDENTIAL_MAX)
		return ERR_UNAUTHENTICATED;
	hash = hash_of(token);
	if (is_key(token) && !req->by_cookie)
		return api_key_authenticate(
		    req->db, req->arena, &hash, &req->caller);
	return session_authenticate(req->db, req->arena, &hash,
	    (uint64_t)req->config->session_days, &req->caller);
}

enum err
auth_identify(struct request *req)
{
	struct slice token = bearer(req);
	enum err err;

	if (token.len == 0 &&
	    cookie_get(slice_of(request_env(req, "HTTP_COOKIE")),
		COOKIE_SESSION, &token))
		req->by_cookie = true;
	err = identify(req, token);
	if (err == OK)
		req->access = req->caller.is_admin ? ADMIN : USER;
	return err;
}

enum err
auth_check_scope(const struct request *req)
{
	const char *scope = req->method == GET ? "read" : "write";

	return scope_allows(req->caller.scopes, scope) ? OK : ERR_FORBIDDEN;
}

void
auth_set_cookie(
    const struct request *req, struct response *res, const char *token)
{
	struct buf value;

	buf_init(&value, 512);
	buf_text(&value, COOKIE_SESSION "=");
	buf_text(&value, token == NULL ? "" : token);
	buf_text(&value, "; Path=/; HttpOnly; SameSite=Lax; Max-Age=");
	buf_text(&value, token == NULL ? "0" : COOKIE_AGE);
	if (origin_is_https(req))
		buf_text(&value, "; Secure");
	response_header(res, "Set-Cookie",
	    arena_strndup(req->arena, value.data, value.len));
	sodium_memzero(value.data, value.len);
	buf_done(&value);
}
