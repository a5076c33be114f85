#include "notifier/store_write.h"

#include <stdlib.h>
#include <string.h>

#include "common/alloc.h"
#include "common/clock.h"
#include "db/conversations.h"
#include "db/messages.h"
#include "db/sessions.h"
#include "notifier/follower.h"
#include "notifier/store.h"

#define ANSWER_MAX ((size_t)16 * 1024)

struct command_job {
	struct job job;
	struct door *door;
	struct conn *conn;
	struct stream_info info;
	struct ws_message message; /* its texts are in bytes */
	char bytes[];
};

struct ring_job {
	struct job job;
	struct ephemeral ephemeral;
	uint64_t conversation_id;
	char bytes[];
};

/* What an error frame says of a failure. */
struct failure {
	const char *code;
	const char *detail;
	uint64_t retry_after; /* seconds; 0: none is known */
};

static enum err
who_is(struct worker *worker, const struct stream_info *info,
    struct identity *ret_identity)
{
	if (info->session_id != 0)
		return session_get(
		    worker->db, worker->arena, info->session_id, ret_identity);
	return api_key_get(
	    worker->db, worker->arena, info->api_key_id, ret_identity);
}

static void
put_text(struct buf *json, const char *name, struct slice value)
{
	buf_text(json, ",\"");
	buf_text(json, name);
	buf_text(json, "\":");
	buf_json(json, value);
}

static void
put_number(struct buf *json, const char *name, uint64_t value)
{
	buf_text(json, ",\"");
	buf_text(json, name);
	buf_text(json, "\":");
	buf_u64(json, value);
}

static void
put_time(struct buf *json)
{
	char text[CLOCK_TEXT_SIZE];

	clock_text(clock_now_ms(), text);
	put_text(json, "timestamp", slice_of(text));
	buf_text(json, "}");
}

static const char *
detail_of(enum err err)
{
	switch (err) {
	case ERR_NOT_FOUND:
		return "There is no such conversation.";
	case ERR_INVALID:
		return "reply_to is no message of this conversation.";
	case ERR_MISMATCH:
		return "This client_id was used for another message.";
	default:
		return err_title(err);
	}
}

static void
put_failure(struct buf *json, const struct command_job *job,
    const struct failure *failure)
{
	buf_text(json, "{\"type\":\"error\"");
	put_text(json, "code", slice_of(failure->code));
	put_text(json, "detail", slice_of(failure->detail));
	if (failure->retry_after != 0)
		put_number(json, "retry_after", failure->retry_after);
	if (job->message.client_id.data != NULL)
		put_text(json, "client_id", job->message.client_id);
	put_time(json);
}

static void
put_sent(struct buf *json, const struct command_job *job,
    const struct message *message)
{
	buf_text(json, "{\"type\":\"message_sent\"");
	if (job->message.client_id.data != NULL)
		put_text(json, "client_id", job->message.client_id);
	put_number(json, "conversation_id", message->conversation_id);
	put_number(json, "message_id", message->id);
	put_number(json, "no", message->no);
	put_time(json);
}

/* Everybody who follows the log is told that there is something in it. */
static void
announce(struct worker *worker)
{
	follower_wake(worker->follower);
	bell_look(worker->bell);
}

static enum err
send_message(struct worker *worker, const struct command_job *job,
    const struct identity *identity, struct buf *json,
    uint64_t *ret_retry_after)
{
	const struct ws_message *message = &job->message;
	const struct message_draft draft = {
		.conversation_id = message->conversation_id,
		.sender_id = identity->user_id,
		.sender_username = identity->username,
		.sender_name = identity->name,
		.text = message->text,
		.client_id = message->client_id,
		.reply_to = message->reply_to,
	};
	struct message_sent sent = { 0 };
	enum err err = message_send(worker->db, worker->arena, &draft,
	    (uint64_t)worker->config->rate_messages, &sent);

	*ret_retry_after = sent.retry_after;
	if (err != OK)
		return err;
	if (!sent.replayed)
		announce(worker);
	put_sent(json, job, &sent.message);
	return OK;
}

static enum err
move_mark(struct worker *worker, const struct command_job *job)
{
	const struct ws_message *message = &job->message;
	struct marks marks;
	enum err err = conversation_mark(worker->db, job->info.user_id,
	    message->conversation_id,
	    message->command == WS_READ ? MARK_READ : MARK_DELIVERED,
	    message->up_to, (uint64_t)worker->config->receipts_members, &marks);

	if (err == OK && marks.moved)
		announce(worker);
	return err;
}

/* Writes the answer, if there is one. */
static void
carry_out(
    struct worker *worker, const struct command_job *job, struct buf *json)
{
	struct failure failure = { 0 };
	struct identity identity;
	enum err err;

	err = worker->is_stopping ? ERR_UNAVAILABLE
				  : who_is(worker, &job->info, &identity);
	if (err == OK && !scope_allows(identity.scopes, "write"))
		err = ERR_FORBIDDEN;
	if (err == OK && job->message.command == WS_SEND)
		err = send_message(
		    worker, job, &identity, json, &failure.retry_after);
	else if (err == OK)
		err = move_mark(worker, job);
	if (err == OK)
		return;
	failure.code = err_code(err);
	failure.detail = detail_of(err);
	put_failure(json, job, &failure);
}

static void
run_command(struct job *base, struct worker *worker)
{
	struct command_job *job = (struct command_job *)base;
	struct answer *answer = must_calloc(1, sizeof(*answer));
	struct buf json, out;

	buf_init(&json, ANSWER_MAX);
	buf_init(&out, ANSWER_MAX + FRAME_OVERHEAD);
	carry_out(worker, job, &json);
	if (json.len > 0) {
		transports[job->info.transport]->put_event(&out,
		    slice_of("message"), EVENT_ID_NONE,
		    (struct slice){ json.data, json.len });
		answer->frame = frame_new(&out);
	}
	buf_done(&out);
	buf_done(&json);
	answer->note.kind = NOTE_ANSWER;
	answer->conn = job->conn;
	door_put(job->door, &answer->note);
	free(job);
}

/* A copy of text at *at, which moves on behind it; NULL stays NULL. */
static struct slice
copy_to(char **at, struct slice text)
{
	struct slice copy = { text.data == NULL ? NULL : *at, text.len };

	if (text.data != NULL)
		memcpy(*at, text.data, text.len);
	*at += text.len;
	return copy;
}

bool
store_command(struct store *store, struct door *door, struct conn *conn,
    const struct stream_info *info, const struct ws_message *message)
{
	struct command_job *job = must_calloc(
	    1, sizeof(*job) + message->text.len + message->client_id.len);
	char *at = job->bytes;

	job->job.run = run_command;
	job->door = door;
	job->conn = conn;
	job->info = *info;
	job->message = *message;
	job->message.text = copy_to(&at, message->text);
	job->message.client_id = copy_to(&at, message->client_id);
	if (store_write(store, info->user_id, &job->job))
		return true;
	free(job);
	return false;
}

static void
run_ring(struct job *base, struct worker *worker)
{
	const struct ring_job *job = (const struct ring_job *)base;
	const struct doorbell doorbell = {
		.kind = DOORBELL_EPHEMERAL,
		.ephemeral = job->ephemeral,
	};

	bell_ring(worker->bell, &doorbell);
	free(base);
}

void
store_ring(struct store *store, const struct ephemeral *ephemeral)
{
	struct ring_job *job = must_calloc(
	    1, sizeof(*job) + ephemeral->type.len + ephemeral->json.len);
	char *at = job->bytes;

	job->job.run = run_ring;
	job->ephemeral = *ephemeral;
	job->ephemeral.type = copy_to(&at, ephemeral->type);
	job->ephemeral.json = copy_to(&at, ephemeral->json);
	job->conversation_id = ephemeral->conversation_ids[0];
	job->ephemeral.conversation_ids = &job->conversation_id;
	job->ephemeral.conversation_count = 1;
	if (!store_write(store, ephemeral->actor_id, &job->job))
		free(job);
}
