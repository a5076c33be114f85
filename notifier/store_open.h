/*
 * Store_open: what the database says about a stream that opens or catches up.
 */
#ifndef NOTIFIER_STORE_OPEN_H
#define NOTIFIER_STORE_OPEN_H

#include "common/token.h"
#include "notifier/arrival.h"

struct store;

enum open_credential { OPEN_SESSION, OPEN_API_KEY, OPEN_TICKET };

/*
 * Somebody who asks to be let in; allocated and released by the asker, who
 * leaves it alone from store_open() until done() is called.
 */
struct opening {
	enum open_credential credential;
	struct hash token;
	struct stream_info info; /* what was asked for */
	bool has_since;
	uint64_t since;
	void (*done)(struct opening *opening, void *arg);
	void *arg;

	enum err err;            /* OK, or why not */
	struct arrival *arrival; /* of OK: the asker's */
};

/* Done() is called on a thread of the store.  False: too many wait. */
bool store_open(struct store *store, struct opening *opening);

/*
 * The next page of events after cursor, for a stream; is_new: judge it anew,
 * and say of what it is a member.  The answer is a struct page through door.
 * False: too many wait.
 */
bool store_page(struct store *store, struct door *door, struct conn *conn,
    const struct stream_info *info, uint64_t cursor, bool is_new);

#endif /* NOTIFIER_STORE_OPEN_H */
