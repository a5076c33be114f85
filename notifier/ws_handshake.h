/* Ws_handshake: the opening of a WebSocket (RFC 6455, 4.2), without I/O. */
#ifndef NOTIFIER_WS_HANDSHAKE_H
#define NOTIFIER_WS_HANDSHAKE_H

#include "common/err.h"

#define WS_VERSION     "13"
#define WS_ACCEPT_SIZE 29 /* base64 of a SHA-1, and its NUL */

/* The headers that matter, NULL where there is none. */
struct ws_handshake {
	const char *http_version; /* "HTTP/1.1" */
	const char *host;
	const char *upgrade;
	const char *connection;
	const char *key;
	const char *version;
};

/*
 * ERR_UPGRADE_NEEDED: it does not ask for WebSocket, or for a version that
 * is not ours.  ERR_BAD_HANDSHAKE: it asks in a way that RFC 6455 refuses.
 */
enum err ws_handshake_check(const struct ws_handshake *handshake,
    char ret_accept[WS_ACCEPT_SIZE]) MUST_CHECK;

#endif /* NOTIFIER_WS_HANDSHAKE_H */
