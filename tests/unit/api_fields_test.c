#include "api/fields.h"

#include "tests/lib/test.h"

static struct request req;
static struct arena *arena; /* of all requests */

static void
body(const char *text)
{
	arena = arena == NULL ? arena_new() : arena;
	req = (struct request){ .arena = arena };
	CHECK(json_read(req.arena, slice_of(text), &req.json) == OK);
}

static void
check_problem(const char *field, enum problem_code code)
{
	for (size_t i = 0; i < req.problems.count; i++)
		if (strcmp(req.problems.items[i].field, field) == 0 &&
		    req.problems.items[i].code == code)
			return;
	printf("# no %s %s\n", field, problem_name(code));
	CHECK(false);
}

static enum err
read_all(const char *text, struct slice *name, uint64_t *age, bool *truth)
{
	const struct field fields[] = {
		FIELD_TEXT("name", REQUIRED, 2, 4, name),
		FIELD_NUMBER("age", OPTIONAL, 1, 9, age),
		FIELD_BOOL("truth", NULLABLE, truth),
	};

	body(text);
	return fields_read(&req, fields, FIELDS(fields));
}

TEST(values_are_read)
{
	struct slice name = { 0 };
	uint64_t age = 5;
	bool truth = true;

	CHECK(read_all("{\"name\":\"abcd\",\"truth\":null}", &name, &age,
		  &truth) == OK);
	CHECK(slice_is(name, "abcd") && age == 5 && truth);
	CHECK(read_all("{\"truth\":false,\"age\":9,\"name\":"
		       "\"\\ud83d\\ude00\xf0\x9f\x98\x80\"}",
		  &name, &age, &truth) == OK);
	CHECK(name.len == 8 && age == 9 && !truth);
}

TEST(everything_wrong_is_told_at_once)
{
	struct slice name = { 0 };
	uint64_t age = 5;
	bool truth = true;

	CHECK(read_all("{\"age\":0,\"truth\":1,\"x\":{},\"name\":\"a\"}", &name,
		  &age, &truth) == ERR_INVALID);
	CHECK(req.problems.count == 4);
	check_problem("age", PROBLEM_OUT_OF_RANGE);
	check_problem("truth", PROBLEM_WRONG_TYPE);
	check_problem("x", PROBLEM_UNKNOWN_FIELD);
	check_problem("name", PROBLEM_TOO_SHORT);
	CHECK(name.data == NULL && age == 5 && truth);
}

static void
check_one(const char *text, const char *field, enum problem_code code)
{
	struct slice name = { 0 };
	uint64_t age = 0;
	bool truth = false;

	CHECK(read_all(text, &name, &age, &truth) == ERR_INVALID);
	CHECK(req.problems.count == 1);
	check_problem(field, code);
}

TEST(each_kind_of_wrong_has_its_code)
{
	check_one("{}", "name", PROBLEM_REQUIRED);
	check_one("{\"name\":null}", "name", PROBLEM_WRONG_TYPE);
	check_one("{\"name\":\"abcde\"}", "name", PROBLEM_TOO_LONG);
	check_one("{\"name\":\"a\\u0000b\"}", "name", PROBLEM_INVALID);
	check_one("{\"name\":\"ab\",\"age\":10}", "age", PROBLEM_OUT_OF_RANGE);
	check_one("{\"name\":\"ab\",\"age\":1.0}", "age", PROBLEM_OUT_OF_RANGE);
	check_one("{\"name\":\"ab\",\"age\":null}", "age", PROBLEM_WRONG_TYPE);
	check_one(
	    "{\"name\":\"ab\",\"Name\":1}", "Name", PROBLEM_UNKNOWN_FIELD);
	check_one(
	    "{\"name\":\"ab\",\"n\\u0000\":1}", "", PROBLEM_UNKNOWN_FIELD);
	check_one("[]", "", PROBLEM_INVALID);
}

TEST(a_field_within_an_object_has_its_path)
{
	struct slice title = { 0 };
	const struct json *topic = NULL;
	const struct field outer[] = { FIELD_OBJECT(
	    "topic", OPTIONAL, &topic) };
	const struct field inner[] = {
		FIELD_TEXT("title", REQUIRED, 1, 9, &title),
	};

	body("{\"topic\":{\"title\":5}}");
	CHECK(fields_read(&req, outer, FIELDS(outer)) == OK);
	CHECK(fields_read_within(&req, "topic", topic, inner, FIELDS(inner)) ==
	    ERR_INVALID);
	check_problem("topic.title", PROBLEM_WRONG_TYPE);
}

TEST(a_text_that_can_be_cleared_takes_null)
{
	struct slice email = slice_of("before");
	const struct field fields[] = {
		FIELD_TEXT("email", CLEARABLE, 0, 9, &email),
	};

	body("{}");
	CHECK(fields_read(&req, fields, FIELDS(fields)) == OK);
	CHECK(slice_is(email, "before"));
	body("{\"email\":null}");
	CHECK(fields_read(&req, fields, FIELDS(fields)) == OK);
	CHECK(email.data != NULL && email.len == 0);
}

TEST(no_body_is_not_json)
{
	req = (struct request){ 0 };
	CHECK(fields_read(&req, NULL, 0) == ERR_NOT_JSON);
}

TEST(problems_are_bounded)
{
	char text[1000] = "{";

	for (int i = 0; i < PROBLEMS_MAX + 5; i++)
		snprintf(text + strlen(text), 16, "%s\"f%d\":1",
		    i == 0 ? "" : ",", i);
	memcpy(text + strlen(text), "}", 2);
	body(text);
	CHECK(fields_read(&req, NULL, 0) == ERR_INVALID);
	CHECK(req.problems.count == PROBLEMS_MAX);
}

TEST_MAIN()
