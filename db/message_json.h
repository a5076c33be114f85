/*
 * Message_json: the one place that knows how a Message looks.
 *
 * Functions return a new json-c object that the caller owns.
 */
#ifndef DB_MESSAGE_JSON_H
#define DB_MESSAGE_JSON_H

#include "db/messages.h"

struct json_object;

/* A whole Message. */
struct json_object *message_json(const struct message *message);

/*
 * A Message as the payload of an event: without what the log's columns say
 * (message_id, conversation_id, no, timestamp), which the reader of the log
 * puts in front.
 */
struct json_object *message_payload(const struct message *message);

/* null for 0 or NULL. */
struct json_object *json_id(uint64_t id);
struct json_object *json_time(uint64_t time_ms);
struct json_object *json_text(const char *text);

#endif /* DB_MESSAGE_JSON_H */
