#include "common/clock.h"

#include <stdio.h>
#include <time.h>

#define LAST_MS 253402300799999ull /* 9999-12-31T23:59:59.999Z */

static uint64_t
read_ms(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

uint64_t
clock_now_ms(void)
{
	return read_ms(CLOCK_REALTIME);
}

uint64_t
clock_monotonic_ms(void)
{
	return read_ms(CLOCK_MONOTONIC);
}

void
clock_text(uint64_t time_ms, char ret_text[CLOCK_TEXT_SIZE])
{
	time_t seconds;
	struct tm utc;
	char date[CLOCK_TEXT_SIZE];

	if (time_ms > LAST_MS)
		time_ms = LAST_MS;
	seconds = (time_t)(time_ms / 1000);
	gmtime_r(&seconds, &utc);
	strftime(date, sizeof(date), "%Y-%m-%dT%H:%M:%S", &utc);
	snprintf(ret_text, CLOCK_TEXT_SIZE, "%.19s.%03uZ", date,
	    (unsigned)(time_ms % 1000));
}
