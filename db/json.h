/*
 * Json: the shapes of the contract, as both programs write them.
 *
 * Each function returns a new json-c object that the caller owns.
 */
#ifndef DB_JSON_H
#define DB_JSON_H

#include "db/conversations.h"
#include "db/messages.h"
#include "db/users.h"

struct json_object;

/* How much of a User somebody may see. */
enum user_view { USER_AS_OTHERS_SEE, USER_IN_FULL };

struct json_object *user_json(
    const struct user *user, enum user_view view);
struct json_object *message_json(const struct message *message);
struct json_object *conversation_json(const struct conversation *conversation);
struct json_object *marks_json(
    uint64_t conversation_id, const struct marks *marks);
struct json_object *unread_json(const struct unread_list *list);

/* {"id": …}-style helpers: null for 0 or NULL. */
struct json_object *json_id(uint64_t id);
struct json_object *json_time(uint64_t time_ms);
struct json_object *json_text(const char *text);

#endif /* DB_JSON_H */
