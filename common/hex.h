/* Hex: what a hexadecimal digit stands for. */
#ifndef COMMON_HEX_H
#define COMMON_HEX_H

/* -1 when c is none. */
static inline int
hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)(c | 0x20);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

#endif /* COMMON_HEX_H */
