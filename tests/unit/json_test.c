#include "common/json.h"

#include "tests/lib/test.h"

static struct arena *arena;

static const struct json *
read_slice(struct slice text)
{
	const struct json *json = NULL;

	if (arena == NULL)
		arena = arena_new();
	if (json_read(arena, text, &json) != OK)
		return NULL;
	return json;
}

static const struct json *
read_text(const char *text)
{
	return read_slice(slice_of(text));
}

TEST(values_of_every_kind_are_read)
{
	const struct json *json = read_text(
	    " {\"a\": null, \"b\":[1, true,false],\"c\" : \"x\",\"d\":-1.5e+3}\n");
	const struct json *items;

	CHECK(json != NULL && json->kind == JSON_OBJECT);
	CHECK(json_member(json, "a")->kind == JSON_NULL);
	items = json_member(json, "b")->first;
	CHECK(items->kind == JSON_NUMBER && slice_is(items->text, "1"));
	CHECK(items->next->kind == JSON_BOOL && items->next->truth);
	CHECK(!items->next->next->truth && items->next->next->next == NULL);
	CHECK(slice_is(json_member(json, "c")->text, "x"));
	CHECK(slice_is(json_member(json, "d")->text, "-1.5e+3"));
	CHECK(json_member(json, "e") == NULL);
	CHECK(read_text("7")->kind == JSON_NUMBER);
	CHECK(read_text("{}")->first == NULL);
	CHECK(read_text("[ ]")->first == NULL);
}

TEST(escapes_become_what_they_stand_for)
{
	const struct json *json = read_text(
	    "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u0041\\u00e9\\u20AC\\ud83d\\uDE00\"");

	CHECK(json != NULL);
	CHECK(slice_is(json->text,
	    "\"\\/\b\f\n\r\tA\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80"));
	json = read_text("\"a\\u0000b\"");
	CHECK(json->text.len == 3 && memcmp(json->text.data, "a\0b", 3) == 0);
}

TEST(what_is_nearly_json_is_refused)
{
	const char *const bad[] = { "", " ", "{", "}", "[1,]", "{\"a\":1,}",
		"{a:1}", "{'a':1}", "[1 2]", "nul", "NaN", "Infinity", "-",
		"01", "1.", ".5", "+1", "1e", "0x1", "\"", "\"\\x\"",
		"\"\\u12\"", "\"\\u12g4\"", "\"\\ud800\"", "\"\\udc00\"",
		"\"\\ud800\\u0041\"", "\"\\ud800x\"", "\"\t\"", "\"\n\"", "1 2",
		"{} x", "// c\n1", "/* c */1", "{\"a\"}", "{\"a\":}", "{1:2}",
		"\"\\", "tru", "True", "\xef\xbb\xbf{}", "\"\xff\"",
		"\"\xc0\x80\"", "\"\xed\xa0\x80\"", "[", "[1", "{\"a\":1" };

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		CHECK(read_text(bad[i]) == NULL);
	CHECK(read_slice((struct slice){ "1\0", 2 }) == NULL);
	CHECK(read_slice((struct slice){ "\"\0\"", 3 }) == NULL);
}

TEST(a_key_twice_is_refused)
{
	CHECK(read_text("{\"a\":1,\"a\":2}") == NULL);
	CHECK(read_text("{\"a\":1,\"\\u0061\":2}") == NULL);
	CHECK(read_text("{\"a\":{\"a\":1},\"b\":{\"a\":1}}") != NULL);
}

TEST(depth_and_number_of_values_are_bounded)
{
	char text[JSON_VALUES_MAX * 2 + 2];

	memset(text, '[', JSON_DEPTH_MAX + 1);
	memset(text + JSON_DEPTH_MAX + 1, ']', JSON_DEPTH_MAX + 1);
	CHECK(read_slice((struct slice){
		  text + 1, (size_t)JSON_DEPTH_MAX * 2 }) != NULL);
	CHECK(read_slice((struct slice){
		  text, (size_t)(JSON_DEPTH_MAX + 1) * 2 }) == NULL);

	/* An array and its zeros. */
	for (size_t i = 0; i < JSON_VALUES_MAX; i++)
		memcpy(text + 1 + i * 2, "0,", 2);
	text[0] = '[';
	text[JSON_VALUES_MAX * 2] = ']';
	CHECK(read_slice((struct slice){ text, JSON_VALUES_MAX * 2 + 1 }) ==
	    NULL);
	text[(JSON_VALUES_MAX - 1) * 2] = ']';
	CHECK(read_slice((struct slice){
		  text, (JSON_VALUES_MAX - 1) * 2 + 1 }) != NULL);
}

TEST(only_plain_digits_that_fit_are_a_number_to_us)
{
	const char *const bad[] = { "-1", "1.0", "1e3", "99999999999999999999",
		"\"1\"", "true", "null" };
	uint64_t value = 7;

	CHECK(json_u64(read_text("9007199254740991"), &value));
	CHECK(value == 9007199254740991);
	CHECK(json_u64(read_text("0"), &value) && value == 0);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		CHECK(!json_u64(read_text(bad[i]), &value) && value == 0);
}

TEST_MAIN()
