#include "notifier/arrival.h"

#include <stdlib.h>
#include <unistd.h>

void
arrival_free(struct arrival *arrival)
{
	if (arrival == NULL)
		return;
	if (arrival->fd != -1)
		close(arrival->fd);
	free(arrival->snapshot);
	frame_drop(arrival->greeting);
	free(arrival->extra);
	free(arrival);
}

void
page_free(struct page *page)
{
	if (page == NULL)
		return;
	frame_drop(page->frame);
	free(page->snapshot);
	free(page);
}

void
answer_free(struct answer *answer)
{
	if (answer == NULL)
		return;
	frame_drop(answer->frame);
	free(answer);
}
