#include "notifier/inbox.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/alloc.h"
#include "common/clock.h"
#include "common/doorbell.h"
#include "common/log.h"
#include "notifier/follower.h"
#include "notifier/listen.h"
#include "notifier/loop.h"
#include "notifier/metrics.h"

#define COMPLAIN_MS 10000 /* between two lines about bad datagrams */

struct inbox {
	const char *path; /* of the configuration */
	int fd;
	int stop_fd;
	struct follower *follower;
	struct loops *loops;
	pthread_t thread;
	uint64_t complained_ms;
	uint64_t ids[DOORBELL_CONVERSATIONS_MAX];
	uint8_t datagram[DOORBELL_MAX];
};

enum err
inbox_open(const struct config *config, struct follower *follower,
    struct loops *loops, struct inbox **ret_inbox)
{
	struct inbox *inbox = must_calloc(1, sizeof(*inbox));
	enum err err = listen_datagram(config->inbox, &inbox->fd);

	if (err != OK) {
		free(inbox);
		return err;
	}
	inbox->path = config->inbox;
	inbox->follower = follower;
	inbox->loops = loops;
	inbox->stop_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (inbox->stop_fd == -1)
		log_fatal("no eventfd to be had");
	*ret_inbox = inbox;
	return OK;
}

void
inbox_close(struct inbox *inbox)
{
	if (inbox == NULL)
		return;
	listen_remove(inbox->path);
	close(inbox->fd);
	close(inbox->stop_fd);
	free(inbox);
}

/* Anybody in the socket's group can send one, so it may be anything. */
static void
complain(struct inbox *inbox)
{
	uint64_t now_ms = clock_monotonic_ms();

	metric_add(METRIC_datagrams_bad_total, 1);
	if (inbox->complained_ms != 0 &&
	    now_ms < inbox->complained_ms + COMPLAIN_MS)
		return;
	inbox->complained_ms = now_ms;
	log_warn("a datagram that cannot be understood, dropping it");
}

static void
take(struct inbox *inbox, size_t len)
{
	struct doorbell doorbell;
	const struct ephemeral *ephemeral = &doorbell.ephemeral;

	metric_add(METRIC_datagrams_total, 1);
	if (doorbell_decode(inbox->datagram, len, inbox->ids, &doorbell) !=
	    OK) {
		complain(inbox);
		return;
	}
	if (doorbell.kind == DOORBELL_LOOK) {
		follower_wake(inbox->follower);
		return;
	}
	loops_offer(inbox->loops,
	    parcel_ephemeral(ephemeral->type, ephemeral->actor_id,
		ephemeral->json, ephemeral->conversation_ids,
		ephemeral->conversation_count));
}

static void *
run_thread(void *arg)
{
	struct inbox *inbox = arg;
	struct pollfd fds[] = {
		{ .fd = inbox->fd, .events = POLLIN },
		{ .fd = inbox->stop_fd, .events = POLLIN },
	};

	while (fds[1].revents == 0) {
		ssize_t len = recv(inbox->fd, inbox->datagram,
		    sizeof(inbox->datagram), MSG_DONTWAIT | MSG_TRUNC);

		if (len >= 0 && (size_t)len <= sizeof(inbox->datagram))
			take(inbox, (size_t)len);
		else if (len >= 0)
			complain(inbox);
		else if (errno == EAGAIN || errno == EWOULDBLOCK)
			(void)poll(fds, 2, -1);
		else if (errno != EINTR)
			log_warn("inbox: %s", strerror(errno));
	}
	return NULL;
}

void
inbox_start(struct inbox *inbox)
{
	if (pthread_create(&inbox->thread, NULL, run_thread, inbox) != 0)
		log_fatal("cannot start the inbox");
}

void
inbox_stop(struct inbox *inbox)
{
	uint64_t one = 1;

	if (write(inbox->stop_fd, &one, sizeof(one)) == -1)
		log_warn("inbox: %s", strerror(errno));
	pthread_join(inbox->thread, NULL);
}
