/*
 * Gateway: CGI and FastCGI in, requests out.
 *
 * The only file that knows how bytes arrive.  Started with a FastCGI socket
 * as its standard input it serves requests until it is told to stop; started
 * in any other way it is a plain CGI program and serves one.  Handlers cannot
 * tell the difference.
 */
#ifndef API_GATEWAY_H
#define API_GATEWAY_H

#include "api/request.h"
#include "api/response.h"

/*
 * Read a request, let serve() answer it, write the answer; repeat, until
 * SIGTERM or SIGUSR1 (the request being served is finished), until most
 * requests have been served, or until is_outdated() says so, which is asked
 * between requests and about once a second.
 *
 * base is what every request borrows.
 */
void gateway_run(const struct request *base, unsigned long most,
    bool (*is_outdated)(void),
    void (*serve)(struct request *req, struct response *res));

#endif /* API_GATEWAY_H */
