#include "api/request.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/query.h"
#include "common/log.h"
#include "common/utf8.h"

/* Bytes of an address that is written: of each byte read three, and more. */
#define ADDRESS_MAX ((size_t)4 * QUERY_MAX)

#define CURSOR_NUMBERS_MAX 2

#define CURSOR_VARIANT sodium_base64_VARIANT_URLSAFE_NO_PADDING

const char *
request_env(const struct request *req, const char *name)
{
	size_t len = strlen(name);

	for (char *const *p = req->env; p != NULL && *p != NULL; p++)
		if (strncmp(*p, name, len) == 0 && (*p)[len] == '=')
			return *p + len + 1;
	return "";
}

bool
request_parse_number(struct slice text, uint64_t *ret_value)
{
	uint64_t value = 0;

	if (text.len == 0 || text.len > 16)
		return false;
	for (size_t i = 0; i < text.len; i++) {
		if (text.data[i] < '0' || text.data[i] > '9')
			return false;
		value = value * 10 + (uint64_t)(text.data[i] - '0');
	}
	if (value > ID_MAX)
		return false;
	*ret_value = value;
	return true;
}

/* Walk pattern and path together; the router has already matched them. */
enum err
request_id(const struct request *req, const char *name, uint64_t *ret_id)
{
	const char *pattern = req->pattern, *path = req->path;
	size_t name_len = strlen(name);

	while (*pattern != '\0') {
		struct slice part = { path, strcspn(path, "/") };
		size_t len = strcspn(pattern, "/");

		if (*pattern == ':' && len == name_len + 1 &&
		    memcmp(pattern + 1, name, name_len) == 0) {
			uint64_t id;

			if (!request_parse_number(part, &id) || id == 0)
				return ERR_NOT_FOUND;
			*ret_id = id;
			return OK;
		}
		pattern += len + (pattern[len] == '/');
		path += part.len + (path[part.len] == '/');
	}
	log_fatal("the route '%s' has no ':%s'", req->pattern, name);
}

/* ERR_NOT_FOUND: it is absent.  too_long is what is wrong with a long one. */
static enum err
get(struct request *req, const char *name, enum problem_code too_long,
    struct slice *ret_value)
{
	enum err err;

	if (!query_fits(req->query)) {
		problem_add(&req->problems, "", PROBLEM_INVALID,
		    "There are too many parameters.");
		return ERR_INVALID;
	}
	err = query_get(req->arena, req->query, name, ret_value);
	if (err == ERR_TOO_LARGE)
		return problem_refuse(&req->problems, name, too_long);
	if (err == ERR_INVALID)
		return problem_refuse(&req->problems, name, PROBLEM_INVALID);
	return err;
}

enum err
request_number(struct request *req, const char *name, uint64_t least,
    uint64_t most, uint64_t *ret_value)
{
	struct slice text;
	uint64_t value;
	enum err err = get(req, name, PROBLEM_INVALID, &text);

	if (err != OK)
		return err == ERR_NOT_FOUND ? OK : err;
	if (!request_parse_number(text, &value) || value < least ||
	    value > most)
		return problem_refuse(&req->problems, name, PROBLEM_INVALID);
	*ret_value = value;
	return OK;
}

enum err
request_text(struct request *req, const char *name, size_t most_characters,
    struct slice *ret_value)
{
	struct slice text;
	enum err err = get(req, name, PROBLEM_TOO_LONG, &text);

	if (err != OK)
		return err == ERR_NOT_FOUND ? OK : err;
	if (utf8_length(text) > most_characters)
		return problem_refuse(&req->problems, name, PROBLEM_TOO_LONG);
	*ret_value = text;
	return OK;
}

enum err
request_limit(struct request *req, size_t *ret_limit)
{
	uint64_t limit = (uint64_t)req->config->page_default;
	enum err err = request_number(
	    req, "limit", 1, (uint64_t)req->config->page_max, &limit);

	if (err == OK)
		*ret_limit = (size_t)limit;
	return err;
}

enum err
request_cursor(struct request *req, struct slice *ret_cursor)
{
	unsigned char *bytes = arena_alloc(req->arena, CURSOR_MAX + 1);
	struct slice text;
	size_t len;
	enum err err = get(req, "cursor", PROBLEM_INVALID, &text);

	if (err == ERR_NOT_FOUND) {
		*ret_cursor = (struct slice){ NULL, 0 };
		return OK;
	}
	if (err != OK)
		return err;
	if (sodium_base642bin(bytes, CURSOR_MAX, text.data, text.len, NULL,
		&len, NULL, CURSOR_VARIANT) != 0 ||
	    len == 0)
		return problem_refuse(
		    &req->problems, "cursor", PROBLEM_INVALID);
	*ret_cursor = (struct slice){ (const char *)bytes, len };
	return OK;
}

enum err
request_cursor_numbers(struct request *req, uint64_t *ret_numbers, size_t count)
{
	uint64_t numbers[CURSOR_NUMBERS_MAX];
	struct slice cursor = { 0 };
	enum err err = request_cursor(req, &cursor);

	if (err != OK || cursor.data == NULL)
		return err;
	for (size_t i = 0; i < count; i++) {
		struct slice part = cursor;
		const char *dot = memchr(cursor.data, '.', cursor.len);

		if (dot != NULL && i + 1 < count)
			part.len = (size_t)(dot - cursor.data);
		if (!request_parse_number(part, &numbers[i]))
			return problem_refuse(
			    &req->problems, "cursor", PROBLEM_INVALID);
		if (part.len < cursor.len)
			part.len++;
		cursor.data += part.len;
		cursor.len -= part.len;
	}
	memcpy(ret_numbers, numbers, count * sizeof(*numbers));
	return OK;
}

/* path NULL: this request's, with its parameters but name and instead_of. */
static const char *
address_of(struct request *req, const char *path, const char *instead_of,
    const char *name, struct slice value)
{
	const char *const left_out[] = { name, instead_of };
	struct buf buf;
	const char *address;

	buf_init(&buf, ADDRESS_MAX);
	buf_text(&buf, path == NULL ? req->path : path);
	buf_text(&buf, "?");
	if (path == NULL)
		query_copy(&buf, req->arena, req->query, left_out, 2);
	query_add(&buf, slice_of(name), value);
	address = arena_strndup(req->arena, buf.data, buf.len);
	buf_done(&buf);
	return address;
}

const char *
request_next(struct request *req, const char *path, struct slice cursor)
{
	char text[sodium_base64_ENCODED_LEN(CURSOR_MAX, CURSOR_VARIANT)];

	if (cursor.len > CURSOR_MAX)
		log_fatal("a cursor of %zu bytes", cursor.len);
	sodium_bin2base64(text, sizeof(text),
	    (const unsigned char *)cursor.data, cursor.len, CURSOR_VARIANT);
	return address_of(req, path, "", "cursor", slice_of(text));
}

const char *
request_next_numbers(struct request *req, const char *path,
    const uint64_t *numbers, size_t count)
{
	struct buf buf;
	const char *address;

	buf_init(&buf, CURSOR_MAX);
	for (size_t i = 0; i < count; i++) {
		buf_text(&buf, i == 0 ? "" : ".");
		buf_u64(&buf, numbers[i]);
	}
	address = request_next(req, path, (struct slice){ buf.data, buf.len });
	buf_done(&buf);
	return address;
}

const char *
request_next_number(struct request *req, const char *name,
    const char *instead_of, uint64_t value)
{
	char text[24];

	snprintf(text, sizeof(text), "%llu", (unsigned long long)value);
	return address_of(req, NULL, instead_of, name, slice_of(text));
}
