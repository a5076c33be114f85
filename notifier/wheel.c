#include "notifier/wheel.h"

#include <string.h>

void
wheel_init(struct wheel *wheel, uint64_t now_ms)
{
	memset(wheel, 0, sizeof(*wheel));
	wheel->now = now_ms / WHEEL_TICK_MS;
}

static void
link_to(struct timer **head, struct timer *timer)
{
	timer->next = *head;
	timer->link = head;
	if (timer->next != NULL)
		timer->next->link = &timer->next;
	*head = timer;
}

static void
unlink_timer(struct timer *timer)
{
	*timer->link = timer->next;
	if (timer->next != NULL)
		timer->next->link = timer->link;
	timer->link = NULL;
	timer->next = NULL;
}

void
timer_cancel(struct wheel *wheel, struct timer *timer)
{
	if (timer->link == NULL)
		return;
	unlink_timer(timer);
	wheel->count--;
}

/* Rounded up, so that a timer never fires early. */
void
timer_set(struct wheel *wheel, struct timer *timer, uint64_t due_ms)
{
	timer_cancel(wheel, timer);
	timer->due = (due_ms + WHEEL_TICK_MS - 1) / WHEEL_TICK_MS;
	if (timer->due <= wheel->now)
		timer->due = wheel->now + 1;
	link_to(&wheel->slots[timer->due % WHEEL_SLOTS], timer);
	wheel->count++;
}

static void
take_due(struct wheel *wheel, struct timer **slot, struct timer **ret_list)
{
	struct timer *timer = *slot, *next;

	for (; timer != NULL; timer = next) {
		next = timer->next;
		if (timer->due > wheel->now)
			continue;
		timer_cancel(wheel, timer);
		timer->next = *ret_list;
		*ret_list = timer;
	}
}

struct timer *
wheel_advance(struct wheel *wheel, uint64_t now_ms)
{
	uint64_t until = now_ms / WHEEL_TICK_MS;
	struct timer *due = NULL;
	uint64_t first = wheel->now + 1;

	if (until <= wheel->now)
		return NULL;
	/* After a long pause every slot is looked at once. */
	if (until - wheel->now > WHEEL_SLOTS)
		first = until - WHEEL_SLOTS + 1;
	wheel->now = until;
	for (uint64_t tick = first; tick <= until; tick++)
		take_due(wheel, &wheel->slots[tick % WHEEL_SLOTS], &due);
	return due;
}

int
wheel_wait_ms(const struct wheel *wheel, uint64_t now_ms)
{
	uint64_t tick = wheel->now + 1;

	if (wheel->count == 0)
		return -1;
	while (wheel->slots[tick % WHEEL_SLOTS] == NULL)
		tick++;
	tick *= WHEEL_TICK_MS;
	return tick > now_ms ? (int)(tick - now_ms) : 0;
}
