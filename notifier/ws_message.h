/*
 * Ws_message: what a client may say over WebSocket, read and checked.
 *
 * The same rules as for a REST body: JSON, an object, no unknown field, each
 * field of its type.  What needs the database, or the length of a text, is
 * judged by the store.
 */
#ifndef NOTIFIER_WS_MESSAGE_H
#define NOTIFIER_WS_MESSAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "common/arena.h"
#include "common/slice.h"

enum ws_command {
	WS_SEND,
	WS_TYPING,
	WS_READ,
	WS_DELIVERED,
	WS_ASK_PONG,
	WS_COMMAND__COUNT
};

/* Texts live as long as the arena. */
struct ws_message {
	enum ws_command command;
	uint64_t conversation_id;
	struct slice text;
	struct slice client_id; /* data NULL: none */
	uint64_t reply_to;      /* 0: none */
	uint64_t up_to;
	bool typing;
	struct slice activity; /* "text" or "file" */
};

/* Why a message was refused, for an error frame; constants but client_id. */
struct ws_refusal {
	const char *code;
	const char *detail;
	struct slice client_id; /* as far as it could be read; data NULL: no */
};

/*
 * Read text.  On /ws/chat/{id}/, only_id is that conversation (else 0), and
 * the message may be in its older form.  False: see ret_refusal.
 */
bool ws_message_read(struct arena *arena, struct slice text, uint64_t only_id,
    struct ws_message *ret_message, struct ws_refusal *ret_refusal);

#endif /* NOTIFIER_WS_MESSAGE_H */
