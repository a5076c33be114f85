/*
 * Origin: where a request came from: the client's address, and the page.
 *
 * What a proxy says about its client (X-Real-IP, X-Forwarded-Proto) is
 * believed only of trusted_proxies.
 */
#ifndef API_ORIGIN_H
#define API_ORIGIN_H

#include "api/request.h"

/* The client's address as text. */
const char *origin_address(const struct request *req);

/* Whether the browser sees this site by https. */
bool origin_is_https(const struct request *req);

/*
 * Whether a request that changes something, with a cookie that the browser
 * added by itself, comes from a page of ours or of allowed_origins.
 * ERR_CROSS_ORIGIN: it does not, or nothing says where it comes from.
 */
enum err origin_check_cookie(const struct request *req) MUST_CHECK;

/*
 * The same without a cookie, as for a log-in: what says nothing is no
 * browser, and may.
 */
enum err origin_check_public(const struct request *req) MUST_CHECK;

#endif /* API_ORIGIN_H */
