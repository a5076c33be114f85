#include "api/query.h"
#include "api/request.h"

#include <stdlib.h>

#include "tests/lib/test.h"

static struct arena *arena; /* of all requests */
static const struct config config = { .page_default = 50, .page_max = 200 };

static struct request
request(const char *pattern, const char *path, const char *query)
{
	arena = arena == NULL ? arena_new() : arena;
	return (struct request){
		.pattern = pattern,
		.path = path,
		.query = query,
		.arena = arena,
		.config = &config,
	};
}

static void
check_id(const char *part, enum err want)
{
	char path[64];
	struct request req;
	uint64_t id = 0;

	snprintf(path, sizeof(path), "/a/%s/b", part);
	req = request("/a/:id/b", path, "");
	CHECK(request_id(&req, "id", &id) == want);
	CHECK(want != OK || id == strtoull(part, NULL, 10));
}

TEST(an_id_is_digits_below_two_to_the_53)
{
	check_id("1", OK);
	check_id("9007199254740991", OK);
	check_id("9007199254740992", ERR_NOT_FOUND);
	check_id("0", ERR_NOT_FOUND);
	check_id("-1", ERR_NOT_FOUND);
	check_id("+1", ERR_NOT_FOUND);
	check_id("1x", ERR_NOT_FOUND);
	check_id("%31", ERR_NOT_FOUND);
	check_id("99999999999999999999", ERR_NOT_FOUND);
}

TEST(a_limit_is_between_1_and_200)
{
	const char *const bad[] = { "limit=0", "limit=201", "limit=", "limit=x",
		"limit=-1", "limit=%31%00" };
	struct request req = request("", "", "");
	size_t limit = 0;

	CHECK(request_limit(&req, &limit) == OK && limit == 50);
	req.query = "limit=1";
	CHECK(request_limit(&req, &limit) == OK && limit == 1);
	req.query = "x=1&limit=%32%30%30";
	CHECK(request_limit(&req, &limit) == OK && limit == 200);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		req.query = bad[i];
		CHECK(request_limit(&req, &limit) == ERR_INVALID);
		CHECK(limit == 200);
	}
}

TEST(a_cursor_comes_back_as_it_was_put_in)
{
	const uint64_t put[] = { 1795151628843, ID_MAX };
	uint64_t got[2] = { 0, 0 };
	struct request req = request("", "/x", "limit=3&cursor=old");
	const char *next = request_next_numbers(&req, NULL, put, 2);

	CHECK(strncmp(next, "/x?limit=3&cursor=", 18) == 0);
	req.query = next + 3;
	CHECK(request_cursor_numbers(&req, got, 2) == OK);
	CHECK(got[0] == put[0] && got[1] == put[1]);
	CHECK(request_cursor_numbers(&req, got, 1) == ERR_INVALID);
}

TEST(a_cursor_of_more_than_128_bytes_is_refused)
{
	char bytes[CURSOR_MAX], query[256] = "cursor=";
	struct request req = request("", "/x", "");
	struct slice put = { bytes, sizeof(bytes) }, got;

	memset(bytes, 'x', sizeof(bytes));
	req.query = request_next(&req, NULL, put) + strlen("/x?");
	CHECK(request_cursor(&req, &got) == OK);
	CHECK(got.len == CURSOR_MAX && memcmp(got.data, bytes, got.len) == 0);
	memset(query + strlen(query), 'e', (CURSOR_MAX + 1) / 3 * 4);
	req.query = query;
	CHECK(request_cursor(&req, &got) == ERR_INVALID);
}

TEST(the_address_of_the_next_page_is_whole_however_long_this_one_is)
{
	char query[QUERY_MAX + 1] = "";
	struct request req = request("", "/x", query);
	struct slice got;
	size_t len = 0;

	/* Bytes that are escaped anew: three for each. */
	for (size_t i = 0; len + 2 <= QUERY_MAX; len += 2)
		memcpy(query + len,
		    ++i % (QUERY_VALUE_MAX / 2 - 4) == 0 ? "&a" : "\xc3\xa9",
		    2);
	req.query = strchr(request_next(&req, NULL, slice_of("end")), '?');
	CHECK(strlen(req.query) > (size_t)2 * QUERY_MAX);
	req.query = strstr(req.query, "cursor=");
	CHECK(req.query != NULL && request_cursor(&req, &got) == OK);
	CHECK(slice_is(got, "end"));
}

TEST(too_many_parameters_are_refused_not_dropped)
{
	char query[QUERY_PAIRS_MAX + 16] = "limit=7";
	struct request req = request("", "/x", query);
	size_t limit = 0, len = strlen(query);

	memset(query + len, '&', QUERY_PAIRS_MAX - 1);
	CHECK(request_limit(&req, &limit) == OK && limit == 7);
	query[len + QUERY_PAIRS_MAX - 1] = '&';
	CHECK(request_limit(&req, &limit) == ERR_INVALID);
	CHECK_STR(req.problems.items[0].field, "");
}

TEST(a_cursor_of_anything_else_is_refused)
{
	/* "1.", ".1", "1.2.3", "x", "-1", and what is no base64url */
	const char *const bad[] = { "cursor=MS4", "cursor=LjE",
		"cursor=MS4yLjM", "cursor=eA", "cursor=LTE",
		"cursor=", "cursor=!", "cursor=MQ==", "cursor=M",
		"cursor=%00" };
	struct request req = request("", "", "");
	uint64_t got[2] = { 7, 7 };

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		req.query = bad[i];
		CHECK(request_cursor_numbers(&req, got, 2) == ERR_INVALID);
	}
	req.query = "";
	CHECK(request_cursor_numbers(&req, got, 2) == OK);
	CHECK(got[0] == 7 && got[1] == 7);
}

TEST(variables_are_found_by_their_whole_name)
{
	char first[] = "HTTP_COOKIE2=x", second[] = "HTTP_COOKIE=y=z";
	char third[] = "A";
	char *const env[] = { first, second, third, NULL };
	struct request req = { .env = env };

	CHECK_STR(request_env(&req, "HTTP_COOKIE"), "y=z");
	CHECK_STR(request_env(&req, "HTTP_COOK"), "");
	CHECK_STR(request_env(&req, "A"), "");
}

TEST_MAIN()
