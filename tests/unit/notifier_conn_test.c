#include "notifier/conn.h"

#include <fcntl.h>
#include <sys/socket.h>

#include "tests/lib/test.h"

static struct packet *
packet_of(const char *text, size_t len)
{
	struct packet *packet;
	struct buf buf;

	buf_init(&buf, len + 1);
	buf_raw(&buf, text, len);
	packet = packet_new(frame_new(&buf));
	buf_done(&buf);
	return packet;
}

static void
push_text(struct conn *conn, const char *text)
{
	struct packet *packet = packet_of(text, strlen(text));

	conn_push(conn, packet, 0, packet->frame->len);
	packet_drop(packet);
}

static struct conn *
connected(int *ret_peer)
{
	int fds[2];

	CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, fds) == 0);
	*ret_peer = fds[1];
	return conn_new(fds[0]);
}

static void
done(struct conn *conn, int peer)
{
	conn_close(conn);
	conn_free(conn);
	close(peer);
}

TEST(everything_that_waits_leaves_in_order)
{
	char got[64] = "";
	int peer;
	struct conn *conn = connected(&peer);

	for (char c = 'a'; c <= 'z'; c++)
		push_text(conn, (char[]){ c, '\0' });
	CHECK(conn->piece_count == 26);
	CHECK(conn->queued_bytes == 26);
	CHECK(conn_flush(conn) == FLUSHED_ALL);
	CHECK(conn->queued_bytes == 0);
	CHECK(conn->pieces == &conn->one);
	CHECK(read(peer, got, sizeof(got) - 1) == 26);
	CHECK_STR(got, "abcdefghijklmnopqrstuvwxyz");
	done(conn, peer);
}

TEST(a_part_of_a_packet_can_be_sent_alone)
{
	struct packet *packet = packet_of("onetwothree", 11);
	char got[64] = "";
	int peer;
	struct conn *conn = connected(&peer);

	conn_push(conn, packet, 3, 6);
	CHECK(packet->refs == 2);
	CHECK(conn_flush(conn) == FLUSHED_ALL);
	CHECK(packet->refs == 1);
	packet_drop(packet);
	CHECK(read(peer, got, sizeof(got) - 1) == 3);
	CHECK_STR(got, "two");
	done(conn, peer);
}

TEST(what_a_full_socket_does_not_take_is_sent_later_without_a_gap)
{
	enum { COUNT = 200, LEN = 10000 };
	static char text[LEN], got[COUNT * LEN];
	int peer;
	struct conn *conn = connected(&peer);
	size_t received = 0;

	for (size_t i = 0; i < COUNT; i++) {
		struct packet *packet;

		memset(text, (int)('A' + i % 26), LEN);
		packet = packet_of(text, LEN);
		conn_push(conn, packet, 0, LEN);
		packet_drop(packet);
	}
	CHECK(conn_flush(conn) == FLUSHED_SOME);
	while (received < sizeof(got)) {
		ssize_t len = read(
		    peer, got + received, sizeof(got) - received);

		CHECK(len > 0);
		received += (size_t)len;
		CHECK(conn_flush(conn) != FLUSHED_DEAD);
	}
	for (size_t i = 0; i < sizeof(got); i++)
		CHECK(got[i] == (char)('A' + i / LEN % 26));
	CHECK(conn->piece_count == 0);
	done(conn, peer);
}

TEST(cutting_leaves_what_has_begun)
{
	int peer;
	struct conn *conn = connected(&peer);

	push_text(conn, "first");
	push_text(conn, "second");
	push_text(conn, "third");
	conn_cut(conn);
	CHECK(conn->piece_count == 1);
	CHECK(conn->queued_bytes == 5);
	done(conn, peer);
}

TEST(a_peer_that_is_gone_is_noticed)
{
	int peer;
	struct conn *conn = connected(&peer);

	close(peer);
	push_text(conn, "anybody?");
	CHECK(conn_flush(conn) == FLUSHED_DEAD);
	conn_close(conn);
	conn_free(conn);
}

TEST(closing_releases_what_waits)
{
	struct packet *packet = packet_of("x", 1);
	int peer;
	struct conn *conn = connected(&peer);

	for (size_t i = 0; i < 100; i++)
		conn_push(conn, packet, 0, 1);
	CHECK(packet->refs == 101);
	conn_close(conn);
	CHECK(packet->refs == 1);
	packet_drop(packet);
	conn_free(conn);
	close(peer);
}

TEST_MAIN()
