#include "api/query.h"

#include <string.h>

#include "common/hex.h"
#include "common/utf8.h"

static enum err
decode(struct arena *arena, struct slice raw, struct slice *ret_text)
{
	char *out = arena_alloc(arena, raw.len + 1);
	struct slice text = { .data = out, .len = 0 };

	if (raw.len > QUERY_VALUE_MAX)
		return ERR_TOO_LARGE;
	for (size_t i = 0; i < raw.len; i++) {
		char c = raw.data[i];

		if (c == '%') {
			int high = i + 2 < raw.len ? hex_value(raw.data[i + 1])
						   : -1;
			int low = high < 0 ? -1 : hex_value(raw.data[i + 2]);

			if (low < 0)
				return ERR_INVALID;
			c = (char)(high << 4 | low);
			i += 2;
		} else if (c == '+') {
			c = ' ';
		}
		if (c == '\0')
			return ERR_INVALID;
		out[text.len++] = c;
	}
	if (!utf8_is_valid(text))
		return ERR_INVALID;
	*ret_text = text;
	return OK;
}

/* The first pair of *query, and what is left of it behind that. */
static struct slice
next_pair(const char **query, struct slice *ret_name)
{
	size_t len = strcspn(*query, "&");
	size_t name_len = strcspn(*query, "&=");
	struct slice value = { .data = *query + name_len,
		.len = len - name_len };

	*ret_name = (struct slice){ .data = *query, .len = name_len };
	if (value.len > 0) {
		value.data++;
		value.len--;
	}
	*query += len;
	*query += **query == '&';
	return value;
}

bool
query_fits(const char *query)
{
	size_t pairs = 1;

	for (const char *p = query; *p != '\0'; p++)
		pairs += *p == '&';
	return pairs <= QUERY_PAIRS_MAX && strlen(query) <= QUERY_MAX;
}

enum err
query_get(struct arena *arena, const char *query, const char *name,
    struct slice *ret_value)
{
	while (*query != '\0') {
		struct slice key, value = next_pair(&query, &key);

		if (!slice_is(key, name))
			continue;
		return decode(arena, value, ret_value);
	}
	return ERR_NOT_FOUND;
}

static void
put_encoded(struct buf *buf, struct slice text)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyz"
				    "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789-._~";
	static const char hex[] = "0123456789ABCDEF";

	for (size_t i = 0; i < text.len; i++) {
		unsigned char byte = (unsigned char)text.data[i];
		char escape[3] = { '%', hex[byte >> 4], hex[byte & 15] };

		if (byte != '\0' && strchr(plain, byte) != NULL)
			buf_raw(buf, &text.data[i], 1);
		else
			buf_raw(buf, escape, sizeof(escape));
	}
}

void
query_add(struct buf *buf, struct slice name, struct slice value)
{
	if (buf->len > 0 && buf->data[buf->len - 1] != '?')
		buf_text(buf, "&");
	put_encoded(buf, name);
	buf_text(buf, "=");
	put_encoded(buf, value);
}

static bool
is_one_of(struct slice name, const char *const *names, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (slice_is(name, names[i]))
			return true;
	return false;
}

void
query_copy(struct buf *buf, struct arena *arena, const char *query,
    const char *const *left_out, size_t count)
{
	while (*query != '\0') {
		struct slice raw_name, name, value;
		struct slice raw = next_pair(&query, &raw_name);

		if (raw_name.len > 0 && decode(arena, raw_name, &name) == OK &&
		    decode(arena, raw, &value) == OK &&
		    !is_one_of(name, left_out, count))
			query_add(buf, name, value);
	}
}
