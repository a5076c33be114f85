/* Store_write: what clients say over WebSocket, written to the database. */
#ifndef NOTIFIER_STORE_WRITE_H
#define NOTIFIER_STORE_WRITE_H

#include "common/doorbell.h"
#include "notifier/arrival.h"
#include "notifier/ws_message.h"

struct store;

/*
 * Send a message or move a mark; message is copied.  The answer is a struct
 * answer through door, even when there is nothing to say.
 * False: too many wait.
 */
bool store_command(struct store *store, struct door *door, struct conn *conn,
    const struct stream_info *info, const struct ws_message *message);

/* Send what is of the moment to the other notifiers; it may get lost. */
void store_ring(struct store *store, const struct ephemeral *ephemeral);

#endif /* NOTIFIER_STORE_WRITE_H */
