#include "tests/bench/seats.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "common/alloc.h"
#include "tests/bench/machine.h"

struct seats
seats_read(const char *path, size_t max)
{
	FILE *file = fopen(path, "re");
	struct seats seats = { 0 };
	unsigned long id;
	char token[SEAT_TOKEN_SIZE];

	if (file == NULL)
		machine_die("%s: %s", path, strerror(errno));
	while (seats.count < max && fscanf(file, "%lu %63s", &id, token) == 2) {
		struct seat *seat;

		seats.items = must_realloc(
		    seats.items, (seats.count + 1) * sizeof(*seats.items));
		seat = &seats.items[seats.count++];
		seat->conversation_id = id;
		memcpy(seat->token, token, sizeof(token));
	}
	fclose(file);
	if (seats.count == 0)
		machine_die("%s: nobody", path);
	return seats;
}
