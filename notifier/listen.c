#include "notifier/listen.h"

#include <errno.h>
#include <netdb.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define UNIX    "unix:"
#define BACKLOG 4096 /* cut by the kernel to its own most */

static const char *
path_of(const char *address)
{
	size_t len = strlen(UNIX);

	if (strncmp(address, UNIX, len) == 0)
		return address + len;
	return address[0] == '/' ? address : NULL;
}

static bool
is_alive(const struct sockaddr_un *address, int type)
{
	int fd = socket(AF_UNIX, type | SOCK_CLOEXEC, 0);
	bool answers;

	if (fd == -1)
		return false;
	answers = connect(fd, (const struct sockaddr *)address,
		      sizeof(*address)) == 0;
	close(fd);
	return answers;
}

static enum err
bind_unix(const char *path, int type, int *ret_fd)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	enum err err = ERR_INTERNAL;
	int fd;

	if ((size_t)snprintf(address.sun_path, sizeof(address.sun_path), "%s",
		path) >= sizeof(address.sun_path))
		return ERR_INVALID;
	fd = socket(AF_UNIX, type | SOCK_CLOEXEC, 0);
	if (fd == -1)
		return ERR_INTERNAL;
	if (is_alive(&address, type & ~SOCK_NONBLOCK)) {
		err = ERR_CONFLICT;
		goto fail;
	}
	if (unlink(path) == -1 && errno != ENOENT)
		goto fail;
	if (bind(fd, (const struct sockaddr *)&address, sizeof(address)) == -1)
		goto fail;
	if (chmod(path, 0660) == -1)
		goto fail_bound;
	*ret_fd = fd;
	return OK;

fail_bound:
	(void)unlink(path);
fail:
	close(fd);
	return err;
}

/* Split "host:port" into the size bytes at host, and return the port. */
static const char *
split(const char *address, char *host, size_t size)
{
	const char *colon = strrchr(address, ':');
	size_t len;

	if (colon == NULL || colon[1] == '\0')
		return NULL;
	len = (size_t)(colon - address);
	if (len >= 2 && address[0] == '[' && address[len - 1] == ']') {
		address++;
		len -= 2;
	}
	if (len == 0 || len >= size)
		return NULL;
	memcpy(host, address, len);
	host[len] = '\0';
	return colon + 1;
}

static enum err
bind_inet(const char *text, int *ret_fd)
{
	const struct addrinfo hints = {
		.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE,
		.ai_socktype = SOCK_STREAM,
	};
	struct addrinfo *address;
	char host[64];
	const char *port = split(text, host, sizeof(host));
	enum err err = OK;
	int fd, one = 1;

	if (port == NULL || getaddrinfo(host, port, &hints, &address) != 0)
		return ERR_INVALID;
	fd = socket(
	    address->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd == -1) {
		err = ERR_INTERNAL;
	} else if (setsockopt(
		       fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) == -1 ||
	    bind(fd, address->ai_addr, address->ai_addrlen) == -1) {
		err = errno == EADDRINUSE ? ERR_CONFLICT : ERR_INTERNAL;
		close(fd);
	}
	freeaddrinfo(address);
	if (err == OK)
		*ret_fd = fd;
	return err;
}

enum err
listen_stream(const char *address, int *ret_fd)
{
	const char *path = path_of(address);
	enum err err;
	int fd;

	if (path != NULL)
		err = bind_unix(path, SOCK_STREAM | SOCK_NONBLOCK, &fd);
	else
		err = bind_inet(address, &fd);
	if (err != OK)
		return err;
	if (listen(fd, BACKLOG) == -1) {
		close(fd);
		return errno == EADDRINUSE ? ERR_CONFLICT : ERR_INTERNAL;
	}
	*ret_fd = fd;
	return OK;
}

enum err
listen_datagram(const char *path, int *ret_fd)
{
	return bind_unix(path, SOCK_DGRAM, ret_fd);
}

void
listen_remove(const char *address)
{
	const char *path = path_of(address);

	if (path != NULL)
		(void)unlink(path);
}
