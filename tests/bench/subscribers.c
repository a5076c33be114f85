#include "tests/bench/subscribers.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/alloc.h"
#include "tests/bench/machine.h"

#define AT_ONCE      64 /* of those that connect */
#define INPUT_SIZE   ((size_t)1024 * 1024)
#define STEP_NS      UINT64_C(50000000)
#define PONG_MAX     256
#define NOT_ENOUGH() (errno == EAGAIN || errno == EINTR)

enum state { CONNECTING, HANDSHAKE, WAITING, READY, LOST };

struct subscriber {
	struct watcher watcher; /* first: it is how one is known */
	struct subscribers *all;
	size_t number;
	enum state state;
	char *rest; /* what did not yet make a whole item; owned */
	size_t rest_len;
};

static void
lose(struct subscriber *subscriber, const char *problem)
{
	struct subscribers *all = subscriber->all;

	if (all->problem == NULL)
		all->problem = problem;
	all->ready -= subscriber->state == READY;
	all->lost++;
	subscriber->state = LOST;
	close(subscriber->watcher.fd);
	subscriber->watcher.fd = -1;
	free(subscriber->rest);
	subscriber->rest = NULL;
}

static void
send_bytes(struct subscriber *subscriber, const struct buf *buf)
{
	if (send(subscriber->watcher.fd, buf->data, buf->len, MSG_NOSIGNAL) !=
	    (ssize_t)buf->len)
		lose(subscriber, "a subscriber cannot send");
}

static void
become_ready(struct subscriber *subscriber)
{
	subscriber->state = READY;
	subscriber->all->ready++;
}

static void
request(struct subscriber *subscriber)
{
	const struct subscribers *all = subscriber->all;
	struct buf buf;

	buf_init(&buf, REQUEST_MAX);
	request_get(&buf, all->path, stream_headers(all->kind),
	    &all->seats->items[subscriber->number]);
	subscriber->state = HANDSHAKE;
	send_bytes(subscriber, &buf);
	buf_done(&buf);
}

static void
take_text(struct subscriber *subscriber, struct slice text)
{
	const struct subscribers *all = subscriber->all;

	if (subscriber->state == WAITING &&
	    memmem(text.data, text.len, all->ready_text,
		strlen(all->ready_text)) != NULL)
		become_ready(subscriber);
	deliveries_take(
	    all->deliveries, subscriber->number, text, machine_now_ns());
}

static void
take_item(struct subscriber *subscriber, const struct stream_item *item)
{
	struct buf pong;

	switch (item->what) {
	case STREAM_TEXT:
		take_text(subscriber, item->text);
		break;
	case STREAM_PING:
		buf_init(&pong, PONG_MAX);
		stream_pong(&pong, item->text);
		send_bytes(subscriber, &pong);
		buf_done(&pong);
		break;
	case STREAM_END:
		lose(subscriber, "the server closed a stream");
		break;
	case STREAM_BAD:
		lose(subscriber, "a stream is broken");
		break;
	default:
		break;
	}
}

/* The head of the answer, once it is whole. */
static size_t
take_head(struct subscriber *subscriber, struct slice bytes)
{
	const char *problem;
	size_t used = stream_head(subscriber->all->kind, bytes, &problem);

	if (used == 0)
		return 0;
	if (problem != NULL)
		lose(subscriber, problem);
	else if (subscriber->all->ready_text == NULL)
		become_ready(subscriber);
	else
		subscriber->state = WAITING;
	return used;
}

static size_t
take_bytes(struct subscriber *subscriber, struct slice bytes)
{
	struct stream_item item;
	size_t used = 0, more;

	if (subscriber->state == HANDSHAKE)
		used = take_head(subscriber, bytes);
	while (subscriber->state == WAITING || subscriber->state == READY) {
		struct slice left = { bytes.data + used, bytes.len - used };

		more = stream_next(subscriber->all->kind, left, &item);
		if (more == 0)
			break;
		used += more;
		take_item(subscriber, &item);
	}
	return used;
}

static void
keep_rest(struct subscriber *subscriber, const char *data, size_t len)
{
	if (len == 0) {
		free(subscriber->rest);
		subscriber->rest = NULL;
	} else {
		subscriber->rest = must_realloc(subscriber->rest, len);
		memcpy(subscriber->rest, data, len);
	}
	subscriber->rest_len = len;
}

/* What it means that the server has closed. */
static const char *const endings[] = {
	[HANDSHAKE] = "a connection ended before it was answered",
	[WAITING] = "a stream ended before its first message",
	[READY] = "a stream has ended",
};

static void
read_bytes(struct subscriber *subscriber)
{
	static char input[INPUT_SIZE];
	size_t kept = subscriber->rest_len, used;
	ssize_t got;

	if (kept > 0)
		memcpy(input, subscriber->rest, kept);
	got = recv(subscriber->watcher.fd, input + kept, INPUT_SIZE - kept, 0);
	if (got == -1 && NOT_ENOUGH())
		return;
	if (got <= 0) {
		lose(subscriber,
		    got == -1 ? strerror(errno) : endings[subscriber->state]);
		return;
	}
	subscriber->all->bytes += (uint64_t)got;
	kept += (size_t)got;
	used = take_bytes(subscriber, (struct slice){ input, kept });
	if (subscriber->state != LOST)
		keep_rest(subscriber, input + used, kept - used);
}

static void
on_ready(struct watcher *watcher, uint32_t events)
{
	struct subscriber *subscriber = (struct subscriber *)watcher;
	int problem = 0;
	socklen_t len = sizeof(problem);

	(void)events; /* reading tells an error too */
	if (subscriber->state != CONNECTING) {
		read_bytes(subscriber);
		return;
	}
	getsockopt(watcher->fd, SOL_SOCKET, SO_ERROR, &problem, &len);
	if (problem != 0) {
		lose(subscriber, strerror(problem));
		return;
	}
	poller_change(subscriber->all->poller, watcher, EPOLLIN);
	request(subscriber);
}

static void
start(struct subscribers *all)
{
	struct subscriber *subscriber = &all->items[all->started];
	const int on = 1;

	*subscriber = (struct subscriber){
		.watcher = {
			.fd = socket(AF_INET,
			    SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0),
			.ready = on_ready,
		},
		.all = all,
		.number = all->started++,
	};
	if (subscriber->watcher.fd == -1)
		machine_die("socket: %s", strerror(errno));
	setsockopt(
	    subscriber->watcher.fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	if (connect(subscriber->watcher.fd,
		(const struct sockaddr *)&all->address,
		sizeof(all->address)) != 0 &&
	    errno != EINPROGRESS)
		machine_die("connect: %s", strerror(errno));
	poller_add(all->poller, &subscriber->watcher, EPOLLIN | EPOLLOUT);
}

void
subscribers_connect(struct subscribers *all, uint64_t timeout_ns)
{
	uint64_t until_ns = machine_now_ns() + timeout_ns, now_ns;
	size_t count = all->seats->count;

	all->items = must_calloc(count + 1, sizeof(*all->items));
	while (all->ready < count) {
		while (
		    all->started < count && all->started - all->ready < AT_ONCE)
			start(all);
		now_ns = machine_now_ns();
		poller_wait(all->poller, now_ns + STEP_NS);
		if (all->lost > 0)
			machine_die("%s", all->problem);
		if (now_ns > until_ns)
			machine_die("only %zu of %zu subscribers connected",
			    all->ready, count);
	}
}

void
subscribers_close(struct subscribers *all)
{
	const struct linger reset = { .l_onoff = 1 };

	for (size_t i = 0; i < all->started; i++) {
		struct subscriber *subscriber = &all->items[i];

		if (subscriber->watcher.fd == -1)
			continue;
		setsockopt(subscriber->watcher.fd, SOL_SOCKET, SO_LINGER,
		    &reset, sizeof(reset));
		close(subscriber->watcher.fd);
		free(subscriber->rest);
	}
	free(all->items);
}
