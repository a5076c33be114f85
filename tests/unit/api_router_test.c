#include "api/router.h"

#include "tests/lib/test.h"

static char no_settings[] = "";
static struct config config = {
	.allowed_origins = no_settings,
	.public_url = no_settings,
	.trusted_proxies = no_settings,
};

static struct response
dispatch(enum method method, const char *path)
{
	struct request req = {
		.method = method,
		.path = path,
		.query = "",
		.arena = arena_new(),
		.config = &config,
	};
	struct response res;

	response_init(&res);
	router_dispatch(&req, &res);
	buf_raw(&res.headers, "", 1);
	buf_raw(&res.body, "", 1);
	arena_free(req.arena);
	return res;
}

static void
check_problem(
    enum method method, const char *path, int status, const char *code)
{
	struct response res = dispatch(method, path);
	char want[64];

	snprintf(want, sizeof(want), "\"code\":\"%s\"", code);
	CHECK(res.status == status && res.is_problem);
	CHECK(strstr(res.body.data, want) != NULL);
	response_done(&res);
}

TEST(health_answers_anyone)
{
	struct response res = dispatch(GET, "/api/v1/health");

	CHECK(res.status == 200 && !res.is_problem);
	CHECK_STR(res.body.data, "{\"status\":\"ok\"}");
	response_done(&res);
}

TEST(an_unknown_path_is_404)
{
	check_problem(GET, "", 404, "not_found");
	check_problem(GET, "/", 404, "not_found");
	check_problem(GET, "/api/v1/nothing", 404, "not_found");
	check_problem(GET, "/api/v1/health/", 404, "not_found");
	check_problem(GET, "/api/v1/healthy", 404, "not_found");
	check_problem(GET,
	    "/api/v1/users/"
	    "/",
	    404, "not_found");
	check_problem(GET,
	    "/api/v1/conversations/"
	    "/messages",
	    404, "not_found");
	check_problem(
	    GET, "/api/v1/conversations/1/messages/2", 404, "not_found");
}

TEST(another_method_is_405_with_those_that_there_are)
{
	struct response res = dispatch(METHOD_OTHER, "/api/v1/users");

	CHECK(res.status == 405);
	CHECK(strstr(res.headers.data, "Allow: GET, HEAD, POST\r\n") != NULL);
	response_done(&res);
	check_problem(PUT, "/api/v1/users/1", 405, "method_not_allowed");
}

TEST(access_is_checked_before_the_handler_runs)
{
	for (size_t i = 0; i < routes_count; i++)
		if (routes[i].access != PUBLIC)
			check_problem(routes[i].method, routes[i].path, 401,
			    "unauthenticated");
}

TEST(a_public_change_without_a_body_is_not_json)
{
	for (size_t i = 0; i < routes_count; i++)
		if (routes[i].access == PUBLIC && routes[i].method != GET)
			check_problem(
			    routes[i].method, routes[i].path, 400, "not_json");
}

TEST(no_route_is_listed_twice)
{
	for (size_t i = 0; i < routes_count; i++) {
		CHECK(strncmp(routes[i].path, "/api/v1/", 8) == 0);
		CHECK(routes[i].body == BODY_NONE || routes[i].method != GET);
		for (size_t j = 0; j < i; j++)
			CHECK(routes[i].method != routes[j].method ||
			    strcmp(routes[i].path, routes[j].path) != 0);
	}
}

TEST(methods_have_names)
{
	CHECK(router_method("GET") == GET && router_method("HEAD") == GET);
	CHECK(router_method("POST") == POST && router_method("PUT") == PUT);
	CHECK(router_method("PATCH") == PATCH);
	CHECK(router_method("DELETE") == DELETE);
	CHECK(router_method("get") == METHOD_OTHER);
	CHECK(router_method("") == METHOD_OTHER);
}

TEST_MAIN()
