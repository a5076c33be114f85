/*
 * Problems: what is wrong with the fields and parameters of one request.
 *
 * Checks add to the list and carry on, so that a person hears of everything
 * at once; whoever checked last returns problems_result().
 */
#ifndef API_PROBLEMS_H
#define API_PROBLEMS_H

#include <stddef.h>

#include "common/err.h"

#define PROBLEMS_MAX 20 /* told of one request; more are left out */

enum problem_code {
#define PROBLEM(name, code, detail) PROBLEM_##name,
#include "api/problems.def"
#undef PROBLEM
	PROBLEM__COUNT
};

/* Texts are borrowed for the length of the request. */
struct problem {
	enum problem_code code;
	const char *field; /* "topic.title" */
	const char *detail;
};

struct problems {
	struct problem items[PROBLEMS_MAX];
	size_t count;
};

/* The stable name of code. */
const char *problem_name(enum problem_code code);

/* The code with this name, which db/ gave; PROBLEM_INVALID if there is none. */
enum problem_code problem_named(const char *name);

/* Note a problem; detail NULL: the usual one of code. */
void problem_add(struct problems *problems, const char *field,
    enum problem_code code, const char *detail);

/* The same, as the one thing that ends a request: ERR_INVALID. */
static inline MUST_CHECK enum err
problem_refuse(
    struct problems *problems, const char *field, enum problem_code code)
{
	problem_add(problems, field, code, NULL);
	return ERR_INVALID;
}

/* OK when there is none, else ERR_INVALID. */
enum err problems_result(const struct problems *problems) MUST_CHECK;

#endif /* API_PROBLEMS_H */
