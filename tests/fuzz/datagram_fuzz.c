/* A datagram from anybody in the socket's group: refused, or the same again
   when it is written anew. */
#include "common/doorbell.h"

#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static uint8_t again[DOORBELL_MAX];
	static uint64_t ids[DOORBELL_CONVERSATIONS_MAX];
	struct doorbell doorbell;

	if (doorbell_decode(data, len, ids, &doorbell) != OK)
		return 0;
	assert(len <= sizeof(again));
	assert(doorbell_encode(&doorbell, again, sizeof(again)) == len);
	assert(memcmp(again, data, len) == 0);
	return 0;
}
