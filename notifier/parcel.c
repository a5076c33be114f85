#include "notifier/parcel.h"

#include <stdlib.h>
#include <string.h>

#include "common/alloc.h"
#include "notifier/event_type.h"

struct parcel *
parcel_new(void)
{
	struct parcel *parcel = must_calloc(1, sizeof(*parcel));

	atomic_init(&parcel->refs, 1);
	return parcel;
}

struct parcel *
parcel_hold(struct parcel *parcel)
{
	atomic_fetch_add_explicit(&parcel->refs, 1, memory_order_relaxed);
	return parcel;
}

void
parcel_drop(struct parcel *parcel)
{
	if (parcel == NULL ||
	    atomic_fetch_sub_explicit(&parcel->refs, 1, memory_order_acq_rel) !=
		1)
		return;
	for (size_t kind = 0; kind < TRANSPORT__COUNT; kind++)
		frame_drop(parcel->frames[kind]);
	free(parcel->conversation_ids);
	free(parcel);
}

void
parcel_add(struct parcel *parcel, struct buf bufs[TRANSPORT__COUNT],
    struct slice type, enum audience audience, struct slice json)
{
	struct part *part = &parcel->parts[parcel->part_count];
	/* What follows from an event has no event_id of its own. */
	uint64_t event_id = parcel->part_count == 0 && parcel->pos != 0
	    ? parcel->pos
	    : EVENT_ID_NONE;

	part->type = event_type_bit(type);
	part->audience = audience;
	for (size_t kind = 0; kind < TRANSPORT__COUNT; kind++) {
		transports[kind]->put_event(&bufs[kind], type, event_id, json);
		part->end[kind] = (uint32_t)bufs[kind].len;
	}
	parcel->part_count++;
}

void
parcel_seal(struct parcel *parcel, struct buf bufs[TRANSPORT__COUNT])
{
	for (size_t kind = 0; kind < TRANSPORT__COUNT; kind++) {
		parcel->frames[kind] = frame_new(&bufs[kind]);
		buf_clear(&bufs[kind]);
	}
}

struct parcel *
parcel_ephemeral(struct slice type, uint64_t actor_id, struct slice json,
    const uint64_t *conversation_ids, size_t count)
{
	struct parcel *parcel = parcel_new();
	struct buf bufs[TRANSPORT__COUNT];

	parcel->actor_id = actor_id;
	parcel->conversation_count = count;
	parcel->conversation_ids = must_calloc(
	    count, sizeof(*parcel->conversation_ids));
	if (count > 0)
		memcpy(parcel->conversation_ids, conversation_ids,
		    count * sizeof(*conversation_ids));
	for (size_t kind = 0; kind < TRANSPORT__COUNT; kind++)
		buf_init(&bufs[kind], json.len * 6 + type.len + FRAME_OVERHEAD);
	parcel_add(parcel, bufs, type, AUDIENCE_OTHERS, json);
	parcel_seal(parcel, bufs);
	for (size_t kind = 0; kind < TRANSPORT__COUNT; kind++)
		buf_done(&bufs[kind]);
	return parcel;
}

uint32_t
parcel_end(const struct parcel *parcel, enum transport_kind kind, bool is_actor)
{
	uint32_t end = 0;

	for (size_t i = 0; i < parcel->part_count; i++) {
		enum audience audience = parcel->parts[i].audience;

		if (audience == (is_actor ? AUDIENCE_OTHERS : AUDIENCE_ACTOR))
			break;
		end = parcel->parts[i].end[kind];
	}
	return end;
}

struct note *
parcel_note_new(struct parcel *parcel)
{
	struct parcel_note *letter = must_calloc(1, sizeof(*letter));

	letter->note.kind = NOTE_PARCEL;
	letter->parcel = parcel;
	return &letter->note;
}
