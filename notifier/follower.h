/*
 * Follower: the thread that reads the event log.
 *
 * It stamps what is not stamped yet, reads on from its position, encodes
 * each event once and hands it to every loop, in order.  It looks when it is
 * woken, and at least every poll_ms, so a lost datagram costs time and
 * nothing else.  When the database is away it keeps trying.
 */
#ifndef NOTIFIER_FOLLOWER_H
#define NOTIFIER_FOLLOWER_H

#include "common/config.h"

struct follower;
struct loops;

struct follower *follower_new(const struct config *config, struct loops *loops);
void follower_start(struct follower *follower);
void follower_stop(struct follower *follower); /* ends the thread */
void follower_free(struct follower *follower); /* NULL is fine */

/* There may be something in the log; from any thread, never waits. */
void follower_wake(struct follower *follower);

#endif /* NOTIFIER_FOLLOWER_H */
