#include "notifier/sha1.h"

#include <assert.h>
#include <stddef.h>
#include <string.h>

#define BLOCK 64

static uint32_t
rotate(uint32_t value, unsigned bits)
{
	return value << bits | value >> (32 - bits);
}

/* FIPS 180-4, 6.1.2, steps 3: the function and the constant of a round. */
static uint32_t
mix(size_t round, const uint32_t v[5])
{
	if (round < 20)
		return ((v[1] & v[2]) | (~v[1] & v[3])) + 0x5a827999;
	if (round < 40)
		return (v[1] ^ v[2] ^ v[3]) + 0x6ed9eba1;
	if (round < 60)
		return ((v[1] & v[2]) | (v[1] & v[3]) | (v[2] & v[3])) +
		    0x8f1bbcdc;
	return (v[1] ^ v[2] ^ v[3]) + 0xca62c1d6;
}

static void
add_block(uint32_t hash[5], const uint8_t block[BLOCK])
{
	uint32_t schedule[80], v[5];

	for (size_t i = 0; i < 16; i++)
		schedule[i] = (uint32_t)block[4 * i] << 24 |
		    (uint32_t)block[4 * i + 1] << 16 |
		    (uint32_t)block[4 * i + 2] << 8 |
		    (uint32_t)block[4 * i + 3];
	for (size_t i = 16; i < 80; i++)
		schedule[i] = rotate(schedule[i - 3] ^ schedule[i - 8] ^
			schedule[i - 14] ^ schedule[i - 16],
		    1);
	memcpy(v, hash, sizeof(v));
	for (size_t i = 0; i < 80; i++) {
		uint32_t next = rotate(v[0], 5) + mix(i, v) + v[4] +
		    schedule[i];

		v[4] = v[3];
		v[3] = v[2];
		v[2] = rotate(v[1], 30);
		v[1] = v[0];
		v[0] = next;
	}
	for (size_t i = 0; i < 5; i++)
		hash[i] += v[i];
}

void
sha1(struct slice text, uint8_t ret_digest[SHA1_BYTES])
{
	uint32_t hash[5] = { 0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476,
		0xc3d2e1f0 };
	uint8_t padded[2 * BLOCK] = { 0 };
	size_t size = text.len + 9 <= BLOCK ? BLOCK : 2 * BLOCK;
	size_t bits = text.len * 8;

	assert(text.len <= SHA1_INPUT_MAX);
	memcpy(padded, text.data, text.len);
	padded[text.len] = 0x80;
	padded[size - 2] = (uint8_t)(bits >> 8);
	padded[size - 1] = (uint8_t)bits;
	for (size_t at = 0; at < size; at += BLOCK)
		add_block(hash, padded + at);
	for (size_t i = 0; i < SHA1_BYTES; i++)
		ret_digest[i] = (uint8_t)(hash[i / 4] >> (24 - i % 4 * 8));
}
