/*
 * Follower_encode: rows of the log as what goes over the wire.
 *
 * As parcels for the loops, once per event, and as pages for a connection
 * that catches up; both make the same bytes of an event.
 */
#ifndef NOTIFIER_FOLLOWER_ENCODE_H
#define NOTIFIER_FOLLOWER_ENCODE_H

#include "db/events.h"
#include "notifier/arrival.h"
#include "notifier/parcel.h"

/* Memory to write in; one for each thread that encodes. */
struct encoder {
	uint64_t receipts_members; /* the setting */
	struct arena *arena;       /* for reading a payload */
	struct buf json;
	struct buf bufs[TRANSPORT__COUNT];
};

void encoder_init(struct encoder *encoder, uint64_t receipts_members);
void encoder_done(struct encoder *encoder);

/* One reference, the caller's. */
struct parcel *encode_parcel(
    struct encoder *encoder, const struct event *event);

/*
 * Append event as a stream hears it on replay: what is left out by its types
 * is not written, and no notification, which is of the moment.
 */
void encode_replay(struct encoder *encoder, const struct stream_info *info,
    const struct event *event, struct buf *buf);

#endif /* NOTIFIER_FOLLOWER_ENCODE_H */
