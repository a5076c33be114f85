#include "common/doorbell.h"

#include <stdbool.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "tests/lib/test.h"

static const uint64_t some_ids[] = { 3, 1ull << 60 };

static const struct doorbell typing = {
	.kind = DOORBELL_EPHEMERAL,
	.ephemeral = {
		.type = { "typing", 6 },
		.actor_id = 7,
		.json = { "{\"a\":1}", 7 },
		.conversation_ids = some_ids,
		.conversation_count = 2,
	},
};

TEST(an_event_of_the_moment_survives_the_datagram)
{
	uint64_t ids[DOORBELL_CONVERSATIONS_MAX];
	uint8_t datagram[DOORBELL_MAX];
	size_t len = doorbell_encode(&typing, datagram, sizeof(datagram));
	struct doorbell got;

	CHECK(len > 0);
	CHECK(doorbell_decode(datagram, len, ids, &got) == OK);
	CHECK(got.kind == DOORBELL_EPHEMERAL);
	CHECK(slice_is(got.ephemeral.type, "typing"));
	CHECK(slice_is(got.ephemeral.json, "{\"a\":1}"));
	CHECK(got.ephemeral.actor_id == 7);
	CHECK(got.ephemeral.conversation_count == 2);
	CHECK(got.ephemeral.conversation_ids[1] == 1ull << 60);
}

TEST(a_datagram_cut_short_or_too_long_anywhere_is_invalid)
{
	uint64_t ids[DOORBELL_CONVERSATIONS_MAX];
	uint8_t datagram[DOORBELL_MAX];
	size_t len = doorbell_encode(&typing, datagram, sizeof(datagram));
	struct doorbell got;

	for (size_t cut = 0; cut < len; cut++)
		CHECK(doorbell_decode(datagram, cut, ids, &got) == ERR_INVALID);
	CHECK(doorbell_decode(datagram, len + 1, ids, &got) == ERR_INVALID);
}

TEST(another_version_or_kind_is_invalid)
{
	const struct doorbell look = { .kind = DOORBELL_LOOK };
	uint64_t ids[DOORBELL_CONVERSATIONS_MAX];
	uint8_t datagram[8];
	size_t len = doorbell_encode(&look, datagram, sizeof(datagram));
	struct doorbell got;

	CHECK(len == 2);
	CHECK(doorbell_decode(datagram, len, ids, &got) == OK);
	datagram[1] = DOORBELL__LAST + 1;
	CHECK(doorbell_decode(datagram, len, ids, &got) == ERR_INVALID);
	datagram[1] = 0;
	CHECK(doorbell_decode(datagram, len, ids, &got) == ERR_INVALID);
	datagram[1] = DOORBELL_LOOK;
	datagram[0] = DOORBELL_VERSION + 1;
	CHECK(doorbell_decode(datagram, len, ids, &got) == ERR_INVALID);
}

TEST(an_audience_at_its_bound_passes_and_one_more_does_not)
{
	static uint64_t many[DOORBELL_CONVERSATIONS_MAX + 1];
	static uint64_t ids[DOORBELL_CONVERSATIONS_MAX];
	uint8_t datagram[DOORBELL_MAX];
	struct doorbell doorbell = typing, got;
	size_t len;

	doorbell.ephemeral.conversation_ids = many;
	doorbell.ephemeral.conversation_count = DOORBELL_CONVERSATIONS_MAX;
	len = doorbell_encode(&doorbell, datagram, sizeof(datagram));
	CHECK(len > 0);
	CHECK(doorbell_decode(datagram, len, ids, &got) == OK);
	doorbell.ephemeral.conversation_count++;
	len = doorbell_encode(&doorbell, datagram, sizeof(datagram));
	CHECK(len > 0);
	CHECK(doorbell_decode(datagram, len, ids, &got) == ERR_INVALID);
}

/* A socket that is rung, in a folder of its own. */
static int
listen_at(char *ret_folder, struct sockaddr_un *address)
{
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);

	CHECK(mkdtemp(ret_folder) != NULL);
	address->sun_family = AF_UNIX;
	snprintf(address->sun_path, sizeof(address->sun_path), "%s/bell",
	    ret_folder);
	CHECK(
	    bind(fd, (const struct sockaddr *)address, sizeof(*address)) == 0);
	return fd;
}

static size_t
rings(int drop_percent, bool except_it)
{
	char folder[] = "/tmp/tidings-bell.XXXXXX", byte[8], list[300];
	struct sockaddr_un address = { 0 };
	int fd = listen_at(folder, &address);
	struct bell *bell;
	size_t count = 0;

	snprintf(
	    list, sizeof(list), " /nonexistent/bell  %s", address.sun_path);
	bell = bell_new(
	    list, except_it ? address.sun_path : NULL, (unsigned)drop_percent);
	for (int i = 0; i < 10; i++) {
		bell_look(bell);
		count += recv(fd, byte, sizeof(byte), 0) == 2;
	}
	bell_free(bell);
	close(fd);
	unlink(address.sun_path);
	rmdir(folder);
	return count;
}

TEST(every_socket_that_is_there_is_rung)
{
	CHECK(rings(0, false) == 10);
}

TEST(a_notifier_does_not_ring_itself)
{
	CHECK(rings(0, true) == 0);
}

TEST(datagrams_are_dropped_when_a_test_asks_for_it)
{
	CHECK(rings(100, false) == 0);
	CHECK(rings(50, false) == 5);
}

TEST_MAIN()
