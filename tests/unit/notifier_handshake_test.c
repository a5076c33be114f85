#include "notifier/ws_handshake.h"

#include <stddef.h>

#include "notifier/sha1.h"
#include "tests/lib/test.h"

static const struct ws_handshake good = {
	.http_version = "HTTP/1.1",
	.host = "example.org",
	.upgrade = "websocket",
	.connection = "Upgrade",
	.key = "dGhlIHNhbXBsZSBub25jZQ==",
	.version = "13",
};

/* The good one, but for one member. */
static enum err
with(size_t offset, const char *value)
{
	struct ws_handshake handshake = good;
	char accept[WS_ACCEPT_SIZE];

	memcpy((char *)&handshake + offset, &value, sizeof(value));
	return ws_handshake_check(&handshake, accept);
}

#define WITH(member, value) with(offsetof(struct ws_handshake, member), value)

TEST(the_key_of_the_rfc_gets_the_answer_of_the_rfc)
{
	char accept[WS_ACCEPT_SIZE];

	CHECK(ws_handshake_check(&good, accept) == OK);
	CHECK_STR(accept, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
}

TEST(tokens_count_among_others_and_in_any_case)
{
	CHECK(WITH(connection, "keep-alive, Upgrade") == OK);
	CHECK(WITH(connection, "upgrade") == OK);
	CHECK(WITH(upgrade, "WebSocket") == OK);
	CHECK(WITH(upgrade, "h2c, websocket") == OK);
}

TEST(what_does_not_ask_for_websocket_is_told_to_upgrade)
{
	CHECK(WITH(upgrade, NULL) == ERR_UPGRADE_NEEDED);
	CHECK(WITH(upgrade, "h2c") == ERR_UPGRADE_NEEDED);
	CHECK(WITH(upgrade, "websockets") == ERR_UPGRADE_NEEDED);
}

TEST(another_version_is_told_which_one_is_ours)
{
	CHECK(WITH(version, NULL) == ERR_UPGRADE_NEEDED);
	CHECK(WITH(version, "8") == ERR_UPGRADE_NEEDED);
	CHECK(WITH(version, "013") == ERR_UPGRADE_NEEDED);
}

TEST(a_handshake_that_the_rfc_refuses_is_bad)
{
	CHECK(WITH(http_version, "HTTP/1.0") == ERR_BAD_HANDSHAKE);
	CHECK(WITH(host, NULL) == ERR_BAD_HANDSHAKE);
	CHECK(WITH(connection, NULL) == ERR_BAD_HANDSHAKE);
	CHECK(WITH(connection, "close") == ERR_BAD_HANDSHAKE);
	CHECK(WITH(key, NULL) == ERR_BAD_HANDSHAKE);
	CHECK(WITH(key, "") == ERR_BAD_HANDSHAKE);
	CHECK(WITH(key, "dGhlIHNhbXBsZSBub25j") == ERR_BAD_HANDSHAKE);
	CHECK(WITH(key, "dGhlIHNhbXBsZSBub25jZQ=!") == ERR_BAD_HANDSHAKE);
}

TEST(sha1_is_what_the_standard_says)
{
	static const uint8_t abc[SHA1_BYTES] = { 0xa9, 0x99, 0x3e, 0x36, 0x47,
		0x06, 0x81, 0x6a, 0xba, 0x3e, 0x25, 0x71, 0x78, 0x50, 0xc2,
		0x6c, 0x9c, 0xd0, 0xd8, 0x9d };
	static const uint8_t two_blocks[SHA1_BYTES] = { 0x84, 0x98, 0x3e, 0x44,
		0x1c, 0x3b, 0xd2, 0x6e, 0xba, 0xae, 0x4a, 0xa1, 0xf9, 0x51,
		0x29, 0xe5, 0xe5, 0x46, 0x70, 0xf1 };
	uint8_t digest[SHA1_BYTES];

	sha1(slice_of("abc"), digest);
	CHECK(memcmp(digest, abc, SHA1_BYTES) == 0);
	sha1(slice_of("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmno"
		      "mnopnopq"),
	    digest);
	CHECK(memcmp(digest, two_blocks, SHA1_BYTES) == 0);
}

TEST_MAIN()
