#include "tests/bench/poller.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/epoll.h>
#include <time.h>

#include "tests/bench/machine.h"

#define BATCH 256

void
poller_init(struct poller *poller)
{
	poller->fd = epoll_create1(EPOLL_CLOEXEC);
	if (poller->fd == -1)
		machine_die("epoll: %s", strerror(errno));
}

static void
control(struct poller *poller, int operation, struct watcher *watcher,
    uint32_t events)
{
	struct epoll_event event = {
		.events = events,
		.data.ptr = watcher,
	};

	if (epoll_ctl(poller->fd, operation, watcher->fd, &event) != 0)
		machine_die("epoll: %s", strerror(errno));
}

void
poller_add(struct poller *poller, struct watcher *watcher, uint32_t events)
{
	control(poller, EPOLL_CTL_ADD, watcher, events);
}

void
poller_change(struct poller *poller, struct watcher *watcher, uint32_t events)
{
	control(poller, EPOLL_CTL_MOD, watcher, events);
}

void
poller_wait(struct poller *poller, uint64_t until_ns)
{
	uint64_t now_ns = machine_now_ns();
	uint64_t wait_ns = until_ns > now_ns ? until_ns - now_ns : 0;
	struct timespec timeout = {
		.tv_sec = (time_t)(wait_ns / 1000000000),
		.tv_nsec = (long)(wait_ns % 1000000000),
	};
	struct epoll_event events[BATCH];
	int count = epoll_pwait2(poller->fd, events, BATCH, &timeout, NULL);

	if (count == -1 && errno != EINTR)
		machine_die("epoll: %s", strerror(errno));
	for (int i = 0; i < count; i++) {
		struct watcher *watcher = events[i].data.ptr;

		watcher->ready(watcher, events[i].events);
	}
}
