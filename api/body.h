/* Body: the request's body, bounded before it is read. */
#ifndef API_BODY_H
#define API_BODY_H

#include "api/request.h"

/*
 * Read the body, which may have max_bytes, and the JSON in it: req->body and
 * req->json are set when there is one.
 *
 * ERR_TOO_LARGE: it is longer, known before or by one byte.  ERR_BROKEN: its
 * length is no number, or it ends early.  ERR_MEDIA_TYPE: it is
 * no JSON by its type, or it is packed.  ERR_NOT_JSON.
 */
enum err body_read(struct request *req, size_t max_bytes) MUST_CHECK;

#endif /* API_BODY_H */
