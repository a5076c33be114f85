#include "tests/bench/publishers.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/alloc.h"
#include "tests/bench/machine.h"

#define ANSWER_MAX   65536
#define STEP_NS      UINT64_C(20000000)
#define SECOND_NS    1e9
#define LATE_NS      UINT64_C(1000000)
#define FIRST_FAILED 400

struct publisher {
	struct watcher watcher; /* first: it is how one is known */
	struct publishers *all;
	bool busy;
	size_t post;      /* its number, while busy */
	uint64_t sent_ns; /* while busy */
	struct buf answer;
};

static void on_ready(struct watcher *watcher, uint32_t events);

/* Blocking: the next post waits for it in any case. */
static void
connect_one(struct publisher *publisher)
{
	const struct publishers *all = publisher->all;
	const int on = 1;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd == -1 ||
	    connect(fd, (const struct sockaddr *)&all->address,
		sizeof(all->address)) != 0)
		machine_die("connect: %s", strerror(errno));
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	publisher->watcher = (struct watcher){ .fd = fd, .ready = on_ready };
	poller_add(all->poller, &publisher->watcher, EPOLLIN);
	buf_clear(&publisher->answer);
}

static void
finish(struct publisher *publisher, int status)
{
	struct publishers *all = publisher->all;

	publisher->busy = false;
	all->answered++;
	histogram_add(&all->latency, machine_now_ns() - publisher->sent_ns);
	if (status < FIRST_FAILED)
		return;
	all->failed++;
	if (all->status == 0)
		all->status = status;
	deliveries_refused(all->deliveries, publisher->post);
}

/* The server may end a connection that was not in use; a post is never
   sent again, since nobody knows what became of it. */
static void
on_end(struct publisher *publisher)
{
	if (publisher->busy)
		machine_die("a connection ended before its answer");
	close(publisher->watcher.fd);
	connect_one(publisher);
}

static void
on_ready(struct watcher *watcher, uint32_t events)
{
	struct publisher *publisher = (struct publisher *)watcher;
	struct buf *answer = &publisher->answer;
	char bytes[ANSWER_MAX];
	ssize_t got = recv(watcher->fd, bytes, sizeof(bytes), MSG_DONTWAIT);
	int status;
	bool close_after;

	(void)events; /* reading tells an error too */
	if (got == -1 && (errno == EAGAIN || errno == EINTR))
		return;
	if (got <= 0) {
		on_end(publisher);
		return;
	}
	buf_raw(answer, bytes, (size_t)got);
	if (answer_length((struct slice){ answer->data, answer->len }, &status,
		&close_after) == 0)
		return;
	buf_clear(answer);
	finish(publisher, status);
	if (close_after)
		on_end(publisher);
}

void
publishers_connect(struct publishers *all)
{
	all->items = must_calloc(all->count, sizeof(*all->items));
	for (size_t i = 0; i < all->count; i++) {
		all->items[i].all = all;
		buf_init(&all->items[i].answer, ANSWER_MAX);
		connect_one(&all->items[i]);
	}
}

static void
post(struct publisher *publisher, uint64_t sent_ns)
{
	struct publishers *all = publisher->all;
	size_t number = all->deliveries->posted;
	const struct seat *seat =
	    &all->seats->items[number % all->seats->count];
	struct buf text, request;

	buf_init(&text, REQUEST_MAX);
	buf_init(&request, REQUEST_MAX);
	deliveries_post(
	    all->deliveries, seat->conversation_id, sent_ns, all->size, &text);
	request_post(&request, all->path, all->body,
	    (struct slice){ text.data, text.len }, seat);
	publisher->busy = true;
	publisher->post = number;
	publisher->sent_ns = sent_ns;
	if (!buf_ok(&request) ||
	    send(publisher->watcher.fd, request.data, request.len,
		MSG_NOSIGNAL) != (ssize_t)request.len)
		machine_die("a publisher cannot send");
	buf_done(&text);
	buf_done(&request);
}

void
publishers_start(struct publishers *all)
{
	all->started_ns = machine_now_ns();
}

/* When the next post is to be made. */
static uint64_t
due_ns(const struct publishers *all)
{
	const struct deliveries *deliveries = all->deliveries;

	if (deliveries->posted >= all->posts || all->ended_ns != 0)
		return UINT64_MAX;
	if (all->gate && deliveries->complete < deliveries->posted)
		return UINT64_MAX;
	if (all->rate <= 0)
		return 0;
	return all->started_ns +
	    (uint64_t)((double)deliveries->posted * SECOND_NS / all->rate);
}

uint64_t
publishers_advance(struct publishers *all)
{
	uint64_t now_ns = machine_now_ns(), due = due_ns(all);

	for (size_t i = 0; i < all->count && due <= now_ns; i++) {
		/* Our own lateness is not the server's. */
		bool is_late = due > 0 && now_ns - due > LATE_NS;

		if (all->items[i].busy)
			continue;
		post(&all->items[i], is_late ? due : machine_now_ns());
		due = due_ns(all);
	}
	return due > now_ns && due < now_ns + STEP_NS ? due : now_ns + STEP_NS;
}

void
publishers_end(struct publishers *all)
{
	all->ended_ns = machine_now_ns();
}

bool
publishers_idle(const struct publishers *all)
{
	return all->answered == all->deliveries->posted;
}
