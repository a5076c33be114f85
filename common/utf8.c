#include "common/utf8.h"

/*
 * Decode one code point at *pos and step over it.
 * Returns UINT32_MAX when the bytes are no well-formed code point.
 */
static uint32_t
decode(const unsigned char **pos, const unsigned char *end)
{
	static const uint32_t least[] = { 0, 0x80, 0x800, 0x10000 };
	const unsigned char *p = *pos;
	uint32_t point = *p++;
	size_t more = 0;

	if (point < 0x80) {
		*pos = p;
		return point;
	}
	if (point >= 0xf0 && point < 0xf8) {
		more = 3;
		point &= 0x07;
	} else if (point >= 0xe0 && point < 0xf0) {
		more = 2;
		point &= 0x0f;
	} else if (point >= 0xc0 && point < 0xe0) {
		more = 1;
		point &= 0x1f;
	}
	if (more == 0 || (size_t)(end - p) < more)
		return UINT32_MAX;
	for (size_t i = 0; i < more; i++) {
		if ((*p & 0xc0) != 0x80)
			return UINT32_MAX;
		point = point << 6 | (*p++ & 0x3f);
	}
	if (point < least[more] || point > 0x10ffff ||
	    (point >= 0xd800 && point <= 0xdfff))
		return UINT32_MAX;
	*pos = p;
	return point;
}

/* An empty text may have no data at all. */
static const unsigned char *
end_of(struct slice text)
{
	const unsigned char *start = (const unsigned char *)text.data;

	return text.len == 0 ? start : start + text.len;
}

bool
utf8_is_valid(struct slice text)
{
	const unsigned char *pos = (const unsigned char *)text.data;
	const unsigned char *end = end_of(text);

	while (pos < end)
		if (decode(&pos, end) == UINT32_MAX)
			return false;
	return true;
}

size_t
utf8_length(struct slice text)
{
	size_t length = 0;

	for (size_t i = 0; i < text.len; i++)
		length += ((unsigned char)text.data[i] & 0xc0) != 0x80;
	return length;
}

static bool
is_blank(uint32_t point)
{
	return point == ' ' || (point >= '\t' && point <= '\r') ||
	    point == 0x85 || point == 0xa0 || point == 0x1680 ||
	    (point >= 0x2000 && point <= 0x200d) || point == 0x2028 ||
	    point == 0x2029 || point == 0x202f || point == 0x205f ||
	    point == 0x2060 || point == 0x3000 || point == 0xfeff;
}

bool
utf8_is_blank(struct slice text)
{
	const unsigned char *pos = (const unsigned char *)text.data;
	const unsigned char *end = end_of(text);

	while (pos < end)
		if (!is_blank(decode(&pos, end)))
			return false;
	return true;
}
