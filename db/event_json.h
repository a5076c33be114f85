/*
 * Event_json: a row of the log as clients get it.
 *
 * The notifier pushes these bytes and GET /events answers with them, so both
 * are written here.  What only the database knew (event_id, seq, message_id,
 * no) comes from columns and goes in front of the stored payload, which is
 * copied as it is; nothing is parsed but what a notification quotes.
 */
#ifndef DB_EVENT_JSON_H
#define DB_EVENT_JSON_H

#include <stdbool.h>

#include "common/buf.h"
#include "db/events.h"

#define EVENT_PREVIEW_MAX 200 /* characters of a message in a notification */

/* The event itself: one flat object. */
void event_json(struct buf *buf, const struct event *event);

/*
 * Whether user_id is told a new unread count right after event: of a message
 * by somebody else, and of one's own reading.
 */
bool event_counts(const struct event *event, uint64_t user_id);

/* That notification_count_update; only for an event that counts. */
void event_count_json(struct buf *buf, const struct event *event);

/* The notification that goes with a chat_message. */
void event_notification_json(struct buf *buf, const struct event *event);

/* Somebody is typing, or no longer; it is of the moment. */
struct typing {
	uint64_t conversation_id;
	uint64_t user_id;
	const char *username;
	bool is_typing;
	struct slice activity; /* "text" or "file" */
};

void event_typing_json(
    struct buf *buf, const struct typing *typing, uint64_t now_ms);

/* "Load the state by REST, and go on from head." */
void event_resync_json(struct buf *buf, uint64_t head, uint64_t now_ms);

#endif /* DB_EVENT_JSON_H */
