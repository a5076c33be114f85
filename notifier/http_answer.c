#include "notifier/http_answer.h"

#include <stdio.h>
#include <string.h>

#include "common/log.h"
#include "notifier/metrics.h"

#define PROBLEM_MAX       ((size_t)4096)
#define BLOCK_BYTES       256 /* the content reader writes none */
#define RETRY_TOO_MANY    "5" /* seconds */
#define RETRY_UNAVAILABLE "2"

static void
add_header(struct MHD_Response *response, const char *name, const char *value)
{
	if (MHD_add_response_header(response, name, value) == MHD_NO)
		log_warn("no header %s in an answer", name);
}

static enum MHD_Result
queue(struct MHD_Connection *connection, unsigned status,
    struct MHD_Response *response)
{
	enum MHD_Result result = MHD_queue_response(
	    connection, status, response);

	MHD_destroy_response(response);
	return result;
}

static struct MHD_Response *
text_response(const char *type, const struct buf *text)
{
	struct MHD_Response *response = MHD_create_response_from_buffer(
	    text->len, text->data, MHD_RESPMEM_MUST_COPY);

	if (response == NULL)
		return NULL;
	add_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, type);
	add_header(response, MHD_HTTP_HEADER_CACHE_CONTROL, "no-store");
	return response;
}

enum MHD_Result
http_text(struct MHD_Connection *connection, unsigned status, const char *type,
    const struct buf *text)
{
	struct MHD_Response *response = text_response(type, text);

	return response == NULL ? MHD_NO : queue(connection, status, response);
}

static void
put_member(struct buf *json, const char *name, const char *value)
{
	buf_text(json, ",\"");
	buf_text(json, name);
	buf_text(json, "\":");
	buf_json(json, slice_of(value));
}

static void
put_problem(struct buf *json, const struct http_refusal *refusal)
{
	const char *code = err_code(refusal->err);
	const char *detail = refusal->detail;

	if (detail == NULL)
		detail = err_title(refusal->err);
	buf_text(json, "{\"type\":\"about:blank\"");
	put_member(json, "title", err_title(refusal->err));
	buf_text(json, ",\"status\":");
	buf_u64(json, (uint64_t)err_status(refusal->err));
	put_member(json, "code", code);
	put_member(json, "detail", detail);
	if (refusal->field != NULL) {
		buf_text(json, ",\"errors\":[{\"field\":");
		buf_json(json, slice_of(refusal->field));
		put_member(json, "code", code);
		put_member(json, "detail", detail);
		buf_text(json, "}]");
	}
	buf_text(json, "}");
}

/* What RFC 9110 wants beside some statuses. */
static void
add_hints(struct MHD_Response *response, enum err err)
{
	switch (err) {
	case ERR_UNAUTHENTICATED:
		add_header(
		    response, MHD_HTTP_HEADER_WWW_AUTHENTICATE, "Bearer");
		break;
	case ERR_METHOD:
		add_header(response, MHD_HTTP_HEADER_ALLOW, "GET");
		break;
	case ERR_TOO_MANY:
		add_header(
		    response, MHD_HTTP_HEADER_RETRY_AFTER, RETRY_TOO_MANY);
		break;
	case ERR_UNAVAILABLE:
		add_header(
		    response, MHD_HTTP_HEADER_RETRY_AFTER, RETRY_UNAVAILABLE);
		break;
	case ERR_UPGRADE_NEEDED:
		add_header(response, MHD_HTTP_HEADER_UPGRADE, "websocket");
		add_header(response, "Sec-WebSocket-Version", WS_VERSION);
		break;
	default:
		break;
	}
}

enum MHD_Result
http_refuse(
    struct MHD_Connection *connection, const struct http_refusal *refusal)
{
	struct MHD_Response *response;
	struct buf json;

	metric_add(METRIC_refused_total, 1);
	buf_init(&json, PROBLEM_MAX);
	put_problem(&json, refusal);
	response = text_response("application/problem+json", &json);
	buf_done(&json);
	if (response == NULL)
		return MHD_NO;
	add_hints(response, refusal->err);
	return queue(connection, (unsigned)err_status(refusal->err), response);
}

/* Called once, after the head went out: the socket is ours now, and as far
   as the library knows the body ends here. */
static ssize_t
read_content(void *cls, uint64_t pos, char *bytes, size_t max)
{
	struct visit *visit = cls;
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(
	    visit->connection, MHD_CONNECTION_INFO_CONNECTION_FD);

	(void)pos;
	(void)bytes;
	(void)max;
	if (info != NULL)
		http_give(visit, info->connect_fd, NULL, 0);
	return MHD_CONTENT_READER_END_OF_STREAM;
}

static enum MHD_Result
begin_sse(struct visit *visit)
{
	struct MHD_Response *response = MHD_create_response_from_callback(
	    MHD_SIZE_UNKNOWN, BLOCK_BYTES, read_content, visit, NULL);

	if (response == NULL)
		return MHD_NO;
	/* No chunks, and a body that lasts until the connection closes. */
	(void)MHD_set_response_options(
	    response, MHD_RF_HTTP_1_0_COMPATIBLE_STRICT, MHD_RO_END);
	add_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, "text/event-stream");
	add_header(response, MHD_HTTP_HEADER_CACHE_CONTROL, "no-store");
	add_header(response, "X-Accel-Buffering", "no");
	if (visit->cors_origin != NULL) {
		add_header(response, "Access-Control-Allow-Origin",
		    visit->cors_origin);
		add_header(
		    response, "Access-Control-Allow-Credentials", "true");
		add_header(response, MHD_HTTP_HEADER_VARY, "Origin");
	}
	return queue(visit->connection, MHD_HTTP_OK, response);
}

static void
take_socket(void *cls, struct MHD_Connection *connection, void *con_cls,
    const char *extra, size_t extra_len, MHD_socket fd,
    struct MHD_UpgradeResponseHandle *handle)
{
	struct visit *visit = cls;

	(void)connection;
	(void)con_cls;
	http_give(visit, fd, extra, extra_len);
	(void)MHD_upgrade_action(handle, MHD_UPGRADE_ACTION_CLOSE);
}

static enum MHD_Result
begin_ws(struct visit *visit)
{
	struct MHD_Response *response = MHD_create_response_for_upgrade(
	    take_socket, visit);

	if (response == NULL)
		return MHD_NO;
	add_header(response, MHD_HTTP_HEADER_UPGRADE, "websocket");
	add_header(response, "Sec-WebSocket-Accept", visit->accept);
	return queue(visit->connection, MHD_HTTP_SWITCHING_PROTOCOLS, response);
}

enum MHD_Result
http_begin(struct visit *visit)
{
	return visit->opening.info.transport == TRANSPORT_WS ? begin_ws(visit)
							     : begin_sse(visit);
}
