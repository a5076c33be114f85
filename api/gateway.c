#include "api/gateway.h"

#include <errno.h>
#include <fcgiapp.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "api/router.h"
#include "common/clock.h"
#include "common/log.h"

#define LISTEN_FD 0 /* where a FastCGI manager puts the socket */
#define IDLE_MS   1000
#define DRAIN_MS  2000
#define HEAD_MAX  ((size_t)128 * 1024)

static volatile sig_atomic_t stopping;

static void
stop(int number)
{
	(void)number;
	stopping = 1;
}

/*
 * Signals are delivered while we wait for a request and at no other time, so
 * none is missed and none interrupts a request.
 */
static void
hold_signals(sigset_t *ret_waiting)
{
	struct sigaction action = { .sa_handler = stop };
	sigset_t held;

	sigemptyset(&action.sa_mask);
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGUSR1, &action, NULL);
	signal(SIGPIPE, SIG_IGN);
	sigemptyset(&held);
	sigaddset(&held, SIGTERM);
	sigaddset(&held, SIGUSR1);
	sigprocmask(SIG_BLOCK, &held, ret_waiting);
	sigdelset(ret_waiting, SIGTERM);
	sigdelset(ret_waiting, SIGUSR1);
}

/* For people who look at the first line of an answer, and for scripts. */
static const char *
reason(int status)
{
	static const struct {
		int status;
		const char *phrase;
	} reasons[] = {
		{ 200, "OK" },
		{ 201, "Created" },
		{ 204, "No Content" },
		{ 400, "Bad Request" },
		{ 401, "Unauthorized" },
		{ 403, "Forbidden" },
		{ 404, "Not Found" },
		{ 405, "Method Not Allowed" },
		{ 409, "Conflict" },
		{ 410, "Gone" },
		{ 413, "Content Too Large" },
		{ 415, "Unsupported Media Type" },
		{ 422, "Unprocessable Content" },
		{ 429, "Too Many Requests" },
		{ 503, "Service Unavailable" },
	};

	for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++)
		if (reasons[i].status == status)
			return reasons[i].phrase;
	return "Internal Server Error";
}

/* What stands behind scheme and authority, where they are: http://x/path. */
static const char *
without_authority(const char *target)
{
	const char *authority = strstr(target, "://");
	const char *path;

	if (*target == '/' || authority == NULL)
		return target;
	path = strchr(authority + 3, '/');
	return path == NULL ? "/" : path;
}

/* The path of the request, without its query. */
static const char *
path_of(const struct request *req)
{
	static const char *const names[] = { "PATH_INFO", "DOCUMENT_URI",
		"REQUEST_URI" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const char *path = request_env(req, names[i]);

		if (*path == '\0')
			continue;
		path = without_authority(path);
		return arena_strndup(req->arena, path, strcspn(path, "?#"));
	}
	return "/";
}

/* The head and, unless it was only asked for the head, the body. */
static void
write_answer(const struct request *req, const struct response *res,
    void (*write)(void *target, const char *data, size_t len), void *target)
{
	bool is_head = strcmp(request_env(req, "REQUEST_METHOD"), "HEAD") == 0;
	struct buf head;

	buf_init(&head, HEAD_MAX);
	buf_text(&head, "Status: ");
	buf_u64(&head, (uint64_t)res->status);
	buf_text(&head, " ");
	buf_text(&head, reason(res->status));
	buf_text(&head, "\r\nCache-Control: no-store\r\n");
	if (res->status != 204) {
		buf_text(&head,
		    res->is_problem
			? "Content-Type: application/problem+json\r\n"
			: "Content-Type: application/json\r\n");
		buf_text(&head, "Content-Length: ");
		buf_u64(&head, res->body.len);
		buf_text(&head, "\r\n");
	}
	buf_raw(&head, res->headers.data, res->headers.len);
	buf_text(&head, "\r\n");
	write(target, head.data, head.len);
	if (!is_head && res->body.len > 0)
		write(target, res->body.data, res->body.len);
	buf_done(&head);
}

static void
serve_one(struct request *req,
    void (*serve)(struct request *req, struct response *res),
    void (*write)(void *target, const char *data, size_t len), void *target)
{
	struct response res;

	req->method = router_method(request_env(req, "REQUEST_METHOD"));
	req->path = path_of(req);
	req->query = request_env(req, "QUERY_STRING");
	response_init(&res);
	serve(req, &res);
	write_answer(req, &res, write, target);
	response_done(&res);
	arena_reset(req->arena);
}

static size_t
read_cgi(void *source, char *data, size_t len)
{
	size_t got = 0;

	(void)source;
	while (got < len) {
		ssize_t n = read(STDIN_FILENO, data + got, len - got);

		if (n == -1 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		got += (size_t)n;
	}
	return got;
}

static void
write_cgi(void *target, const char *data, size_t len)
{
	(void)target;
	if (fwrite(data, 1, len, stdout) != len)
		log_debug("the answer was not taken: %s", strerror(errno));
}

/*
 * Take what was sent of a body that nobody read.  Where standard input is a
 * socket (mod_cgid), ending with something unread in it would take the answer
 * back.
 */
static void
drain_cgi(const struct request *req)
{
	uint64_t end = clock_monotonic_ms() + DRAIN_MS;
	struct pollfd input = { .fd = STDIN_FILENO, .events = POLLIN };
	char unread[4096];

	if (*request_env(req, "CONTENT_LENGTH") == '\0' &&
	    *request_env(req, "HTTP_TRANSFER_ENCODING") == '\0')
		return;
	for (uint64_t now; (now = clock_monotonic_ms()) < end;) {
		if (poll(&input, 1, (int)(end - now)) <= 0 ||
		    read(STDIN_FILENO, unread, sizeof(unread)) <= 0)
			return;
	}
}

static size_t
read_fastcgi(void *source, char *data, size_t len)
{
	FCGX_Request *fcgi = source;
	size_t got = 0;

	while (got < len) {
		int n = FCGX_GetStr(data + got, (int)(len - got), fcgi->in);

		if (n <= 0)
			break;
		got += (size_t)n;
	}
	return got;
}

static void
write_fastcgi(void *target, const char *data, size_t len)
{
	FCGX_Request *fcgi = target;

	if (FCGX_PutStr(data, (int)len, fcgi->out) == -1)
		log_debug("the answer was not taken");
}

/*
 * Wait for somebody to connect, a second at most.  All the processes share
 * the socket: one of them is woken, and none may block in accept() when
 * another was quicker, hence O_NONBLOCK.
 */
static int
watch(void)
{
	struct epoll_event event = { .events = EPOLLIN | EPOLLEXCLUSIVE };
	int flags = fcntl(LISTEN_FD, F_GETFL);
	int fd = epoll_create1(EPOLL_CLOEXEC);

	if (fd == -1 || flags == -1 ||
	    fcntl(LISTEN_FD, F_SETFL, flags | O_NONBLOCK) == -1 ||
	    epoll_ctl(fd, EPOLL_CTL_ADD, LISTEN_FD, &event) == -1)
		log_fatal("cannot watch the socket: %s", strerror(errno));
	return fd;
}

static bool
accept_request(FCGX_Request *fcgi)
{
	int error = FCGX_Accept_r(fcgi);

	if (error >= 0)
		return true;
	if (error != -EAGAIN && error != -EINTR && error != -ECONNABORTED) {
		log_error("cannot accept: %s", strerror(-error));
		stopping = 1;
	}
	return false;
}

static void
run_fastcgi(const struct request *base, unsigned long most,
    bool (*is_outdated)(void),
    void (*serve)(struct request *req, struct response *res))
{
	FCGX_Request fcgi;
	sigset_t waiting;
	int epoll_fd;

	if (FCGX_Init() != 0 ||
	    FCGX_InitRequest(&fcgi, LISTEN_FD, FCGI_FAIL_ACCEPT_ON_INTR) != 0)
		log_fatal("cannot use the FastCGI socket");
	hold_signals(&waiting);
	epoll_fd = watch();
	for (unsigned long served = 0; served < most && !is_outdated();) {
		struct epoll_event event;
		int ready = epoll_pwait(epoll_fd, &event, 1, IDLE_MS, &waiting);

		if (stopping)
			break;
		if (ready == 1 && accept_request(&fcgi)) {
			struct request req = *base;

			req.env = fcgi.envp;
			req.read = read_fastcgi;
			req.source = &fcgi;
			serve_one(&req, serve, write_fastcgi, &fcgi);
			FCGX_Finish_r(&fcgi);
			served++;
		}
	}
	FCGX_Free(&fcgi, 1);
	close(epoll_fd);
}

void
gateway_run(const struct request *base, unsigned long most,
    bool (*is_outdated)(void),
    void (*serve)(struct request *req, struct response *res))
{
	if (FCGX_IsCGI()) {
		struct request req = *base;

		req.env = environ;
		req.read = read_cgi;
		serve_one(&req, serve, write_cgi, NULL);
		if (fflush(stdout) != 0)
			log_debug(
			    "the answer was not taken: %s", strerror(errno));
		drain_cgi(&req);
		return;
	}
	run_fastcgi(base, most, is_outdated, serve);
}
