/*
 * Sha1: the digest that RFC 6455 asks for in its handshake, and for nothing
 * else: it has been broken, and there it protects nothing.
 */
#ifndef NOTIFIER_SHA1_H
#define NOTIFIER_SHA1_H

#include <stdint.h>

#include "common/slice.h"

#define SHA1_BYTES     20
#define SHA1_INPUT_MAX 119 /* bytes: two blocks with their padding */

/* The digest of a text of at most SHA1_INPUT_MAX bytes. */
void sha1(struct slice text, uint8_t ret_digest[SHA1_BYTES]);

#endif /* NOTIFIER_SHA1_H */
