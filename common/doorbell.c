#include "common/doorbell.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "common/alloc.h"
#include "common/log.h"
#include "common/wire.h"

#define SEND_TIMEOUT_US 5000 /* how long a full queue is waited for */

struct bell {
	int fd;
	unsigned drop_percent;
	unsigned dropped_sum; /* spreads the dropped ones evenly */
	size_t count;
	struct sockaddr_un addresses[];
};

size_t
doorbell_encode(const struct doorbell *doorbell, uint8_t *data, size_t size)
{
	const struct ephemeral *ephemeral = &doorbell->ephemeral;
	struct wire_writer w = { .data = data, .size = size };

	wire_put_u8(&w, DOORBELL_VERSION);
	wire_put_u8(&w, (uint8_t)doorbell->kind);
	if (doorbell->kind == DOORBELL_EPHEMERAL) {
		wire_put_slice(&w, ephemeral->type);
		wire_put_u64(&w, ephemeral->actor_id);
		wire_put_slice(&w, ephemeral->json);
		wire_put_u64(&w, ephemeral->conversation_count);
		for (size_t i = 0; i < ephemeral->conversation_count; i++)
			wire_put_u64(&w, ephemeral->conversation_ids[i]);
	}
	return wire_finish(&w);
}

static enum err
get_ephemeral(
    struct wire_reader *r, uint64_t *ids, struct ephemeral *ret_ephemeral)
{
	struct ephemeral ephemeral = { .conversation_ids = ids };
	uint64_t count;

	ephemeral.type = wire_get_slice(r);
	ephemeral.actor_id = wire_get_u64(r);
	ephemeral.json = wire_get_slice(r);
	count = wire_get_u64(r);
	if (r->bad || ephemeral.type.len > DOORBELL_TYPE_MAX ||
	    ephemeral.json.len > DOORBELL_JSON_MAX ||
	    count > DOORBELL_CONVERSATIONS_MAX)
		return ERR_INVALID;
	ephemeral.conversation_count = (size_t)count;
	for (size_t i = 0; i < ephemeral.conversation_count; i++)
		ids[i] = wire_get_u64(r);
	*ret_ephemeral = ephemeral;
	return OK;
}

enum err
doorbell_decode(const uint8_t *data, size_t len, uint64_t *ids,
    struct doorbell *ret_doorbell)
{
	struct wire_reader r = { .pos = data, .end = data + len };
	struct doorbell doorbell = { 0 };
	uint8_t version, kind;

	version = wire_get_u8(&r);
	kind = wire_get_u8(&r);
	if (r.bad || version != DOORBELL_VERSION || kind < DOORBELL_LOOK ||
	    kind > DOORBELL__LAST)
		return ERR_INVALID;
	doorbell.kind = (enum doorbell_kind)kind;
	if (doorbell.kind == DOORBELL_EPHEMERAL &&
	    get_ephemeral(&r, ids, &doorbell.ephemeral) != OK)
		return ERR_INVALID;
	if (!wire_end(&r))
		return ERR_INVALID;
	*ret_doorbell = doorbell;
	return OK;
}

/* Step over the next path in *sockets; empty at the end. */
static struct slice
next_path(const char **sockets)
{
	struct slice path;

	*sockets += strspn(*sockets, " ");
	path.data = *sockets;
	path.len = strcspn(*sockets, " ");
	*sockets += path.len;
	return path;
}

static size_t
count_paths(const char *sockets)
{
	size_t count = 0;

	while (next_path(&sockets).len > 0)
		count++;
	return count;
}

static void
add_address(struct bell *bell, struct slice path)
{
	struct sockaddr_un *address = &bell->addresses[bell->count];

	if (path.len >= sizeof(address->sun_path)) {
		log_error("doorbell: '%.*s' is too long for a socket's path",
		    (int)path.len, path.data);
		return;
	}
	address->sun_family = AF_UNIX;
	memcpy(address->sun_path, path.data, path.len);
	bell->count++;
}

/* Blocking, with a short time-out: a burst waits for the receiver to take
   the queue's few datagrams instead of being lost. */
static int
open_socket(void)
{
	const struct timeval timeout = { .tv_usec = SEND_TIMEOUT_US };
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd == -1 ||
	    setsockopt(
		fd, SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof(timeout)) == -1)
		log_warn("doorbell: %s", strerror(errno));
	return fd;
}

struct bell *
bell_new(const char *sockets, const char *except, unsigned drop_percent)
{
	size_t count = count_paths(sockets);
	struct bell *bell = must_calloc(
	    1, sizeof(*bell) + count * sizeof(bell->addresses[0]));
	struct slice path;

	bell->drop_percent = drop_percent;
	bell->fd = open_socket();
	while ((path = next_path(&sockets)).len > 0)
		if (except == NULL || !slice_is(path, except))
			add_address(bell, path);
	return bell;
}

void
bell_free(struct bell *bell)
{
	if (bell == NULL)
		return;
	if (bell->fd != -1)
		close(bell->fd);
	free(bell);
}

static bool
is_dropped(struct bell *bell)
{
	bell->dropped_sum += bell->drop_percent;
	if (bell->dropped_sum < 100)
		return false;
	bell->dropped_sum -= 100;
	return true;
}

void
bell_ring(struct bell *bell, const struct doorbell *doorbell)
{
	uint8_t datagram[DOORBELL_MAX];
	size_t len = doorbell_encode(doorbell, datagram, sizeof(datagram));

	if (len == 0) {
		log_warn("doorbell: an event of the moment does not fit a "
			 "datagram, dropping");
		return;
	}
	if (is_dropped(bell))
		return;
	for (size_t i = 0; i < bell->count; i++) {
		const struct sockaddr_un *address = &bell->addresses[i];

		if (sendto(bell->fd, datagram, len, MSG_NOSIGNAL,
			(const struct sockaddr *)address,
			sizeof(*address)) == -1)
			log_debug("doorbell: '%s': %s", address->sun_path,
			    strerror(errno));
	}
}

void
bell_look(struct bell *bell)
{
	const struct doorbell look = { .kind = DOORBELL_LOOK };

	bell_ring(bell, &look);
}
