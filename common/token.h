/*
 * Token: secrets that are handed out: sessions, tickets, invitations, keys.
 *
 * 256 random bits, written in base64url without padding (RFC 4648, 5).  Only
 * the SHA-256 of the text is ever stored.
 */
#ifndef COMMON_TOKEN_H
#define COMMON_TOKEN_H

#include <stdint.h>

#include "common/slice.h"

#define TOKEN_BYTES      32
#define TOKEN_TEXT_LEN   43
#define TOKEN_TEXT_SIZE  (TOKEN_TEXT_LEN + 1)
#define TOKEN_KEY_PREFIX "tk_" /* before an API key's token */
#define HASH_BYTES       32

struct hash {
	uint8_t bytes[HASH_BYTES];
};

/* Must be called once before any other function here; ends the process if
   there is no randomness to be had. */
void token_init(void);

/* A new token's text. */
void token_new(char ret_text[TOKEN_TEXT_SIZE]);

/* The SHA-256 of text. */
struct hash hash_of(struct slice text);

#endif /* COMMON_TOKEN_H */
