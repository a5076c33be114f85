#include "api/response.h"

#include <json-c/json.h>
#include <stdio.h>
#include <string.h>

#define HEADERS_MAX ((size_t)64 * 1024)
#define TEXT_MAX    ((size_t)64 * 1024 * 1024) /* 200 of the longest messages */

#define RETRY_AFTER_DEFAULT 1 /* seconds */

void
response_init(struct response *res)
{
	*res = (struct response){ 0 };
	buf_init(&res->headers, HEADERS_MAX);
	buf_init(&res->body, TEXT_MAX);
}

void
response_done(struct response *res)
{
	buf_done(&res->headers);
	buf_done(&res->body);
}

enum err
response_json(struct response *res, int status, struct json_object *json)
{
	size_t len;
	const char *text = json_object_to_json_string_length(json,
	    JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE, &len);

	res->status = status;
	buf_clear(&res->body);
	buf_raw(&res->body, text, len);
	json_object_put(json);
	return OK;
}

enum err
response_page(struct response *res, struct json_object *items, const char *next)
{
	struct json_object *json = json_object_new_object();
	struct json_object *address = NULL;

	if (next != NULL) {
		address = json_object_new_string(next);
		buf_text(&res->headers, "Link: <");
		buf_text(&res->headers, next);
		buf_text(&res->headers, ">; rel=\"next\"\r\n");
	}
	json_object_object_add(json, "items", items);
	json_object_object_add(json, "next", address);
	return response_json(res, 200, json);
}

enum err
response_empty(struct response *res)
{
	res->status = 204;
	buf_clear(&res->body);
	return OK;
}

void
response_header(struct response *res, const char *name, const char *value)
{
	buf_text(&res->headers, name);
	buf_text(&res->headers, ": ");
	buf_text(&res->headers, value);
	buf_text(&res->headers, "\r\n");
}

static void
add_text(struct json_object *json, const char *name, const char *text)
{
	json_object_object_add(json, name, json_object_new_string(text));
}

static struct json_object *
errors_json(const struct problems *problems)
{
	struct json_object *list = json_object_new_array();

	for (size_t i = 0; i < problems->count; i++) {
		const struct problem *problem = &problems->items[i];
		struct json_object *json = json_object_new_object();

		add_text(json, "field", problem->field);
		add_text(json, "code", problem_name(problem->code));
		add_text(json, "detail", problem->detail);
		json_object_array_add(list, json);
	}
	return list;
}

static struct json_object *
problem_json(
    const struct response *res, enum err err, const struct problems *problems)
{
	struct json_object *json = json_object_new_object();
	const char *code = err_code(err);
	const char *detail = res->detail;

	if (err == ERR_INVALID && problems->count == 1) {
		code = problem_name(problems->items[0].code);
		detail = problems->items[0].detail;
	} else if (err == ERR_INVALID && problems->count > 1) {
		detail = "Several fields are not valid.";
	}
	add_text(json, "type", "about:blank");
	add_text(json, "title", err_title(err));
	json_object_object_add(
	    json, "status", json_object_new_int(err_status(err)));
	add_text(json, "code", code);
	if (detail != NULL)
		add_text(json, "detail", detail);
	if (err == ERR_INVALID && problems->count > 0)
		json_object_object_add(json, "errors", errors_json(problems));
	return json;
}

static void
add_retry_after(struct response *res, enum err err)
{
	char text[24];

	if (err != ERR_RATE_LIMITED && err != ERR_UNAVAILABLE &&
	    err != ERR_IN_PROGRESS)
		return;
	if (res->retry_after == 0)
		res->retry_after = RETRY_AFTER_DEFAULT;
	snprintf(
	    text, sizeof(text), "%llu", (unsigned long long)res->retry_after);
	response_header(res, "Retry-After", text);
}

void
response_problem(
    struct response *res, enum err err, const struct problems *problems)
{
	(void)response_json(res, err_status(err),
	    problem_json(res, err, problems)); /* cannot fail */
	res->is_problem = true;
	if (res->status == 401)
		response_header(
		    res, "WWW-Authenticate", "Bearer realm=\"tidings\"");
	add_retry_after(res, err);
}

bool
response_fits(const struct response *res)
{
	return buf_ok(&res->headers) && buf_ok(&res->body);
}
