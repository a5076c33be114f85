#include "notifier/http.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/alloc.h"
#include "common/log.h"
#include "notifier/gate.h"
#include "notifier/http_answer.h"
#include "notifier/http_visit.h"
#include "notifier/listen.h"
#include "notifier/loop.h"
#include "notifier/store.h"

/*
 * Requests on their way in, at most; more wait in the kernel's backlog.  The
 * library walks all suspended ones for each that is resumed.
 */
#define VISITS_MAX    128
#define VISIT_SECONDS 10 /* for a head to arrive, or between two requests */
#define HEAD_MAX      ((size_t)16 * 1024)

struct http {
	const struct config *config;
	struct gate *gate;
	struct store *store;
	struct loops *loops;
	struct MHD_Daemon *daemon;
	int listen_fd; /* -1: closed */
};

/* On a thread of the store. */
static void
asked(struct opening *opening, void *arg)
{
	struct visit *visit = arg;

	(void)opening;
	MHD_resume_connection(visit->connection);
}

static enum MHD_Result
refuse(struct visit *visit, enum err err)
{
	const struct http_refusal refusal = { .err = err };

	return http_refuse(visit->connection, &refusal);
}

/* The request waits for the store, and is handled again afterwards. */
static enum MHD_Result
ask(struct visit *visit)
{
	struct http *http = visit->http;
	enum err err = gate_check(http->gate, visit->opening.info.address_key);

	if (err != OK)
		return refuse(visit, err);
	visit->state = VISIT_ASKED;
	visit->opening.done = asked;
	visit->opening.arg = visit;
	MHD_suspend_connection(visit->connection);
	if (!store_open(http->store, &visit->opening)) {
		visit->opening.err = ERR_UNAVAILABLE;
		MHD_resume_connection(visit->connection);
	}
	return MHD_YES;
}

static enum MHD_Result
begin(struct visit *visit)
{
	const struct arrival *arrival = visit->opening.arrival;
	enum err err = visit->opening.err;

	if (err == OK)
		err = gate_enter(visit->http->gate, arrival->info.user_id,
		    arrival->info.address_key);
	if (err != OK)
		return refuse(visit, err);
	visit->is_counted = true;
	return http_begin(visit);
}

void
http_give(struct visit *visit, int fd, const void *extra, size_t len)
{
	struct arrival *arrival = visit->opening.arrival;

	if (arrival == NULL)
		return;
	arrival->fd = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	if (arrival->fd == -1) {
		log_error("cannot keep a connection: %s", strerror(errno));
		return;
	}
	if (len > 0) {
		arrival->extra = must_calloc(1, len);
		memcpy(arrival->extra, extra, len);
		arrival->extra_len = len;
	}
	visit->opening.arrival = NULL;
	visit->is_counted = false;
	door_put(loops_door_of(visit->http->loops, arrival->info.user_id),
	    &arrival->note);
}

/* Called for the head, for each part of a body, and when there is no more;
   and again once the store has answered. */
static enum MHD_Result
handle(void *cls, struct MHD_Connection *connection, const char *path,
    const char *method, const char *version, const char *upload,
    size_t *upload_len, void **con_cls)
{
	struct http *http = cls;
	struct visit *visit = *con_cls;
	struct http_refusal refusal;

	(void)upload;
	if (visit == NULL)
		return MHD_NO;
	switch (visit->state) {
	case VISIT_NEW:
		visit->http = http;
		visit->connection = connection;
		visit->state = VISIT_READ;
		return MHD_YES;
	case VISIT_READ:
		if (*upload_len > 0) {
			*upload_len = 0;
			return MHD_YES;
		}
		if (http_read(visit, http->config, http->gate, path, method,
			version, &refusal) != OK)
			return http_refuse(connection, &refusal);
		return ask(visit);
	case VISIT_ASKED:
		return begin(visit);
	}
	return MHD_NO;
}

static void *
visit_new(void *cls, const char *uri, struct MHD_Connection *connection)
{
	(void)cls;
	(void)uri;
	(void)connection;
	return must_calloc(1, sizeof(struct visit));
}

static void
visit_free(void *cls, struct MHD_Connection *connection, void **con_cls,
    enum MHD_RequestTerminationCode code)
{
	struct visit *visit = *con_cls;

	(void)cls;
	(void)connection;
	(void)code;
	if (visit == NULL)
		return;
	if (visit->is_counted)
		gate_leave(visit->http->gate,
		    visit->opening.arrival->info.user_id,
		    visit->opening.arrival->info.address_key);
	arrival_free(visit->opening.arrival);
	free(visit);
	*con_cls = NULL;
}

enum err
http_start(const struct config *config, struct gate *gate, struct store *store,
    struct loops *loops, struct http **ret_http)
{
	struct http *http = must_calloc(1, sizeof(*http));
	enum err err = listen_stream(config->push_listen, &http->listen_fd);

	if (err != OK) {
		free(http);
		return err;
	}
	http->config = config;
	http->gate = gate;
	http->store = store;
	http->loops = loops;
	/* TURBO: the library must not shut a socket down that it gave away. */
	http->daemon = MHD_start_daemon(MHD_USE_EPOLL_INTERNAL_THREAD |
		MHD_USE_TURBO | MHD_ALLOW_UPGRADE | MHD_ALLOW_SUSPEND_RESUME,
	    0, NULL, NULL, handle, http, MHD_OPTION_LISTEN_SOCKET,
	    http->listen_fd, MHD_OPTION_CONNECTION_LIMIT, (unsigned)VISITS_MAX,
	    MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)VISIT_SECONDS,
	    MHD_OPTION_CONNECTION_MEMORY_LIMIT, HEAD_MAX,
	    MHD_OPTION_URI_LOG_CALLBACK, visit_new, NULL,
	    MHD_OPTION_NOTIFY_COMPLETED, visit_free, NULL, MHD_OPTION_END);
	if (http->daemon == NULL) {
		close(http->listen_fd);
		listen_remove(config->push_listen);
		free(http);
		return ERR_INTERNAL;
	}
	*ret_http = http;
	return OK;
}

void
http_quiesce(struct http *http)
{
	http->listen_fd = MHD_quiesce_daemon(http->daemon);
	if (http->listen_fd != -1)
		close(http->listen_fd);
	http->listen_fd = -1;
	listen_remove(http->config->push_listen);
}

void
http_stop(struct http *http)
{
	if (http == NULL)
		return;
	MHD_stop_daemon(http->daemon);
	free(http);
}
