/*
 * Poller: the one loop in which everything here waits for its sockets.
 */
#ifndef TESTS_BENCH_POLLER_H
#define TESTS_BENCH_POLLER_H

#include <stdint.h>

/* A socket, and who is told when something happens to it. */
struct watcher {
	int fd;
	void (*ready)(struct watcher *watcher, uint32_t events);
};

struct poller {
	int fd;
};

void poller_init(struct poller *poller);

/* Events are those of epoll(7).  A socket leaves by being closed, which no
   other watcher of the same pass may do for it. */
void poller_add(
    struct poller *poller, struct watcher *watcher, uint32_t events);
void poller_change(
    struct poller *poller, struct watcher *watcher, uint32_t events);

/* Wait until something happens, at most until then, and tell. */
void poller_wait(struct poller *poller, uint64_t until_ns);

#endif /* TESTS_BENCH_POLLER_H */
