#include "tests/bench/deliveries.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/alloc.h"
#include "tests/bench/machine.h"

#define HEAD_SIZE 64 /* of a text: marker, number and time */

static void
count_audience(struct deliveries *deliveries)
{
	const struct seats *subscribers = deliveries->subscribers;

	for (size_t i = 0; i < subscribers->count; i++)
		if (subscribers->items[i].conversation_id >=
		    deliveries->audience_size)
			deliveries->audience_size =
			    subscribers->items[i].conversation_id + 1;
	deliveries->audience = must_calloc(
	    deliveries->audience_size + 1, sizeof(*deliveries->audience));
	for (size_t i = 0; i < subscribers->count; i++)
		deliveries->audience[subscribers->items[i].conversation_id]++;
}

void
deliveries_init(struct deliveries *deliveries, const struct seats *subscribers,
    size_t posts_max, const char *only)
{
	*deliveries = (struct deliveries){
		.only = only,
		.subscribers = subscribers,
		.posts_max = posts_max,
		.row = posts_max / 8 + 1,
	};
	snprintf(deliveries->marker, sizeof(deliveries->marker),
	    "run%x_%d:", (unsigned)machine_now_ns(), (int)getpid());
	deliveries->seen = must_calloc(subscribers->count + 1, deliveries->row);
	deliveries->conversations = must_calloc(
	    posts_max + 1, sizeof(*deliveries->conversations));
	deliveries->left = must_calloc(
	    posts_max + 1, sizeof(*deliveries->left));
	count_audience(deliveries);
}

void
deliveries_post(struct deliveries *deliveries, uint64_t conversation_id,
    uint64_t now_ns, size_t size, struct buf *buf)
{
	size_t post = deliveries->posted++;
	uint32_t readers = conversation_id < deliveries->audience_size
	    ? deliveries->audience[conversation_id]
	    : 0;
	size_t start = buf->len;
	char head[HEAD_SIZE];

	snprintf(head, sizeof(head), "%s%zu:%llu;", deliveries->marker, post,
	    (unsigned long long)now_ns);
	buf_text(buf, head);
	while (buf->len - start < size && buf_ok(buf))
		buf_raw(buf, "x", 1);
	deliveries->conversations[post] = conversation_id;
	deliveries->left[post] = readers;
	deliveries->expected += readers;
	deliveries->complete += readers == 0;
}

void
deliveries_refused(struct deliveries *deliveries, size_t post)
{
	deliveries->expected -= deliveries->left[post];
	deliveries->complete += deliveries->left[post] > 0;
	deliveries->left[post] = 0;
}

static bool
is_there(struct slice message, const char *text)
{
	return memmem(message.data, message.len, text, strlen(text)) != NULL;
}

/* The number and the time behind the marker; false: this is no such text. */
static bool
parse(const char *text, const char *end, uint64_t *ret_post, uint64_t *ret_ns)
{
	char digits[HEAD_SIZE] = { 0 };
	size_t len = (size_t)(end - text);
	char *rest;

	memcpy(digits, text, len < HEAD_SIZE ? len : HEAD_SIZE - 1);
	*ret_post = strtoull(digits, &rest, 10);
	if (*rest != ':')
		return false;
	*ret_ns = strtoull(rest + 1, &rest, 10);
	return *rest == ';';
}

void
deliveries_take(struct deliveries *deliveries, size_t subscriber,
    struct slice message, uint64_t now_ns)
{
	const char *at = memmem(message.data, message.len, deliveries->marker,
	    strlen(deliveries->marker));
	uint64_t post, sent_ns;
	uint8_t *seen, bit;

	if (at == NULL ||
	    (deliveries->only != NULL && !is_there(message, deliveries->only)))
		return;
	if (!parse(at + strlen(deliveries->marker), message.data + message.len,
		&post, &sent_ns) ||
	    post >= deliveries->posted ||
	    deliveries->conversations[post] !=
		deliveries->subscribers->items[subscriber].conversation_id) {
		deliveries->strayed++;
		return;
	}
	seen = &deliveries->seen[subscriber * deliveries->row + post / 8];
	bit = (uint8_t)(1 << post % 8);
	if ((*seen & bit) != 0) {
		deliveries->repeated++;
		return;
	}
	*seen |= bit;
	deliveries->arrived++;
	deliveries->last_ns = now_ns;
	histogram_add(&deliveries->latency, now_ns - sent_ns);
	if (deliveries->left[post] > 0 && --deliveries->left[post] == 0)
		deliveries->complete++;
}
