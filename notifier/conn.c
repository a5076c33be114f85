#include "notifier/conn.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "common/alloc.h"

#define PIECES_FIRST 16
#define VECTOR_MAX   64

_Static_assert(sizeof(struct conn) <= 248, "an idle connection stays small");

struct conn *
conn_new(int fd)
{
	struct conn *conn = must_calloc(1, sizeof(*conn));

	conn->fd = fd;
	conn->pieces = &conn->one;
	conn->piece_size = 1;
	return conn;
}

/* Back to the one built in, once all is sent. */
static void
reset_pieces(struct conn *conn)
{
	if (conn->pieces != &conn->one)
		free(conn->pieces);
	conn->pieces = &conn->one;
	conn->piece_first = 0;
	conn->piece_count = 0;
	conn->piece_size = 1;
	conn->queued_bytes = 0;
}

void
conn_close(struct conn *conn)
{
	for (size_t i = 0; i < conn->piece_count; i++)
		packet_drop(conn->pieces[conn->piece_first + i].packet);
	reset_pieces(conn);
	free(conn->snapshot);
	conn->snapshot = NULL;
	transports[conn->info.transport]->forget(conn);
	if (conn->fd == -1)
		return;
	/* Somebody else may still hold a copy of the descriptor. */
	shutdown(conn->fd, SHUT_RDWR);
	close(conn->fd);
	conn->fd = -1;
}

void
conn_free(struct conn *conn)
{
	free(conn);
}

static void
make_room(struct conn *conn)
{
	struct piece *pieces = conn->pieces;

	if (conn->piece_first + conn->piece_count < conn->piece_size)
		return;
	if (conn->piece_first > 0) {
		memmove(pieces, pieces + conn->piece_first,
		    conn->piece_count * sizeof(*pieces));
		conn->piece_first = 0;
		return;
	}
	conn->piece_size = conn->piece_size == 1 ? PIECES_FIRST
						 : conn->piece_size * 2;
	if (pieces == &conn->one) {
		conn->pieces = must_calloc(conn->piece_size, sizeof(*pieces));
		conn->pieces[0] = conn->one;
	} else {
		conn->pieces = must_realloc(
		    pieces, conn->piece_size * sizeof(*pieces));
	}
}

void
conn_push(struct conn *conn, struct packet *packet, uint32_t from, uint32_t to)
{
	make_room(conn);
	packet->refs++;
	conn->pieces[conn->piece_first + conn->piece_count++] =
	    (struct piece){ packet, from, to };
	conn->queued_bytes += to - from;
}

void
conn_cut(struct conn *conn)
{
	while (conn->piece_count > 1) {
		const struct piece *last =
		    &conn->pieces[conn->piece_first + --conn->piece_count];

		conn->queued_bytes -= last->to - last->from;
		packet_drop(last->packet);
	}
}

/* The first sent bytes of what waits are gone. */
static void
take_off(struct conn *conn, size_t sent)
{
	conn->queued_bytes -= (uint32_t)sent;
	while (sent > 0) {
		struct piece *piece = &conn->pieces[conn->piece_first];
		size_t len = piece->to - piece->from;

		if (sent < len) {
			piece->from += (uint32_t)sent;
			return;
		}
		sent -= len;
		packet_drop(piece->packet);
		conn->piece_first++;
		conn->piece_count--;
	}
}

static ssize_t
send_pieces(const struct conn *conn, size_t *ret_wanted)
{
	const struct piece *pieces = conn->pieces + conn->piece_first;
	struct iovec vector[VECTOR_MAX];
	struct msghdr message = { .msg_iov = vector };
	size_t count = conn->piece_count;

	if (count == 1) {
		*ret_wanted = pieces->to - pieces->from;
		return send(conn->fd,
		    pieces->packet->frame->bytes + pieces->from, *ret_wanted,
		    MSG_NOSIGNAL | MSG_DONTWAIT);
	}
	*ret_wanted = 0;
	if (count > VECTOR_MAX)
		count = VECTOR_MAX;
	for (size_t i = 0; i < count; i++) {
		vector[i].iov_base = pieces[i].packet->frame->bytes +
		    pieces[i].from;
		vector[i].iov_len = pieces[i].to - pieces[i].from;
		*ret_wanted += vector[i].iov_len;
	}
	message.msg_iovlen = count;
	return sendmsg(conn->fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
}

enum flushed
conn_flush(struct conn *conn)
{
	while (conn->piece_count > 0) {
		size_t wanted;
		ssize_t sent = send_pieces(conn, &wanted);

		if (sent == -1 && errno == EINTR)
			continue;
		if (sent == -1)
			return errno == EAGAIN || errno == EWOULDBLOCK
			    ? FLUSHED_SOME
			    : FLUSHED_DEAD;
		take_off(conn, (size_t)sent);
		if ((size_t)sent < wanted)
			return FLUSHED_SOME;
	}
	reset_pieces(conn);
	return FLUSHED_ALL;
}
