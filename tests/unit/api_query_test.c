#include "api/query.h"

#include "tests/lib/test.h"

static struct arena *arena;

static void
check(const char *query, const char *name, enum err want, const char *value)
{
	struct slice got;
	enum err err;

	arena = arena == NULL ? arena_new() : arena;
	err = query_get(arena, query, name, &got);
	CHECK(err == want);
	if (err == OK)
		CHECK(slice_is(got, value));
}

TEST(a_value_is_found_by_its_name)
{
	check("a=1&b=2", "a", OK, "1");
	check("a=1&b=2", "b", OK, "2");
	check("ab=1&a=2", "a", OK, "2");
	check("a=1&a=2", "a", OK, "1");
	check("a", "a", OK, "");
	check("a=", "a", OK, "");
	check("a==b", "a", OK, "=b");
	check("&&a=1&", "a", OK, "1");
	check("", "a", ERR_NOT_FOUND, NULL);
	check("b=a", "a", ERR_NOT_FOUND, NULL);
	check("=a", "a", ERR_NOT_FOUND, NULL);
}

TEST(escapes_are_decoded)
{
	check("a=%41%62+c%2B%26%3d", "a", OK, "Ab c+&=");
	check("a=%F0%9f%98%80", "a", OK, "\xf0\x9f\x98\x80");
	check("a=%C3%A9\xc3\xa9", "a", OK, "\xc3\xa9\xc3\xa9");
}

TEST(broken_escapes_nul_and_bad_utf8_are_invalid)
{
	const char *const bad[] = { "a=%", "a=%4", "a=%4&", "a=%zz", "a=%00",
		"a=%ff", "a=%C3", "a=%ed%a0%80", "a=\xff", "a=%%41", "a=x%" };

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		check(bad[i], "a", ERR_INVALID, NULL);
		check(bad[i], "b", ERR_NOT_FOUND, NULL);
	}
}

TEST(a_value_is_bounded)
{
	char query[QUERY_VALUE_MAX + 4] = "a=";

	memset(query + 2, 'x', QUERY_VALUE_MAX);
	check(query, "a", OK, query + 2);
	query[QUERY_VALUE_MAX + 2] = 'x';
	check(query, "a", ERR_TOO_LARGE, NULL);
}

TEST(a_query_has_so_many_pairs_and_bytes)
{
	char query[QUERY_MAX + 2] = "";

	memset(query, '&', QUERY_PAIRS_MAX - 1);
	CHECK(query_fits(query) && query_fits(""));
	query[QUERY_PAIRS_MAX - 1] = '&';
	CHECK(!query_fits(query));
	memset(query, 'x', QUERY_MAX);
	query[QUERY_MAX] = '\0';
	CHECK(query_fits(query));
	query[QUERY_MAX] = 'x';
	CHECK(!query_fits(query));
}

TEST(a_query_is_written_again_cleanly)
{
	const char *const left_out[] = { "cursor", "" };
	struct buf buf;

	arena = arena_new();
	buf_init(&buf, 1000);
	buf_text(&buf, "/x?");
	query_copy(&buf, arena,
	    "q=%c3%a9+>&cursor=old&bad=%zz&limit=3&&e&\"<=1", left_out, 2);
	query_add(&buf, slice_of("cursor"), slice_of("a b"));
	buf_raw(&buf, "", 1);
	CHECK_STR(
	    buf.data, "/x?q=%C3%A9%20%3E&limit=3&e=&%22%3C=1&cursor=a%20b");
	buf_done(&buf);
	arena_free(arena);
}

TEST_MAIN()
