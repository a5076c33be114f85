#include "common/token.h"

#include <sodium.h>

#include "common/log.h"

_Static_assert(HASH_BYTES == crypto_hash_sha256_BYTES, "SHA-256");

void
token_init(void)
{
	if (sodium_init() == -1)
		log_fatal("no source of randomness");
}

void
token_new(char ret_text[TOKEN_TEXT_SIZE])
{
	uint8_t bytes[TOKEN_BYTES];

	randombytes_buf(bytes, sizeof(bytes));
	sodium_bin2base64(ret_text, TOKEN_TEXT_SIZE, bytes, sizeof(bytes),
	    sodium_base64_VARIANT_URLSAFE_NO_PADDING);
	sodium_memzero(bytes, sizeof(bytes));
}

struct hash
hash_of(struct slice text)
{
	struct hash hash;

	crypto_hash_sha256(
	    hash.bytes, (const unsigned char *)text.data, text.len);
	return hash;
}
