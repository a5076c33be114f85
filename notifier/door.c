#include "notifier/door.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "common/alloc.h"
#include "common/log.h"

#define QUIET_MAX 256 /* notes that may wait without a wake-up */

struct door {
	pthread_mutex_t lock;
	pthread_cond_t room;
	struct note_list waiting;
	size_t max;
	bool is_woken;         /* since notes were taken */
	atomic_bool has_notes; /* a glance without the lock */
	int fd;
};

void
note_list_init(struct note_list *list)
{
	*list = (struct note_list){ .last = &list->first };
}

void
note_list_add(struct note_list *list, struct note *note)
{
	note->next = NULL;
	*list->last = note;
	list->last = &note->next;
	list->count++;
}

struct door *
door_new(size_t max)
{
	struct door *door = must_calloc(1, sizeof(*door));

	pthread_mutex_init(&door->lock, NULL);
	pthread_cond_init(&door->room, NULL);
	note_list_init(&door->waiting);
	door->max = max;
	door->fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (door->fd == -1)
		log_fatal("no eventfd to be had");
	return door;
}

void
door_free(struct door *door)
{
	if (door == NULL)
		return;
	close(door->fd);
	pthread_cond_destroy(&door->room);
	pthread_mutex_destroy(&door->lock);
	free(door);
}

int
door_fd(const struct door *door)
{
	return door->fd;
}

/* With the lock held. */
static void
wake(struct door *door)
{
	uint64_t one = 1;

	if (door->is_woken)
		return;
	door->is_woken = true;
	/* Fails only when the counter is full: then it is readable anyway. */
	if (write(door->fd, &one, sizeof(one)) == -1)
		return;
}

/* With the lock held: there is something in it. */
static void
mark(struct door *door)
{
	atomic_store(&door->has_notes, true);
}

void
door_put(struct door *door, struct note *note)
{
	pthread_mutex_lock(&door->lock);
	note_list_add(&door->waiting, note);
	mark(door);
	wake(door);
	pthread_mutex_unlock(&door->lock);
}

bool
door_offer(struct door *door, struct note *note)
{
	bool has_room;

	pthread_mutex_lock(&door->lock);
	has_room = door->waiting.count < door->max;
	if (has_room) {
		note_list_add(&door->waiting, note);
		mark(door);
		wake(door);
	}
	pthread_mutex_unlock(&door->lock);
	return has_room;
}

void
door_put_list(struct door *door, struct note_list *list, bool is_quiet)
{
	if (list->count == 0)
		return;
	pthread_mutex_lock(&door->lock);
	while (door->waiting.count >= door->max)
		pthread_cond_wait(&door->room, &door->lock);
	*door->waiting.last = list->first;
	door->waiting.last = list->last;
	door->waiting.count += list->count;
	mark(door);
	if (!is_quiet || door->waiting.count >= QUIET_MAX)
		wake(door);
	pthread_mutex_unlock(&door->lock);
	note_list_init(list);
}

void
door_wake(struct door *door)
{
	pthread_mutex_lock(&door->lock);
	wake(door);
	pthread_mutex_unlock(&door->lock);
}

bool
door_has_notes(const struct door *door)
{
	return atomic_load(&door->has_notes);
}

struct note *
door_take(struct door *door)
{
	struct note *first;
	uint64_t wakes;

	if (!door_has_notes(door))
		return NULL;
	pthread_mutex_lock(&door->lock);
	first = door->waiting.first;
	note_list_init(&door->waiting);
	atomic_store_explicit(&door->has_notes, false, memory_order_relaxed);
	/* Emptied under the lock, so that no wake-up of a later note is lost.
	 */
	if (read(door->fd, &wakes, sizeof(wakes)) == -1)
		wakes = 0;
	door->is_woken = false;
	pthread_cond_broadcast(&door->room);
	pthread_mutex_unlock(&door->lock);
	return first;
}
