/*
 * Inbox: the thread that receives datagrams, and does nothing else.
 *
 * A receiver that also fans out loses most of a burst, because a socket
 * queues ten datagrams.  This one wakes the follower, and turns what is of
 * the moment into parcels for the loops.
 */
#ifndef NOTIFIER_INBOX_H
#define NOTIFIER_INBOX_H

#include "common/config.h"
#include "common/err.h"

struct follower;
struct inbox;
struct loops;

/* Bind the socket named by the setting inbox.  Fails like
   listen_datagram(), notifier/listen.h. */
enum err inbox_open(const struct config *config, struct follower *follower,
    struct loops *loops, struct inbox **ret_inbox) MUST_CHECK;
void inbox_start(struct inbox *inbox);
void inbox_stop(struct inbox *inbox);  /* ends the thread */
void inbox_close(struct inbox *inbox); /* NULL is fine */

#endif /* NOTIFIER_INBOX_H */
