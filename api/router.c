#include "api/router.h"

#include <string.h>

#include "api/auth.h"
#include "api/body.h"
#include "api/cors.h"
#include "api/handlers/handlers.h"
#include "api/origin.h"
#include "common/log.h"

const struct route routes[] = {
#define ROUTE(method, path, handler, access, body) \
	{ method, path, #handler, handler, access, BODY_##body },
#include "api/routes.def"
#undef ROUTE
};

const size_t routes_count = sizeof(routes) / sizeof(routes[0]);

static const char *const method_names[METHOD_OTHER] = {
	[GET] = "GET",
	[POST] = "POST",
	[PUT] = "PUT",
	[PATCH] = "PATCH",
	[DELETE] = "DELETE",
};

enum method
router_method(const char *name)
{
	if (strcmp(name, "HEAD") == 0)
		return GET;
	for (size_t i = 0; i < METHOD_OTHER; i++)
		if (strcmp(name, method_names[i]) == 0)
			return (enum method)i;
	return METHOD_OTHER;
}

static bool
matches(const char *pattern, const char *path)
{
	for (;;) {
		size_t part = strcspn(path, "/");
		size_t want = strcspn(pattern, "/");

		if (*pattern == ':') {
			if (part == 0)
				return false;
		} else if (part != want || memcmp(path, pattern, part) != 0) {
			return false;
		}
		path += part;
		pattern += want;
		if (*path != *pattern) /* one ended before the other */
			return false;
		if (*path == '\0')
			return true;
		path++;
		pattern++;
	}
}

/* The first match counts: in the table, names stand before parameters. */
static enum err
find(const struct request *req, const struct route **ret_route)
{
	enum err err = ERR_NOT_FOUND;

	for (size_t i = 0; i < routes_count; i++) {
		if (!matches(routes[i].path, req->path))
			continue;
		if (routes[i].method == req->method) {
			*ret_route = &routes[i];
			return OK;
		}
		err = ERR_METHOD;
	}
	return err;
}

/* The methods that the path has: "GET, HEAD, POST". */
static const char *
methods_of(const struct request *req)
{
	const char *text;
	bool allowed[METHOD_OTHER] = { false };
	struct buf list;

	for (size_t i = 0; i < routes_count; i++)
		if (matches(routes[i].path, req->path))
			allowed[routes[i].method] = true;
	buf_init(&list, 128);
	for (size_t i = 0; i < METHOD_OTHER; i++) {
		if (!allowed[i])
			continue;
		buf_text(&list, list.len == 0 ? "" : ", ");
		buf_text(&list, method_names[i]);
		buf_text(&list, i == GET ? ", HEAD" : "");
	}
	text = arena_strndup(req->arena, list.data, list.len);
	buf_done(&list);
	return text;
}

/* Who is calling, and whether they may. */
static enum err
check_access(const struct route *route, struct request *req)
{
	bool is_unsafe = route->method != GET;
	enum err err;

	if (route->access == PUBLIC)
		return is_unsafe ? origin_check_public(req) : OK;
	err = auth_identify(req);
	if (err != OK)
		return err;
	if (is_unsafe && req->by_cookie) {
		err = origin_check_cookie(req);
		if (err != OK)
			return err;
	}
	if (req->access < route->access)
		return ERR_FORBIDDEN;
	return auth_check_scope(req);
}

static enum err
answer(struct request *req, struct response *res)
{
	const struct route *route;
	enum err err;

	err = find(req, &route);
	if (err == ERR_METHOD && cors_is_preflight(req))
		return cors_preflight(res, methods_of(req));
	if (err == ERR_METHOD)
		response_header(res, "Allow", methods_of(req));
	if (err != OK)
		return err;
	req->pattern = route->path;

	err = check_access(route, req);
	if (err != OK)
		return err;
	err = body_read(req,
	    route->body == BODY_JSON ? (size_t)req->config->body_bytes : 0);
	if (err != OK)
		return err;

	err = route->handler(req, res);
	if (err == OK && !response_fits(res))
		err = ERR_INTERNAL;
	if (err == ERR_INTERNAL)
		log_error("%s failed", route->name);
	return err;
}

void
router_dispatch(struct request *req, struct response *res)
{
	enum err err;

	cors_allow(req, res);
	err = answer(req, res);
	if (err != OK)
		response_problem(res, err, &req->problems);
}
