#include "api/cookie.h"

static struct slice
trim(struct slice text)
{
	while (text.len > 0 && (*text.data == ' ' || *text.data == '\t')) {
		text.data++;
		text.len--;
	}
	while (text.len > 0 &&
	    (text.data[text.len - 1] == ' ' || text.data[text.len - 1] == '\t'))
		text.len--;
	return text;
}

/* Everything up to the first c; what is behind that stays in *rest. */
static struct slice
cut(struct slice *rest, char c)
{
	const char *found = rest->len == 0 ? NULL
					   : memchr(rest->data, c, rest->len);
	struct slice part = *rest;

	if (found == NULL) {
		*rest = (struct slice){ part.data + part.len, 0 };
		return part;
	}
	part.len = (size_t)(found - part.data);
	*rest = (struct slice){ found + 1, rest->len - part.len - 1 };
	return part;
}

bool
cookie_get(struct slice header, const char *name, struct slice *ret_value)
{
	while (header.len > 0) {
		struct slice value = cut(&header, ';');
		struct slice key = trim(cut(&value, '='));

		value = trim(value);
		if (value.len >= 2 && value.data[0] == '"' &&
		    value.data[value.len - 1] == '"')
			value = (struct slice){ value.data + 1, value.len - 2 };
		if (slice_is(key, name) && value.len > 0) {
			*ret_value = value;
			return true;
		}
	}
	return false;
}
