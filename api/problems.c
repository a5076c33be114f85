#include "api/problems.h"

#include <string.h>

static const struct {
	const char *name;
	const char *detail;
} table[PROBLEM__COUNT] = {
#define PROBLEM(name, code, detail) [PROBLEM_##name] = { code, detail },
#include "api/problems.def"
#undef PROBLEM
};

const char *
problem_name(enum problem_code code)
{
	return table[code].name;
}

enum problem_code
problem_named(const char *name)
{
	for (size_t i = 0; i < PROBLEM__COUNT; i++)
		if (strcmp(table[i].name, name) == 0)
			return (enum problem_code)i;
	return PROBLEM_INVALID;
}

void
problem_add(struct problems *problems, const char *field,
    enum problem_code code, const char *detail)
{
	if (problems->count == PROBLEMS_MAX)
		return;
	problems->items[problems->count++] = (struct problem){
		.code = code,
		.field = field,
		.detail = detail == NULL ? table[code].detail : detail,
	};
}

enum err
problems_result(const struct problems *problems)
{
	return problems->count == 0 ? OK : ERR_INVALID;
}
