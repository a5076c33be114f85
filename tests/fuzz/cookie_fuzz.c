/* The header Cookie: what is found is a part of it, without ';'. */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>

#include "api/cookie.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct slice header = { (const char *)data, len }, value;

	if (!cookie_get(header, "s", &value))
		return 0;
	assert(value.len > 0 && value.len < len);
	assert(value.data > header.data);
	assert(value.data + value.len <= header.data + len);
	assert(memchr(value.data, ';', value.len) == NULL);
	return 0;
}
