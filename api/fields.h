/*
 * Fields: a JSON body checked against what a handler declares.
 *
 *	struct slice name, email = { 0 };
 *	const struct field fields[] = {
 *		FIELD_TEXT("name", REQUIRED, 1, 100, &name),
 *		FIELD_TEXT("email", OPTIONAL, 0, 254, &email),
 *	};
 *
 *	err = fields_read(req, fields, FIELDS(fields));
 *
 * A field that is absent leaves its result as it was.  What is wrong is noted
 * as problems, all of it; values that are good are there nevertheless.
 */
#ifndef API_FIELDS_H
#define API_FIELDS_H

#include "api/request.h"

enum field_need {
	OPTIONAL,
	NULLABLE,  /* optional, and null is as good as absent */
	CLEARABLE, /* a text; optional, and null is as good as "" */
	REQUIRED
};

enum field_kind {
	FIELD_KIND_TEXT,
	FIELD_KIND_NUMBER,
	FIELD_KIND_BOOL,
	FIELD_KIND_OBJECT,
	FIELD_KIND_ANY
};

struct field {
	const char *name;
	enum field_kind kind;
	enum field_need need;
	uint64_t least, most; /* characters of a text; value of a number */
	union {
		struct slice *text; /* no NUL in it */
		uint64_t *number;
		bool *truth;
		const struct json **json;
	} result;
};

#define FIELD_TEXT(name, need, least, most, text_)        \
	{                                                 \
		name, FIELD_KIND_TEXT, need, least, most, \
		{                                         \
			.text = text_                     \
		}                                         \
	}
#define FIELD_NUMBER(name, need, least, most, number_)      \
	{                                                   \
		name, FIELD_KIND_NUMBER, need, least, most, \
		{                                           \
			.number = number_                   \
		}                                           \
	}
#define FIELD_BOOL(name, need, truth_)             \
	{                                          \
		name, FIELD_KIND_BOOL, need, 0, 0, \
		{                                  \
			.truth = truth_            \
		}                                  \
	}
#define FIELD_OBJECT(name, need, json_)              \
	{                                            \
		name, FIELD_KIND_OBJECT, need, 0, 0, \
		{                                    \
			.json = json_                \
		}                                    \
	}
/* Any value at all; its handler looks at it. */
#define FIELD_ANY(name, need, json_)              \
	{                                         \
		name, FIELD_KIND_ANY, need, 0, 0, \
		{                                 \
			.json = json_             \
		}                                 \
	}

#define FIELDS(fields) (sizeof(fields) / sizeof((fields)[0]))

/*
 * Read the body.  ERR_NOT_JSON: there was none.  ERR_INVALID: it is no
 * object, or there are problems.
 */
enum err fields_read(
    struct request *req, const struct field *fields, size_t count) MUST_CHECK;

/* The same for an object within the body, the value of the field outer. */
enum err fields_read_within(struct request *req, const char *outer,
    const struct json *object, const struct field *fields,
    size_t count) MUST_CHECK;

#endif /* API_FIELDS_H */
