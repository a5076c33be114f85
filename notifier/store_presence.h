/*
 * Store_presence: the thread that tells the database who is here.
 *
 * It says that this notifier lives, tells comings and goings from presence,
 * buries notifiers that have died, lets those who share a conversation hear
 * of all that, and keeps the log short once a minute.
 */
#ifndef NOTIFIER_STORE_PRESENCE_H
#define NOTIFIER_STORE_PRESENCE_H

#include "common/config.h"
#include "notifier/presence.h"

struct follower;
struct loops;
struct warden;

struct warden *warden_start(const struct config *config,
    struct presence *presence, struct follower *follower, struct loops *loops);

/* Say that this notifier goes, end the thread, release it. */
void warden_stop(struct warden *warden);

#endif /* NOTIFIER_STORE_PRESENCE_H */
