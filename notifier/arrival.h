/*
 * Arrival: what loops and the store say to each other about connections.
 *
 * Everything here is owned by whoever holds it, and passes through a door
 * or a job queue whole.
 */
#ifndef NOTIFIER_ARRIVAL_H
#define NOTIFIER_ARRIVAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/err.h"
#include "notifier/door.h"
#include "notifier/frame.h"
#include "notifier/transport.h"

#define USERNAME_SIZE 33 /* with its NUL */

/* What a stream carries, and whose it is. */
struct stream_info {
	uint64_t user_id;
	uint64_t session_id;  /* 0: an API key's */
	uint64_t api_key_id;  /* 0: a session's */
	uint64_t expires_at;  /* ms since 1970; 0: never */
	uint64_t only_id;     /* the one conversation it carries; 0: all */
	uint64_t address_key; /* where it comes from, notifier/gate.h */
	uint32_t types;       /* bits, notifier/event_type.h */
	enum transport_kind transport;
	bool is_chat;   /* /ws/chat/{id}/, with its older fields */
	bool may_write; /* not an API key that may only read */
};

/* Somebody's memberships as of one position of the log. */
struct membership {
	uint64_t conversation_id;
	bool is_small;
};

struct snapshot {
	uint64_t position;
	char username[USERNAME_SIZE];
	size_t count;
	struct membership memberships[];
};

/* A connection that was let in, for the loop that is to have it. */
struct arrival {
	struct note note;
	int fd; /* -1: not handed over yet */
	struct stream_info info;
	struct snapshot *snapshot;
	struct frame *greeting; /* hello, and what follows it at once */
	uint64_t cursor;        /* everything up to here is in greeting */
	uint8_t *extra;         /* what the client sent after its head */
	size_t extra_len;
};

void arrival_free(struct arrival *arrival); /* closes fd; NULL is fine */

/* The store's answer to store_page(), notifier/store_open.h. */
struct page {
	struct note note;
	struct conn *conn; /* as it was asked with */
	enum err err;
	struct frame *frame;       /* events; NULL: none */
	struct snapshot *snapshot; /* NULL unless it was asked for */
	uint64_t cursor;           /* everything up to here is in frame */
	uint64_t expires_at;       /* with snapshot: as it is now */
};

void page_free(struct page *page); /* NULL is fine */

/* The store's answer to what a client sent. */
struct answer {
	struct note note;
	struct conn *conn;   /* as it was asked with */
	struct frame *frame; /* NULL: nothing to say */
};

void answer_free(struct answer *answer); /* NULL is fine */

#endif /* NOTIFIER_ARRIVAL_H */
