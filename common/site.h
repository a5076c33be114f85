/*
 * Site: where requests come from: the addresses and the pages.
 *
 * Functions on texts, the same for the api and for the notifier.
 */
#ifndef COMMON_SITE_H
#define COMMON_SITE_H

#include <stdbool.h>

#include "common/slice.h"

/* Whether text is one of the words of a space-separated list. */
bool site_is_listed(const char *list, const char *text);

/* Whether text is an address, of IPv4 or IPv6. */
bool site_is_address(const char *text);

/*
 * Whether an Origin is https or http and authority ("example.org:8443"),
 * the usual port written or not.
 */
bool site_is_origin(const char *origin, bool is_https, struct slice authority);

/* The authority of a url, borrowed from it; empty: it has none. */
struct slice site_authority(const char *url);

#endif /* COMMON_SITE_H */
