/*
 * Gate: how many connections there are, in all, of a user, from an address.
 *
 * Asked by the http thread before it lets somebody in, told by loops of
 * connections that closed; the one thing that they share, behind a lock that
 * is taken twice in the life of a connection.
 */
#ifndef NOTIFIER_GATE_H
#define NOTIFIER_GATE_H

#include <stddef.h>
#include <stdint.h>

#include "common/config.h"
#include "common/err.h"

struct gate;

struct gate *gate_new(const struct config *config);
void gate_free(struct gate *gate); /* NULL is fine */

/* An address as a number that nobody outside can foresee. */
uint64_t gate_address_key(const struct gate *gate, const char *address);

/* Whether one more from this address could be let in right now.
   ERR_TOO_MANY: no. */
enum err gate_check(struct gate *gate, uint64_t address_key) MUST_CHECK;

/* Count one more.  ERR_TOO_MANY: a bound is reached, nothing was counted. */
enum err gate_enter(
    struct gate *gate, uint64_t user_id, uint64_t address_key) MUST_CHECK;
void gate_leave(struct gate *gate, uint64_t user_id, uint64_t address_key);

#endif /* NOTIFIER_GATE_H */
