/*
 * One vocabulary of failure for the whole project.
 *
 * A function that can fail returns enum err, OK is zero, and results go out
 * through pointers named ret_*, which are written only on success.
 * common/err.def is the list; api/response.c turns one into an HTTP answer,
 * notifier/ws.c into an error frame.
 */
#ifndef COMMON_ERR_H
#define COMMON_ERR_H

#define MUST_CHECK __attribute__((warn_unused_result))

enum err {
	OK = 0,
#define ERR(name, code, status, title) ERR_##name,
#include "common/err.def"
#undef ERR
	ERR__COUNT
};

/* The stable, lower-case name of err: used in logs and in answers. */
const char *err_code(enum err err);

/* The HTTP status that answers err; 200 for OK. */
int err_status(enum err err);

/* One short sentence for a person, without a full stop. */
const char *err_title(enum err err);

#endif /* COMMON_ERR_H */
