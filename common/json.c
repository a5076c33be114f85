#include "common/json.h"

#include <string.h>

#include "common/hex.h"
#include "common/utf8.h"

struct reader {
	struct arena *arena;
	const char *pos, *end;
	size_t depth, values;
};

static bool
at(const struct reader *r, char c)
{
	return r->pos < r->end && *r->pos == c;
}

static bool
take(struct reader *r, char c)
{
	if (!at(r, c))
		return false;
	r->pos++;
	return true;
}

static void
skip_space(struct reader *r)
{
	while (at(r, ' ') || at(r, '\t') || at(r, '\n') || at(r, '\r'))
		r->pos++;
}

static bool
take_word(struct reader *r, const char *word)
{
	size_t len = strlen(word);

	if ((size_t)(r->end - r->pos) < len || memcmp(r->pos, word, len) != 0)
		return false;
	r->pos += len;
	return true;
}

static bool
take_digits(struct reader *r)
{
	const char *start = r->pos;

	while (r->pos < r->end && *r->pos >= '0' && *r->pos <= '9')
		r->pos++;
	return r->pos > start;
}

static bool
take_number(struct reader *r, struct slice *ret_text)
{
	const char *start = r->pos;

	(void)take(r, '-'); /* or not */
	if (!take(r, '0') && !take_digits(r))
		return false;
	if (take(r, '.') && !take_digits(r))
		return false;
	if (take(r, 'e') || take(r, 'E')) {
		if (!take(r, '+'))
			(void)take(r, '-'); /* or neither */
		if (!take_digits(r))
			return false;
	}
	*ret_text = (struct slice){ start, (size_t)(r->pos - start) };
	return true;
}

static bool
take_hex4(struct reader *r, uint32_t *ret_unit)
{
	uint32_t unit = 0;

	if (r->end - r->pos < 4)
		return false;
	for (size_t i = 0; i < 4; i++) {
		int digit = hex_value(*r->pos++);

		if (digit < 0)
			return false;
		unit = unit << 4 | (uint32_t)digit;
	}
	*ret_unit = unit;
	return true;
}

/* The rest of \uXXXX, with the second half of a pair. */
static bool
take_point(struct reader *r, uint32_t *ret_point)
{
	uint32_t high, low;

	if (!take_hex4(r, &high) || (high >= 0xdc00 && high <= 0xdfff))
		return false;
	if (high < 0xd800 || high > 0xdfff) {
		*ret_point = high;
		return true;
	}
	if (!take(r, '\\') || !take(r, 'u') || !take_hex4(r, &low) ||
	    low < 0xdc00 || low > 0xdfff)
		return false;
	*ret_point = 0x10000 + ((high - 0xd800) << 10 | (low - 0xdc00));
	return true;
}

static char *
put_point(char *out, uint32_t point)
{
	if (point < 0x80) {
		*out++ = (char)point;
	} else if (point < 0x800) {
		*out++ = (char)(0xc0 | point >> 6);
		*out++ = (char)(0x80 | (point & 0x3f));
	} else if (point < 0x10000) {
		*out++ = (char)(0xe0 | point >> 12);
		*out++ = (char)(0x80 | (point >> 6 & 0x3f));
		*out++ = (char)(0x80 | (point & 0x3f));
	} else {
		*out++ = (char)(0xf0 | point >> 18);
		*out++ = (char)(0x80 | (point >> 12 & 0x3f));
		*out++ = (char)(0x80 | (point >> 6 & 0x3f));
		*out++ = (char)(0x80 | (point & 0x3f));
	}
	return out;
}

/* What follows a backslash, decoded to *out. */
static bool
take_escape(struct reader *r, char **out)
{
	static const char from[] = "\"\\/bfnrt";
	static const char to[] = "\"\\/\b\f\n\r\t";
	const char *found;
	uint32_t point;

	if (r->pos == r->end)
		return false;
	if (take(r, 'u')) {
		if (!take_point(r, &point))
			return false;
		*out = put_point(*out, point);
		return true;
	}
	found = memchr(from, *r->pos, sizeof(from) - 1);
	if (found == NULL)
		return false;
	r->pos++;
	*(*out)++ = to[found - from];
	return true;
}

/* The bytes up to the quote that ends the string, or to the end of all. */
static size_t
string_bound(const struct reader *r)
{
	const char *p = r->pos;

	while (p < r->end && *p != '"')
		p += *p == '\\' && p + 1 < r->end ? 2 : 1;
	return (size_t)(p - r->pos);
}

static bool
take_string(struct reader *r, struct slice *ret_text)
{
	char *start, *out;

	if (!take(r, '"'))
		return false;
	/* Decoding never makes a string longer. */
	start = out = arena_alloc(r->arena, string_bound(r) + 1);
	while (r->pos < r->end && *r->pos != '"') {
		if (take(r, '\\')) {
			if (!take_escape(r, &out))
				return false;
			continue;
		}
		if ((unsigned char)*r->pos < 0x20)
			return false;
		*out++ = *r->pos++;
	}
	*ret_text = (struct slice){ start, (size_t)(out - start) };
	return take(r, '"');
}

static bool
has_member(const struct json *object, struct slice name)
{
	for (const struct json *m = object->first; m != NULL; m = m->next)
		if (m->name.len == name.len &&
		    memcmp(m->name.data, name.data, name.len) == 0)
			return true;
	return false;
}

/* NOLINTBEGIN(misc-no-recursion): no deeper than JSON_DEPTH_MAX. */
static bool take_value(struct reader *r, struct json *json);

/* The values of an array or object, whose opening bracket is taken. */
static bool
take_values(struct reader *r, struct json *json, char closing)
{
	struct json **end = &json->first;

	skip_space(r);
	if (take(r, closing))
		return true;
	do {
		struct json *value = arena_alloc(r->arena, sizeof(*value));

		skip_space(r);
		if (json->kind == JSON_OBJECT) {
			if (!take_string(r, &value->name) ||
			    has_member(json, value->name))
				return false;
			skip_space(r);
			if (!take(r, ':'))
				return false;
			skip_space(r);
		}
		if (!take_value(r, value))
			return false;
		*end = value;
		end = &value->next;
		skip_space(r);
	} while (take(r, ','));
	return take(r, closing);
}

static bool
take_nested(struct reader *r, struct json *json, char closing)
{
	bool good;

	if (r->depth == JSON_DEPTH_MAX)
		return false;
	r->depth++;
	good = take_values(r, json, closing);
	r->depth--;
	return good;
}

static bool
take_value(struct reader *r, struct json *json)
{
	if (++r->values > JSON_VALUES_MAX)
		return false;
	if (take(r, '{')) {
		json->kind = JSON_OBJECT;
		return take_nested(r, json, '}');
	}
	if (take(r, '[')) {
		json->kind = JSON_ARRAY;
		return take_nested(r, json, ']');
	}
	if (at(r, '"')) {
		json->kind = JSON_STRING;
		return take_string(r, &json->text);
	}
	json->kind = JSON_BOOL;
	json->truth = take_word(r, "true");
	if (json->truth || take_word(r, "false"))
		return true;
	json->kind = JSON_NULL;
	if (take_word(r, "null"))
		return true;
	json->kind = JSON_NUMBER;
	return take_number(r, &json->text);
}
/* NOLINTEND(misc-no-recursion) */

enum err
json_read(struct arena *arena, struct slice text, const struct json **ret_json)
{
	struct json *json = arena_alloc(arena, sizeof(*json));
	struct reader r = { .arena = arena };

	if (text.len == 0 || !utf8_is_valid(text))
		return ERR_NOT_JSON;
	r.pos = text.data;
	r.end = text.data + text.len;
	skip_space(&r);
	if (!take_value(&r, json))
		return ERR_NOT_JSON;
	skip_space(&r);
	if (r.pos != r.end)
		return ERR_NOT_JSON;
	*ret_json = json;
	return OK;
}

const struct json *
json_member(const struct json *object, const char *name)
{
	for (const struct json *m = object->first; m != NULL; m = m->next)
		if (object->kind == JSON_OBJECT && slice_is(m->name, name))
			return m;
	return NULL;
}

bool
json_u64(const struct json *json, uint64_t *ret_value)
{
	uint64_t value = 0;

	if (json->kind != JSON_NUMBER || json->text.len > 19)
		return false;
	for (size_t i = 0; i < json->text.len; i++) {
		char c = json->text.data[i];

		if (c < '0' || c > '9')
			return false;
		value = value * 10 + (uint64_t)(c - '0');
	}
	*ret_value = value;
	return true;
}
