/* Cookie: the header Cookie (RFC 6265, 4.2), as browsers send it. */
#ifndef API_COOKIE_H
#define API_COOKIE_H

#include <stdbool.h>

#include "common/slice.h"

#define COOKIE_SESSION "tidings_session"

/* The first cookie with this name that has a value; borrows from header. */
bool cookie_get(struct slice header, const char *name, struct slice *ret_value);

#endif /* API_COOKIE_H */
