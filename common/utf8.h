/* Utf8: text as RFC 3629 has it. */
#ifndef COMMON_UTF8_H
#define COMMON_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/slice.h"

/*
 * True when text is well-formed UTF-8: no overlong form, no surrogate,
 * nothing above U+10FFFF, nothing cut short.
 */
bool utf8_is_valid(struct slice text);

/* The number of code points in well-formed text. */
size_t utf8_length(struct slice text);

/*
 * True when well-formed text has nothing but white space: ASCII's, U+0085,
 * the Unicode space separators, and the invisible U+200B to U+200D, U+2060
 * and U+FEFF, which a person sees as nothing too.
 */
bool utf8_is_blank(struct slice text);

#endif /* COMMON_UTF8_H */
