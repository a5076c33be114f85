/* Topic: what a conversation is about, as a request states it. */
#ifndef API_TOPIC_H
#define API_TOPIC_H

#include "api/fields.h"
#include "db/conversations.h"

/* No topic. */
struct topic topic_none(void);

/* Read the field "topic"; json NULL: there is none.  Problems are noted. */
enum err topic_read(struct request *req, const struct json *json,
    struct topic *ret_topic) MUST_CHECK;

#endif /* API_TOPIC_H */
