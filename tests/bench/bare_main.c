/*
 * bare: the least that a push server can do, one thread and send(2).
 *
 * "bare ADDRESS:PORT" serves GET /ID, a WebSocket or SSE stream of the
 * conversation ID, and POST /ID, whose body goes to every one of its streams
 * in a loop.  It knows no users and stores nothing: it is what Tidings is
 * measured against, and serves nobody else.
 */
#include <errno.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/alloc.h"
#include "tests/bench/machine.h"
#include "tests/bench/poller.h"
#include "tests/bench/request.h"
#include "tests/bench/stream.h"

#define BACKLOG           4096
#define CONVERSATIONS_MAX 100000
#define INPUT_SIZE        ((size_t)64 * 1024)
#define KINDS             2 /* of enum stream_kind */

/* Those who hear one conversation one way. */
struct audience {
	int *fds;
	size_t count;
};

struct peer {
	struct watcher watcher;    /* first: it is how one is known */
	struct audience *audience; /* NULL: it posts */
	struct buf input;          /* of a request */
};

static struct poller poller;
static struct audience audiences[CONVERSATIONS_MAX][KINDS];

static void
say(int fd, const char *text)
{
	if (send(fd, text, strlen(text), MSG_NOSIGNAL) == -1)
		machine_die("bare: cannot answer: %s", strerror(errno));
}

static void
leave(struct peer *peer)
{
	struct audience *audience = peer->audience;

	for (size_t i = 0; audience != NULL && i < audience->count; i++)
		if (audience->fds[i] == peer->watcher.fd) {
			audience->fds[i] = audience->fds[--audience->count];
			break;
		}
	close(peer->watcher.fd);
	buf_done(&peer->input);
	free(peer);
}

static void
subscribe(struct peer *peer, struct audience *audience, bool is_ws)
{
	size_t size = (audience->count + 1) * sizeof(*audience->fds);

	audience->fds = must_realloc(audience->fds, size);
	audience->fds[audience->count++] = peer->watcher.fd;
	peer->audience = audience;
	buf_done(&peer->input);
	say(peer->watcher.fd,
	    is_ws ? "HTTP/1.1 101 Switching Protocols\r\n"
		    "Upgrade: websocket\r\nConnection: Upgrade\r\n"
		    "Sec-WebSocket-Accept: " STREAM_ACCEPT "\r\n\r\n"
		  : "HTTP/1.1 200 OK\r\n"
		    "Content-Type: text/event-stream\r\n\r\n");
}

static void
publish(struct audience *kinds, struct slice text)
{
	struct buf buf;

	buf_init(&buf, INPUT_SIZE);
	for (size_t kind = 0; kind < KINDS; kind++) {
		const struct audience *audience = &kinds[kind];

		buf_clear(&buf);
		stream_message((enum stream_kind)kind, &buf, text);
		for (size_t i = 0; i < audience->count; i++)
			if (send(audience->fds[i], buf.data, buf.len,
				MSG_NOSIGNAL) != (ssize_t)buf.len)
				machine_die("bare: a reader is too slow");
	}
	buf_done(&buf);
}

/* What was read is one whole request, or the start of one. */
static void
serve(struct peer *peer)
{
	struct slice bytes = { peer->input.data, peer->input.len };
	const char *slash = memchr(bytes.data, '/', bytes.len);
	struct slice body;
	unsigned long id;

	if (slash == NULL || !request_body(bytes, &body))
		return;
	id = strtoul(slash + 1, NULL, 10);
	if (id >= CONVERSATIONS_MAX)
		machine_die("bare: there is no conversation %lu", id);
	if (bytes.data[0] != 'P') {
		bool is_ws = memmem(bytes.data, bytes.len, STREAM_KEY,
				 strlen(STREAM_KEY)) != NULL;

		subscribe(peer, &audiences[id][is_ws ? STREAM_WS : STREAM_SSE],
		    is_ws);
		return;
	}
	publish(audiences[id], body);
	say(peer->watcher.fd,
	    "HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n");
	buf_clear(&peer->input);
}

static void
on_bytes(struct watcher *watcher, uint32_t events)
{
	struct peer *peer = (struct peer *)watcher;
	static char bytes[INPUT_SIZE];
	ssize_t got = recv(watcher->fd, bytes, sizeof(bytes), MSG_DONTWAIT);

	(void)events; /* reading tells an error too */
	if (got == -1 && (errno == EAGAIN || errno == EINTR))
		return;
	if (got <= 0) {
		leave(peer);
		return;
	}
	if (peer->audience != NULL)
		return; /* a pong */
	buf_raw(&peer->input, bytes, (size_t)got);
	serve(peer);
}

static void
on_connection(struct watcher *watcher, uint32_t events)
{
	const int on = 1;
	struct peer *peer;
	int fd;

	(void)events;
	while ((fd = accept4(watcher->fd, NULL, NULL,
		    SOCK_NONBLOCK | SOCK_CLOEXEC)) != -1) {
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
		peer = must_calloc(1, sizeof(*peer));
		peer->watcher = (struct watcher){ fd, on_bytes };
		buf_init(&peer->input, INPUT_SIZE);
		poller_add(&poller, &peer->watcher, EPOLLIN);
	}
}

int
main(int argc, char **argv)
{
	struct watcher listener = { .ready = on_connection };
	struct sockaddr_in address;
	const int on = 1;

	if (argc != 2)
		machine_die("usage: bare ADDRESS:PORT");
	machine_raise_files();
	poller_init(&poller);
	address = address_parse(argv[1]);
	listener.fd = socket(
	    AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	setsockopt(listener.fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind(listener.fd, (const struct sockaddr *)&address,
		sizeof(address)) != 0 ||
	    listen(listener.fd, BACKLOG) != 0)
		machine_die("%s: %s", argv[1], strerror(errno));
	poller_add(&poller, &listener, EPOLLIN);
	for (;;)
		poller_wait(&poller, UINT64_MAX);
}
