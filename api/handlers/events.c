#include <json-c/json.h>

#include "api/handlers/handlers.h"
#include "common/clock.h"
#include "db/conversations.h"
#include "db/event_json.h"
#include "db/events.h"

#define STAMP_MAX 1000 /* events made visible by one request */

/* What is asked for, and what there is. */
struct poll {
	uint64_t since;
	uint64_t conversation_id; /* 0: all */
	size_t limit;
	struct event_range range;
	struct event_list list;
};

static enum err
read_poll(struct request *req, struct poll *poll)
{
	uint64_t count;
	enum err err;

	*poll = (struct poll){ .since = UINT64_MAX };
	err = request_limit(req, &poll->limit);
	if (err == OK)
		err = request_number(req, "since", 0, ID_MAX, &poll->since);
	if (err == OK)
		err = request_number(
		    req, "conversation_id", 1, ID_MAX, &poll->conversation_id);
	if (err == OK && poll->conversation_id != 0)
		err = conversation_member_count(req->db, req->caller.user_id,
		    poll->conversation_id, &count);
	return err;
}

/* Who polls does so because streams don't get through; with the notifier
   down, nobody else would give the newest events their positions. */
static void
stamp(struct request *req)
{
	struct event_list none;

	if (events_follow(
		req->db, req->arena, UINT64_MAX, 0, STAMP_MAX, &none) != OK)
		return; /* somebody else will */
}

static bool
is_kept(const struct poll *poll)
{
	return poll->since >= poll->range.floor &&
	    poll->since <= poll->range.head;
}

static enum err
read_events(struct request *req, struct poll *poll)
{
	enum err err = events_range(req->db, &poll->range);

	if (err != OK)
		return err;
	if (poll->since == UINT64_MAX)
		poll->since = poll->range.head;
	if (!is_kept(poll))
		return OK;
	return events_replay(req->db, req->arena, req->caller.user_id,
	    poll->conversation_id, poll->since, poll->range.head, poll->limit,
	    &poll->list);
}

/* The range and the events of one moment. */
static enum err
read_snapshot(struct request *req, struct poll *poll)
{
	enum err err;

	stamp(req);
	err = db_snapshot(req->db);
	if (err != OK)
		return err;
	return db_finish(req->db, read_events(req, poll));
}

static void
put_events(struct buf *buf, const struct poll *poll, uint64_t user_id)
{
	if (!is_kept(poll))
		event_resync_json(buf, poll->range.head, clock_now_ms());
	for (size_t i = 0; i < poll->list.count; i++) {
		const struct event *event = &poll->list.items[i];

		buf_text(buf, i == 0 ? "" : ",");
		event_json(buf, event);
		if (!event_counts(event, user_id))
			continue;
		buf_text(buf, ",");
		event_count_json(buf, event);
	}
}

/* GET /api/v1/events?since=EVENT_ID: what push sends, for who must poll. */
enum err
events_list(struct request *req, struct response *res)
{
	struct poll poll;
	uint64_t next;
	enum err err = read_poll(req, &poll);

	if (err == OK)
		err = read_snapshot(req, &poll);
	if (err != OK)
		return err;
	next = poll.range.head;
	if (poll.list.count == poll.limit)
		next = poll.list.items[poll.limit - 1].pos;

	res->status = 200;
	buf_text(&res->body, "{\"events\":[");
	put_events(&res->body, &poll, req->caller.user_id);
	buf_text(&res->body, "],\"next\":");
	buf_u64(&res->body, next);
	buf_text(&res->body, "}");
	return OK;
}
