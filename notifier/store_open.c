#include "notifier/store_open.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/alloc.h"
#include "common/clock.h"
#include "db/event_json.h"
#include "db/sessions.h"
#include "db/streams.h"
#include "notifier/event_type.h"
#include "notifier/metrics.h"
#include "notifier/store.h"

#define PAGE_EVENTS 200
#define PAGE_BYTES  ((size_t)128 * 1024) /* a page ends once it has so many */
#define PAGE_MAX    ((size_t)64 * 1024 * 1024)

struct open_job {
	struct job job;
	struct opening *opening;
};

struct page_job {
	struct job job;
	struct door *door;
	struct conn *conn;
	struct stream_info info;
	uint64_t cursor;
	bool is_new;
};

static struct snapshot *
snapshot_new(const struct stream *stream)
{
	struct snapshot *snapshot = must_calloc(1,
	    sizeof(*snapshot) +
		stream->subscription_count * sizeof(struct membership));

	snapshot->position = stream->range.head;
	snprintf(snapshot->username, sizeof(snapshot->username), "%s",
	    stream->username);
	snapshot->count = stream->subscription_count;
	for (size_t i = 0; i < snapshot->count; i++)
		snapshot->memberships[i] = (struct membership){
			.conversation_id =
			    stream->subscriptions[i].conversation_id,
			.is_small = stream->subscriptions[i].is_small,
		};
	return snapshot;
}

static bool
is_member(const struct stream *stream, uint64_t conversation_id)
{
	for (size_t i = 0; i < stream->subscription_count; i++)
		if (stream->subscriptions[i].conversation_id == conversation_id)
			return true;
	return false;
}

static void
put_event(const struct stream_info *info, struct buf *out, const char *type,
    uint64_t event_id, const struct buf *json)
{
	transports[info->transport]->put_event(out, slice_of(type), event_id,
	    (struct slice){ json->data, json->len });
}

static void
put_time(struct buf *json)
{
	char text[CLOCK_TEXT_SIZE];

	clock_text(clock_now_ms(), text);
	buf_text(json, ",\"timestamp\":\"");
	buf_text(json, text);
	buf_text(json, "\"}");
}

static void
put_hello(struct worker *worker, const struct stream_info *info,
    const struct stream *stream, uint64_t event_id, bool resumed,
    struct buf *out)
{
	struct buf *json = &worker->encoder.json;

	buf_clear(json);
	buf_text(json, "{\"type\":\"hello\",\"user_id\":");
	buf_u64(json, stream->user_id);
	buf_text(json, ",\"event_id\":");
	buf_u64(json, event_id);
	buf_text(json, ",\"resumed\":");
	buf_text(json, resumed ? "true" : "false");
	buf_text(json, ",\"heartbeat\":");
	buf_u64(json, (uint64_t)worker->config->heartbeat_seconds);
	buf_text(json, ",\"total_unread\":");
	buf_u64(json, stream->total_unread);
	put_time(json);
	put_event(info, out, "hello", event_id, json);
}

static void
put_presence(struct worker *worker, const struct stream_info *info,
    const struct stream *stream, struct buf *out)
{
	static const char type[] = "presence_state";
	struct buf *json = &worker->encoder.json;

	if (!event_type_wanted(info->types, event_type_bit(slice_of(type))))
		return;
	buf_clear(json);
	buf_text(json, "{\"type\":\"presence_state\",\"online\":[");
	for (size_t i = 0; i < stream->online_count; i++) {
		if (i > 0)
			buf_text(json, ",");
		buf_u64(json, stream->online[i]);
	}
	buf_text(json, "]");
	put_time(json);
	put_event(info, out, type, EVENT_ID_NONE, json);
}

static void
put_resync(struct worker *worker, const struct stream_info *info, uint64_t head,
    struct buf *out)
{
	struct buf *json = &worker->encoder.json;

	buf_clear(json);
	event_resync_json(json, head, clock_now_ms());
	put_event(info, out, "resync", head, json);
	metric_add(METRIC_resyncs_total, 1);
}

/* As of one moment: the ends of the log, and what happened between. */
static enum err
read_log(struct worker *worker, const struct stream_info *info, uint64_t cursor,
    struct event_range *ret_range, struct event_list *ret_list)
{
	enum err err = db_snapshot(worker->db);

	if (err != OK)
		return err;
	err = events_range(worker->db, ret_range);
	if (err == OK && cursor >= ret_range->floor && cursor < ret_range->head)
		err = events_replay(worker->db, worker->arena, info->user_id,
		    info->only_id, cursor, ret_range->head, PAGE_EVENTS,
		    ret_list);
	db_rollback(worker->db);
	return err;
}

/*
 * A page of what happened after cursor, as out has room; a resync, if that is
 * not kept any more.  ret_cursor: all up to there is written, or is not for
 * this stream.
 */
static enum err
put_page(struct worker *worker, const struct stream_info *info, uint64_t cursor,
    struct buf *out, uint64_t *ret_cursor)
{
	struct event_list list = { 0 };
	struct event_range range;
	enum err err = read_log(worker, info, cursor, &range, &list);

	if (err != OK)
		return err;
	metric_add(METRIC_pages_total, 1);
	*ret_cursor = cursor > range.head ? cursor : range.head;
	if (cursor < range.floor)
		put_resync(worker, info, range.head, out);
	for (size_t i = 0; i < list.count; i++) {
		encode_replay(&worker->encoder, info, &list.items[i], out);
		if (out->len < PAGE_BYTES && i + 1 < PAGE_EVENTS)
			continue;
		*ret_cursor = list.items[i].pos;
		break;
	}
	return OK;
}

/* Hello and what belongs right behind it, as one frame. */
static enum err
greet(struct worker *worker, const struct opening *opening,
    const struct stream *stream, struct arrival *arrival)
{
	const struct stream_info *info = &arrival->info;
	uint64_t head = stream->range.head;
	bool resumed = opening->has_since && opening->since <= head &&
	    opening->since >= stream->range.floor;
	struct buf out;
	enum err err = OK;

	buf_init(&out, PAGE_MAX);
	arrival->cursor = resumed ? opening->since : head;
	if (info->transport == TRANSPORT_SSE)
		buf_text(&out, "retry: 1000\n");
	put_hello(worker, info, stream, arrival->cursor, resumed, &out);
	put_presence(worker, info, stream, &out);
	if (opening->has_since && !resumed)
		put_resync(worker, info, head, &out);
	if (arrival->cursor < head)
		err = put_page(
		    worker, info, arrival->cursor, &out, &arrival->cursor);
	if (err == OK)
		arrival->greeting = frame_new(&out);
	buf_done(&out);
	return err;
}

static enum err
open_stream(struct worker *worker, const struct opening *opening,
    struct arrival **ret_arrival)
{
	static const enum credential credentials[] = {
		[OPEN_SESSION] = CREDENTIAL_SESSION,
		[OPEN_API_KEY] = CREDENTIAL_API_KEY,
		[OPEN_TICKET] = CREDENTIAL_TICKET,
	};
	struct stream stream;
	struct arrival *arrival;
	enum err err;

	if (worker->is_stopping)
		return ERR_UNAVAILABLE;
	err = stream_open(worker->db, worker->arena,
	    credentials[opening->credential], &opening->token,
	    (uint64_t)worker->config->receipts_members, &stream);
	if (err != OK)
		return err;
	if (!scope_allows(stream.scopes, "read"))
		return ERR_FORBIDDEN;
	if (opening->info.only_id != 0 &&
	    !is_member(&stream, opening->info.only_id))
		return ERR_NOT_FOUND;

	arrival = must_calloc(1, sizeof(*arrival));
	arrival->note.kind = NOTE_ARRIVAL;
	arrival->fd = -1;
	arrival->info = opening->info;
	arrival->info.user_id = stream.user_id;
	arrival->info.session_id = stream.session_id;
	arrival->info.api_key_id = stream.api_key_id;
	arrival->info.expires_at = stream.expires_at;
	arrival->info.may_write = scope_allows(stream.scopes, "write");
	arrival->snapshot = snapshot_new(&stream);
	err = greet(worker, opening, &stream, arrival);
	if (err != OK) {
		arrival_free(arrival);
		return err;
	}
	*ret_arrival = arrival;
	return OK;
}

static void
run_open(struct job *job, struct worker *worker)
{
	struct opening *opening = ((struct open_job *)job)->opening;

	opening->err = open_stream(worker, opening, &opening->arrival);
	free(job);
	opening->done(opening, opening->arg);
}

bool
store_open(struct store *store, struct opening *opening)
{
	struct open_job *job = must_calloc(1, sizeof(*job));

	job->job.run = run_open;
	job->opening = opening;
	if (store_read(store, &job->job))
		return true;
	free(job);
	return false;
}

static enum err
renew(struct worker *worker, const struct page_job *job, struct page *page)
{
	struct stream stream;
	enum err err = stream_renew(worker->db, worker->arena,
	    job->info.session_id, job->info.api_key_id,
	    (uint64_t)worker->config->receipts_members, &stream);

	if (err == OK && !scope_allows(stream.scopes, "read"))
		err = ERR_UNAUTHENTICATED;
	if (err != OK)
		return err;
	if (job->info.only_id != 0 && !is_member(&stream, job->info.only_id))
		return ERR_NOT_FOUND;
	page->snapshot = snapshot_new(&stream);
	page->expires_at = stream.expires_at;
	return OK;
}

static enum err
read_page(struct worker *worker, const struct page_job *job, struct page *page)
{
	struct buf out;
	enum err err = OK;

	if (worker->is_stopping)
		return ERR_UNAVAILABLE;
	if (job->is_new)
		err = renew(worker, job, page);
	page->cursor = job->cursor;
	if (err != OK || job->cursor == UINT64_MAX)
		return err;
	buf_init(&out, PAGE_MAX);
	err = put_page(worker, &job->info, job->cursor, &out, &page->cursor);
	if (err == OK && out.len > 0)
		page->frame = frame_new(&out);
	buf_done(&out);
	return err;
}

static void
run_page(struct job *job, struct worker *worker)
{
	struct page_job *question = (struct page_job *)job;
	struct page *page = must_calloc(1, sizeof(*page));

	page->note.kind = NOTE_PAGE;
	page->conn = question->conn;
	page->err = read_page(worker, question, page);
	door_put(question->door, &page->note);
	free(question);
}

bool
store_page(struct store *store, struct door *door, struct conn *conn,
    const struct stream_info *info, uint64_t cursor, bool is_new)
{
	struct page_job *job = must_calloc(1, sizeof(*job));

	job->job.run = run_page;
	job->door = door;
	job->conn = conn;
	job->info = *info;
	job->cursor = cursor;
	job->is_new = is_new;
	if (store_read(store, &job->job))
		return true;
	free(job);
	return false;
}
