/* Conversation_page: a page of one's conversations, as it is answered. */
#ifndef API_CONVERSATION_PAGE_H
#define API_CONVERSATION_PAGE_H

#include "api/request.h"
#include "db/conversations.h"

struct json_object;

struct conversation_page {
	struct json_object *items; /* the caller's */
	const char *next;          /* an address; NULL: the last page */
};

/* A filter that lets everything pass. */
struct conversation_filter conversation_filter_none(void);

/*
 * Read up to limit conversations.  The next page is at path with a cursor, or
 * at this request's address when path is NULL.
 */
enum err conversation_page_read(struct request *req, const char *path,
    const struct conversation_filter *filter, size_t limit,
    struct conversation_page *ret_page) MUST_CHECK;

#endif /* API_CONVERSATION_PAGE_H */
