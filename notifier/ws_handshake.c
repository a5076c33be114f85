#include "notifier/ws_handshake.h"

#include <sodium.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "notifier/sha1.h"

#define GUID      "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
#define KEY_BYTES 16
#define KEY_TEXT  24

/* Is token one of the comma-separated ones in header? */
static bool
has_token(const char *header, const char *token)
{
	size_t len = strlen(token);

	while (header != NULL && *header != '\0') {
		size_t part;

		header += strspn(header, ", \t");
		part = strcspn(header, ", \t");
		if (part == len && strncasecmp(header, token, len) == 0)
			return true;
		header += part;
	}
	return false;
}

static bool
is_key(const char *key)
{
	unsigned char bytes[KEY_BYTES];
	size_t len;

	return key != NULL && strlen(key) == KEY_TEXT &&
	    sodium_base642bin(bytes, sizeof(bytes), key, KEY_TEXT, NULL, &len,
		NULL, sodium_base64_VARIANT_ORIGINAL) == 0 &&
	    len == KEY_BYTES;
}

enum err
ws_handshake_check(
    const struct ws_handshake *handshake, char ret_accept[WS_ACCEPT_SIZE])
{
	char text[KEY_TEXT + sizeof(GUID)];
	uint8_t digest[SHA1_BYTES];

	if (!has_token(handshake->upgrade, "websocket"))
		return ERR_UPGRADE_NEEDED;
	if (strcmp(handshake->http_version, "HTTP/1.1") != 0 ||
	    handshake->host == NULL ||
	    !has_token(handshake->connection, "upgrade"))
		return ERR_BAD_HANDSHAKE;
	if (handshake->version == NULL ||
	    strcmp(handshake->version, WS_VERSION) != 0)
		return ERR_UPGRADE_NEEDED;
	if (!is_key(handshake->key))
		return ERR_BAD_HANDSHAKE;
	snprintf(text, sizeof(text), "%s%s", handshake->key, GUID);
	sha1(slice_of(text), digest);
	sodium_bin2base64(ret_accept, WS_ACCEPT_SIZE, digest, sizeof(digest),
	    sodium_base64_VARIANT_ORIGINAL);
	return OK;
}
