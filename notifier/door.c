#include "notifier/door.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "common/alloc.h"
#include "common/log.h"

struct door {
	pthread_mutex_t lock;
	pthread_cond_t room;
	struct note_list waiting;
	size_t max;
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
wake(struct door *door, bool was_empty)
{
	uint64_t one = 1;

	if (!was_empty)
		return;
	atomic_store_explicit(&door->has_notes, true, memory_order_release);
	/* Fails only when the counter is full: then it is readable anyway. */
	if (write(door->fd, &one, sizeof(one)) == -1)
		return;
}

void
door_put(struct door *door, struct note *note)
{
	bool was_empty;

	pthread_mutex_lock(&door->lock);
	was_empty = door->waiting.count == 0;
	note_list_add(&door->waiting, note);
	wake(door, was_empty);
	pthread_mutex_unlock(&door->lock);
}

bool
door_offer(struct door *door, struct note *note)
{
	bool has_room, was_empty;

	pthread_mutex_lock(&door->lock);
	has_room = door->waiting.count < door->max;
	was_empty = door->waiting.count == 0;
	if (has_room) {
		note_list_add(&door->waiting, note);
		wake(door, was_empty);
	}
	pthread_mutex_unlock(&door->lock);
	return has_room;
}

void
door_put_list(struct door *door, struct note_list *list)
{
	bool was_empty;

	if (list->count == 0)
		return;
	pthread_mutex_lock(&door->lock);
	while (door->waiting.count >= door->max)
		pthread_cond_wait(&door->room, &door->lock);
	was_empty = door->waiting.count == 0;
	*door->waiting.last = list->first;
	door->waiting.last = list->last;
	door->waiting.count += list->count;
	wake(door, was_empty);
	pthread_mutex_unlock(&door->lock);
	note_list_init(list);
}

struct note *
door_take(struct door *door)
{
	struct note *first;
	uint64_t wakes;

	if (!atomic_load_explicit(&door->has_notes, memory_order_acquire))
		return NULL;
	pthread_mutex_lock(&door->lock);
	first = door->waiting.first;
	note_list_init(&door->waiting);
	atomic_store_explicit(&door->has_notes, false, memory_order_relaxed);
	/* Emptied under the lock, so that no wake-up of a later note is lost.
	 */
	if (read(door->fd, &wakes, sizeof(wakes)) == -1)
		wakes = 0;
	pthread_cond_broadcast(&door->room);
	pthread_mutex_unlock(&door->lock);
	return first;
}
