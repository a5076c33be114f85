/*
 * Draft: what somebody wants to say, before anything is stored: the same for
 * what comes by HTTP and by WebSocket.
 */
#ifndef COMMON_DRAFT_H
#define COMMON_DRAFT_H

#include "common/config.h"
#include "common/slice.h"

/*
 * What is wrong with a message's text, or with a client_id; a stable code, or
 * NULL.  How long they may be are the settings message_characters and
 * client_id_max.
 */
const char *draft_text_problem(const struct config *config, struct slice text);
const char *draft_client_id_problem(
    const struct config *config, struct slice client_id);

#endif /* COMMON_DRAFT_H */
