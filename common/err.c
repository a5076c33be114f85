#include "common/err.h"

static const struct {
	const char *code;
	int status;
	const char *title;
} table[ERR__COUNT] = {
	[OK] = { "ok", 200, "OK" },
#define ERR(name, code, status, title) [ERR_##name] = { code, status, title },
#include "common/err.def"
#undef ERR
};

const char *
err_code(enum err err)
{
	return table[err].code;
}

int
err_status(enum err err)
{
	return table[err].status;
}

const char *
err_title(enum err err)
{
	return table[err].title;
}
