/*
 * Json: the shapes of the contract, but for the Message, which is in
 * db/message_json.h.
 *
 * Each function returns a new json-c object that the caller owns.
 */
#ifndef DB_JSON_H
#define DB_JSON_H

#include "db/conversations.h"
#include "db/message_json.h"
#include "db/users.h"

struct json_object;

/* How much of a User somebody may see. */
enum user_view { USER_AS_OTHERS_SEE, USER_IN_FULL };

struct json_object *user_json(const struct user *user, enum user_view view);
struct json_object *member_json(const struct member *member);
struct json_object *conversation_json(const struct conversation *conversation);
struct json_object *marks_json(
    uint64_t conversation_id, const struct marks *marks);

/* The array alone; the total is beside it in every answer. */
struct json_object *unread_json(const struct unread_list *list);

#endif /* DB_JSON_H */
