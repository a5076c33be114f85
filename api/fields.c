#include "api/fields.h"

#include <stdio.h>
#include <string.h>

#include "common/buf.h"
#include "common/utf8.h"

#define DETAIL_MAX 80

/* Where a problem is: "topic.title". */
static const char *
path_of(struct request *req, const char *outer, struct slice name)
{
	struct buf buf;
	const char *path;

	buf_init(&buf, 256);
	if (outer != NULL) {
		buf_text(&buf, outer);
		buf_text(&buf, ".");
	}
	buf_raw(&buf, name.data, name.len);
	/* A name that is too long is nobody's field: say where it was. */
	path = buf_ok(&buf) && memchr(name.data, '\0', name.len) == NULL
	    ? arena_strndup(req->arena, buf.data, buf.len)
	    : "";
	buf_done(&buf);
	return path;
}

static const char *
bounds(struct request *req, const struct field *field, const char *what)
{
	char text[DETAIL_MAX];

	snprintf(text, sizeof(text), "%llu to %llu%s are allowed.",
	    (unsigned long long)field->least, (unsigned long long)field->most,
	    what);
	return arena_strndup(req->arena, text, strlen(text));
}

static void
read_text(struct request *req, const char *path, const struct field *field,
    struct slice text)
{
	size_t length = utf8_length(text);

	if (length < field->least)
		problem_add(&req->problems, path, PROBLEM_TOO_SHORT,
		    bounds(req, field, " characters"));
	else if (length > field->most)
		problem_add(&req->problems, path, PROBLEM_TOO_LONG,
		    bounds(req, field, " characters"));
	else if (memchr(text.data, '\0', text.len) != NULL)
		problem_add(&req->problems, path, PROBLEM_INVALID,
		    "The character NUL is not allowed.");
	else
		*field->result.text = text;
}

static void
read_number(struct request *req, const char *path, const struct field *field,
    const struct json *json)
{
	uint64_t number;

	if (!json_u64(json, &number) || number < field->least ||
	    number > field->most)
		problem_add(&req->problems, path, PROBLEM_OUT_OF_RANGE,
		    bounds(req, field, ", in digits,"));
	else
		*field->result.number = number;
}

static bool
has_kind(const struct json *json, enum field_kind kind)
{
	static const enum json_kind wanted[] = {
		[FIELD_KIND_TEXT] = JSON_STRING,
		[FIELD_KIND_NUMBER] = JSON_NUMBER,
		[FIELD_KIND_BOOL] = JSON_BOOL,
		[FIELD_KIND_OBJECT] = JSON_OBJECT,
	};

	return kind == FIELD_KIND_ANY || json->kind == wanted[kind];
}

static void
read_field(struct request *req, const char *outer, const struct field *field,
    const struct json *json)
{
	const char *path = path_of(req, outer, slice_of(field->name));

	if (json != NULL && json->kind == JSON_NULL &&
	    (field->need == NULLABLE || field->need == CLEARABLE)) {
		if (field->need == CLEARABLE)
			*field->result.text = slice_of("");
		return;
	}
	if (json == NULL) {
		if (field->need == REQUIRED)
			problem_add(
			    &req->problems, path, PROBLEM_REQUIRED, NULL);
	} else if (!has_kind(json, field->kind)) {
		problem_add(&req->problems, path, PROBLEM_WRONG_TYPE, NULL);
	} else if (field->kind == FIELD_KIND_TEXT) {
		read_text(req, path, field, json->text);
	} else if (field->kind == FIELD_KIND_NUMBER) {
		read_number(req, path, field, json);
	} else if (field->kind == FIELD_KIND_BOOL) {
		*field->result.truth = json->truth;
	} else {
		*field->result.json = json;
	}
}

static void
refuse_others(struct request *req, const char *outer, const struct json *object,
    const struct field *fields, size_t count)
{
	for (const struct json *m = object->first; m != NULL; m = m->next) {
		size_t i = 0;

		while (i < count && !slice_is(m->name, fields[i].name))
			i++;
		if (i == count)
			problem_add(&req->problems,
			    path_of(req, outer, m->name), PROBLEM_UNKNOWN_FIELD,
			    NULL);
	}
}

enum err
fields_read_within(struct request *req, const char *outer,
    const struct json *object, const struct field *fields, size_t count)
{
	for (size_t i = 0; i < count; i++)
		read_field(req, outer, &fields[i],
		    json_member(object, fields[i].name));
	refuse_others(req, outer, object, fields, count);
	return problems_result(&req->problems);
}

enum err
fields_read(struct request *req, const struct field *fields, size_t count)
{
	if (req->json == NULL)
		return ERR_NOT_JSON;
	if (req->json->kind != JSON_OBJECT) {
		problem_add(&req->problems, "", PROBLEM_INVALID,
		    "The body has to be an object.");
		return ERR_INVALID;
	}
	return fields_read_within(req, NULL, req->json, fields, count);
}
