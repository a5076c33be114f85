#include "api/body.h"

#include <strings.h>

/* The type alone, or with a charset that is UTF-8. */
static bool
is_json(const char *type)
{
	static const char json[] = "application/json";
	static const char charset[] = "charset=";

	if (strncasecmp(type, json, sizeof(json) - 1) != 0)
		return false;
	type += sizeof(json) - 1;
	type += strspn(type, " \t");
	if (*type == '\0')
		return true;
	if (*type++ != ';')
		return false;
	type += strspn(type, " \t");
	if (*type == '\0')
		return true;
	if (strncasecmp(type, charset, sizeof(charset) - 1) != 0)
		return false;
	type += sizeof(charset) - 1;
	return strcasecmp(type, "utf-8") == 0 ||
	    strcasecmp(type, "\"utf-8\"") == 0;
}

/* Nothing is unpacked here. */
static bool
is_packed(const struct request *req)
{
	const char *encoding = request_env(req, "HTTP_CONTENT_ENCODING");

	return *encoding != '\0' && strcasecmp(encoding, "identity") != 0;
}

/*
 * How much to read: what the length says, or, of a body that comes in chunks
 * without one, up to a byte more than may be.
 */
static enum err
expected(const struct request *req, size_t max_bytes, size_t *ret_len,
    bool *ret_is_exact)
{
	const char *text = request_env(req, "CONTENT_LENGTH");
	uint64_t len = 0;

	*ret_is_exact = true;
	*ret_len = 0;
	if (*text == '\0') {
		if (*request_env(req, "HTTP_TRANSFER_ENCODING") != '\0') {
			*ret_is_exact = false;
			*ret_len = max_bytes + 1;
		}
		return OK;
	}
	if (strspn(text, "0123456789") != strlen(text))
		return ERR_BROKEN;
	if (!request_parse_number(slice_of(text), &len) || len > max_bytes)
		return ERR_TOO_LARGE;
	*ret_len = (size_t)len;
	return OK;
}

enum err
body_read(struct request *req, size_t max_bytes)
{
	bool is_exact;
	size_t len;
	char *data;
	enum err err;

	req->body = slice_of("");
	err = expected(req, max_bytes, &len, &is_exact);
	if (err != OK || len == 0)
		return err;
	if (is_packed(req) ||
	    (is_exact && !is_json(request_env(req, "CONTENT_TYPE"))))
		return ERR_MEDIA_TYPE;

	data = arena_alloc(req->arena, len);
	req->body = (struct slice){ data, req->read(req->source, data, len) };
	if (is_exact && req->body.len != len)
		return ERR_BROKEN;
	if (req->body.len > max_bytes)
		return ERR_TOO_LARGE;
	if (req->body.len == 0)
		return OK;
	if (!is_json(request_env(req, "CONTENT_TYPE")))
		return ERR_MEDIA_TYPE;
	return json_read(req->arena, req->body, &req->json);
}
