/*
 * Loop: a thread that owns connections and sends what they are to hear.
 *
 * There is one loop per core.  All connections of a user are in one loop, so
 * what is true of the user is known there without asking.  A loop never
 * waits for anything but its epoll: no database, no files, no locks but
 * those of doors.
 *
 * This is what other threads may call; notifier/loop_state.h is for the
 * files that run on the loop's own thread.
 */
#ifndef NOTIFIER_LOOP_H
#define NOTIFIER_LOOP_H

#include <stddef.h>
#include <stdint.h>

#include "common/config.h"
#include "notifier/door.h"
#include "notifier/gate.h"
#include "notifier/parcel.h"
#include "notifier/presence.h"

struct loops;
struct store;

/* Borrows everything. */
struct loops *loops_new(
    const struct config *config, struct gate *gate, struct presence *presence);

/* The threads begin; they ask store. */
void loops_start(struct loops *loops, struct store *store);

/* Say goodbye to everybody, wait for that for a moment, end the threads.
   Nobody may put anything through a door any longer. */
void loops_stop(struct loops *loops);
void loops_free(struct loops *loops); /* stopped before; NULL is fine */

size_t loops_count(const struct loops *loops);

/* Door number i, and the door of the loop that has a user's connections. */
struct door *loops_door(const struct loops *loops, size_t i);
struct door *loops_door_of(const struct loops *loops, uint64_t user_id);

/* Whether parcel, which is in the log, concerns anybody in loop number i. */
bool loops_concerns(
    const struct loops *loops, size_t i, const struct parcel *parcel);

/* Hand what is of the moment to every loop that has room for it.  Takes the
   caller's reference. */
void loops_offer(const struct loops *loops, struct parcel *parcel);

#endif /* NOTIFIER_LOOP_H */
