/*
 * Listen: the sockets on which others reach us.
 *
 * An address is a setting: "unix:/path" or "127.0.0.1:port" ("[::1]:port").
 * Sockets in the file system are for their owner and group alone; a stale
 * one is replaced, one that somebody still answers is not.
 */
#ifndef NOTIFIER_LISTEN_H
#define NOTIFIER_LISTEN_H

#include "common/err.h"

/*
 * A non-blocking listening socket.  ERR_INVALID: the address cannot be
 * read.  ERR_CONFLICT: it is in use.  ERR_INTERNAL: the system says no;
 * errno tells why.
 */
enum err listen_stream(const char *address, int *ret_fd) MUST_CHECK;

/* A blocking datagram socket at path; fails like listen_stream(). */
enum err listen_datagram(const char *path, int *ret_fd) MUST_CHECK;

/* Remove a socket's file, if address or path has one. */
void listen_remove(const char *address);

#endif /* NOTIFIER_LISTEN_H */
