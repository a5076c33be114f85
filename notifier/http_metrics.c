#include "notifier/http_metrics.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/alloc.h"
#include "notifier/http_answer.h"
#include "notifier/listen.h"
#include "notifier/metrics.h"

#define CONNECTIONS_MAX 16
#define SECONDS         10

struct http_metrics {
	const char *address; /* of the configuration */
	struct MHD_Daemon *daemon;
};

static enum MHD_Result
answer_metrics(struct MHD_Connection *connection)
{
	enum MHD_Result result;
	struct buf text;

	buf_init(&text, METRICS_TEXT_MAX);
	metrics_text(&text);
	result = http_text(connection, MHD_HTTP_OK,
	    "text/plain; version=0.0.4; charset=utf-8", &text);
	buf_done(&text);
	return result;
}

static enum MHD_Result
answer_health(struct MHD_Connection *connection)
{
	struct http_refusal refusal = { .err = ERR_UNAVAILABLE };
	enum MHD_Result result;
	struct buf text;

	if (!metrics_healthy(&refusal.detail))
		return http_refuse(connection, &refusal);
	buf_init(&text, METRICS_TEXT_MAX);
	buf_text(&text, "{\"status\":\"ok\"}");
	result = http_text(connection, MHD_HTTP_OK, "application/json", &text);
	buf_done(&text);
	return result;
}

static enum MHD_Result
handle(void *cls, struct MHD_Connection *connection, const char *path,
    const char *method, const char *version, const char *upload,
    size_t *upload_len, void **con_cls)
{
	struct http_refusal refusal = { .err = ERR_NOT_FOUND };
	static char seen;

	(void)cls;
	(void)version;
	(void)upload;
	/* The head alone is not answered; a body is not looked at. */
	if (*con_cls == NULL || *upload_len > 0) {
		*con_cls = &seen;
		*upload_len = 0;
		return MHD_YES;
	}
	if (strcmp(path, "/metrics") != 0 && strcmp(path, "/health") != 0)
		return http_refuse(connection, &refusal);
	if (strcmp(method, MHD_HTTP_METHOD_GET) != 0) {
		refusal.err = ERR_METHOD;
		return http_refuse(connection, &refusal);
	}
	return path[1] == 'm' ? answer_metrics(connection)
			      : answer_health(connection);
}

enum err
http_metrics_start(
    const struct config *config, struct http_metrics **ret_metrics)
{
	struct http_metrics *metrics;
	int fd;
	enum err err = listen_stream(config->metrics_listen, &fd);

	if (err != OK)
		return err;
	metrics = must_calloc(1, sizeof(*metrics));
	metrics->address = config->metrics_listen;
	metrics->daemon = MHD_start_daemon(MHD_USE_EPOLL_INTERNAL_THREAD, 0,
	    NULL, NULL, handle, NULL, MHD_OPTION_LISTEN_SOCKET, fd,
	    MHD_OPTION_CONNECTION_LIMIT, (unsigned)CONNECTIONS_MAX,
	    MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)SECONDS, MHD_OPTION_END);
	if (metrics->daemon == NULL) {
		close(fd);
		listen_remove(metrics->address);
		free(metrics);
		return ERR_INTERNAL;
	}
	*ret_metrics = metrics;
	return OK;
}

void
http_metrics_stop(struct http_metrics *metrics)
{
	if (metrics == NULL)
		return;
	MHD_stop_daemon(metrics->daemon);
	listen_remove(metrics->address);
	free(metrics);
}
