#include "common/token.h"

#include "tests/lib/test.h"

TEST(tokens_are_43_characters_of_base64url_and_never_the_same)
{
	char first[TOKEN_TEXT_SIZE], second[TOKEN_TEXT_SIZE];

	token_init();
	token_new(first);
	token_new(second);
	CHECK(strlen(first) == TOKEN_TEXT_LEN);
	CHECK(strspn(first,
		  "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuv"
		  "wxyz0123456789-_") == TOKEN_TEXT_LEN);
	CHECK(strcmp(first, second) != 0);
}

/* The first test vector of FIPS 180-2 for SHA-256. */
TEST(hashes_are_sha_256)
{
	static const struct hash abc = { { 0xba, 0x78, 0x16, 0xbf, 0x8f, 0x01,
	    0xcf, 0xea, 0x41, 0x41, 0x40, 0xde, 0x5d, 0xae, 0x22, 0x23, 0xb0,
	    0x03, 0x61, 0xa3, 0x96, 0x17, 0x7a, 0x9c, 0xb4, 0x10, 0xff, 0x61,
	    0xf2, 0x00, 0x15, 0xad } };
	struct hash hash = hash_of(slice_of("abc"));

	CHECK(memcmp(hash.bytes, abc.bytes, HASH_BYTES) == 0);
	hash.bytes[31] ^= 1;
	CHECK(memcmp(hash.bytes, abc.bytes, HASH_BYTES) != 0);
}

TEST_MAIN()
