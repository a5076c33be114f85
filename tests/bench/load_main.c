/*
 * load: open streams, post over HTTP, and say in one line of JSON what
 * arrived, how late, and what the servers used for it.
 *
 * "load" alone lists the options.  Exit status: 0 measured, 1 it was not
 * possible (said why on stderr), 2 not understood.
 */
#include <stdio.h>
#include <stdlib.h>

#include "tests/bench/machine.h"
#include "tests/bench/publishers.h"
#include "tests/bench/subscribers.h"

#define EXIT_USAGE 2
#define TREES_MAX  8
#define SECOND_NS  1e9
#define MILLI_NS   1e6
#define CONNECT_S  60
#define DRAIN_S    10
#define SEATS_MAX  100000

enum option {
	STREAM,
	AT,
	PATH,
	READERS,
	COUNT,
	READY,
	ONLY,
	SETTLE,
	POST_AT,
	POST_PATH,
	BODY,
	POSTERS,
	PUBLISHERS,
	POSTS,
	SECONDS,
	RATE,
	GATE,
	SIZE,
	OPTION__COUNT
};

/* Every option has a value. */
static const struct {
	const char *name, *fallback, *meaning;
} options[OPTION__COUNT] = {
	[STREAM] = { "stream", "none", "ws, sse or none" },
	[AT] = { "at", "", "ADDRESS:PORT of the streams" },
	[PATH] = { "path", "/", "of a stream; * is the conversation" },
	[READERS] = { "readers", "", "file of those who subscribe" },
	[COUNT] = { "count", "100000", "at most so many of them" },
	[READY] = { "ready", "", "text that comes first on a stream" },
	[ONLY] = { "only", "", "text without which none is a delivery" },
	[SETTLE] = { "settle", "0.3", "seconds of rest once all are there" },
	[POST_AT] = { "post-at", "", "ADDRESS:PORT of what is posted to" },
	[POST_PATH] = { "post-path", "/*", "of a post; * is the conversation" },
	[BODY] = { "body", "*", "of a post; * is the text" },
	[POSTERS] = { "posters", "", "file of those who post, in turn" },
	[PUBLISHERS] = { "publishers", "1", "connections that post" },
	[POSTS] = { "posts", "0", "in all" },
	[SECONDS] = { "seconds", "60", "after which no more are made" },
	[RATE] = { "rate", "0", "posts a second; 0: closed loop" },
	[GATE] = { "gate", "0", "1: each post waits for all deliveries" },
	[SIZE] = { "size", "300", "bytes of a text" },
};

/* A process and its descendants, and what they used meanwhile. */
struct tree {
	char *name;
	pid_t pid;
	uint64_t bytes_before, bytes_after;
	double cpu_s;
};

struct load {
	const char *values[OPTION__COUNT];
	struct tree trees[TREES_MAX];
	size_t tree_count;
	struct poller poller;
	struct seats readers, posters;
	struct deliveries deliveries;
	struct subscribers subscribers;
	struct publishers publishers;
	double connect_s, own_s, busy_s, wall_s;
};

static int
usage(void)
{
	fprintf(stderr, "usage: load [OPTION VALUE]... [NAME=PID]...\n");
	for (size_t i = 0; i < OPTION__COUNT; i++)
		fprintf(stderr, "  --%-10s %s (%s)\n", options[i].name,
		    options[i].meaning, options[i].fallback);
	fprintf(stderr,
	    "  NAME=PID     processes whose use is told: a whole tree each\n");
	return EXIT_USAGE;
}

static bool
take_option(struct load *load, const char *name, const char *value)
{
	for (size_t i = 0; i < OPTION__COUNT; i++)
		if (strcmp(name, options[i].name) == 0) {
			load->values[i] = value;
			return true;
		}
	return false;
}

static bool
take_tree(struct load *load, char *text)
{
	struct tree *tree = &load->trees[load->tree_count];
	char *equals = strchr(text, '=');

	if (equals == NULL || load->tree_count == TREES_MAX)
		return false;
	*equals = '\0';
	tree->name = text;
	tree->pid = (pid_t)strtol(equals + 1, NULL, 10);
	load->tree_count++;
	return tree->pid > 0;
}

static bool
parse(struct load *load, int argc, char **argv)
{
	for (size_t i = 0; i < OPTION__COUNT; i++)
		load->values[i] = options[i].fallback;
	for (int i = 1; i < argc; i++) {
		if (strncmp(argv[i], "--", 2) != 0) {
			if (!take_tree(load, argv[i]))
				return false;
		} else if (i + 1 == argc ||
		    !take_option(load, argv[i] + 2, argv[i + 1])) {
			return false;
		} else {
			i++;
		}
	}
	return argc > 1;
}

static double
number(const struct load *load, enum option option)
{
	return strtod(load->values[option], NULL);
}

static const char *
or_null(const char *text)
{
	return *text == '\0' ? NULL : text;
}

static uint64_t
after_s(double seconds)
{
	return machine_now_ns() + (uint64_t)(seconds * SECOND_NS);
}

static void
wait_s(struct load *load, double seconds)
{
	uint64_t until_ns = after_s(seconds);

	while (machine_now_ns() < until_ns)
		poller_wait(&load->poller, until_ns);
}

static void
connect_readers(struct load *load)
{
	struct subscribers *subscribers = &load->subscribers;
	uint64_t start_ns = machine_now_ns();

	if (load->readers.count == 0)
		return;
	*subscribers = (struct subscribers){
		.poller = &load->poller,
		.deliveries = &load->deliveries,
		.seats = &load->readers,
		.kind = strcmp(load->values[STREAM], "ws") == 0 ? STREAM_WS
								: STREAM_SSE,
		.address = address_parse(load->values[AT]),
		.path = load->values[PATH],
		.ready_text = or_null(load->values[READY]),
	};
	subscribers_connect(subscribers, (uint64_t)(CONNECT_S * SECOND_NS));
	load->connect_s = (double)(machine_now_ns() - start_ns) / SECOND_NS;
}

static void
connect_posters(struct load *load)
{
	struct publishers *publishers = &load->publishers;

	if (number(load, POSTS) <= 0)
		return;
	load->posters = seats_read(load->values[POSTERS], SEATS_MAX);
	*publishers = (struct publishers){
		.poller = &load->poller,
		.deliveries = &load->deliveries,
		.seats = &load->posters,
		.address = address_parse(load->values[POST_AT]),
		.path = load->values[POST_PATH],
		.body = load->values[BODY],
		.size = (size_t)number(load, SIZE),
		.count = (size_t)number(load, PUBLISHERS),
		.posts = (size_t)number(load, POSTS),
		.rate = number(load, RATE),
		.gate = number(load, GATE) > 0,
	};
	publishers_connect(publishers);
}

static void
post_all(struct load *load)
{
	const struct deliveries *deliveries = &load->deliveries;
	struct publishers *publishers = &load->publishers;
	uint64_t end_ns = after_s(number(load, SECONDS)), drain_ns;

	publishers_start(publishers);
	while (
	    deliveries->posted < publishers->posts && machine_now_ns() < end_ns)
		poller_wait(&load->poller, publishers_advance(publishers));
	publishers_end(publishers);
	drain_ns = after_s(DRAIN_S);
	while ((!publishers_idle(publishers) ||
		   deliveries->complete < deliveries->posted) &&
	    machine_now_ns() < drain_ns)
		poller_wait(&load->poller, drain_ns);
}

static void
measure(struct load *load)
{
	uint64_t start_ns = machine_now_ns();

	load->own_s = -machine_own_s();
	load->busy_s = -machine_busy_s();
	for (size_t i = 0; i < load->tree_count; i++)
		load->trees[i].cpu_s = -machine_tree_s(load->trees[i].pid);
	load->subscribers.bytes = 0;
	if (number(load, POSTS) > 0)
		post_all(load);
	for (size_t i = 0; i < load->tree_count; i++) {
		load->trees[i].cpu_s += machine_tree_s(load->trees[i].pid);
		load->trees[i].bytes_after = machine_tree_bytes(
		    load->trees[i].pid);
	}
	load->busy_s += machine_busy_s();
	load->own_s += machine_own_s();
	load->wall_s = (double)(machine_now_ns() - start_ns) / SECOND_NS;
}

static void
print_times(const char *name, const struct histogram *histogram)
{
	printf(",\"%s_ms\":{\"p50\":%.4f,\"p99\":%.4f,\"p999\":%.4f}", name,
	    (double)histogram_at(histogram, 0.5) / MILLI_NS,
	    (double)histogram_at(histogram, 0.99) / MILLI_NS,
	    (double)histogram_at(histogram, 0.999) / MILLI_NS);
}

static void
print(const struct load *load)
{
	const struct deliveries *deliveries = &load->deliveries;
	const struct publishers *publishers = &load->publishers;
	uint64_t post_ns = publishers->ended_ns - publishers->started_ns;

	printf("{\"readers\":%zu,\"lost\":%zu,\"posts\":%zu,\"failed\":%zu,"
	       "\"status\":%d,\"connect_s\":%.4f,\"post_s\":%.4f",
	    load->readers.count, load->subscribers.lost, publishers->answered,
	    publishers->failed, publishers->status, load->connect_s,
	    (double)post_ns / SECOND_NS);
	printf(",\"expected\":%llu,\"arrived\":%llu,\"repeated\":%llu,"
	       "\"strayed\":%llu,\"bytes\":%llu",
	    (unsigned long long)deliveries->expected,
	    (unsigned long long)deliveries->arrived,
	    (unsigned long long)deliveries->repeated,
	    (unsigned long long)deliveries->strayed,
	    (unsigned long long)load->subscribers.bytes);
	print_times("post", &publishers->latency);
	print_times("delivery", &deliveries->latency);
	printf(",\"wall_s\":%.4f,\"own_s\":%.4f,\"busy_s\":%.2f,\"trees\":{",
	    load->wall_s, load->own_s, load->busy_s);
	for (size_t i = 0; i < load->tree_count; i++)
		printf("%s\"%s\":{\"cpu_s\":%.6f,\"bytes_before\":%llu,"
		       "\"bytes_after\":%llu}",
		    i == 0 ? "" : ",", load->trees[i].name,
		    load->trees[i].cpu_s,
		    (unsigned long long)load->trees[i].bytes_before,
		    (unsigned long long)load->trees[i].bytes_after);
	printf("}}\n");
}

int
main(int argc, char **argv)
{
	static struct load load;

	if (!parse(&load, argc, argv))
		return usage();
	machine_raise_files();
	poller_init(&load.poller);
	for (size_t i = 0; i < load.tree_count; i++)
		load.trees[i].bytes_before = machine_tree_bytes(
		    load.trees[i].pid);
	if (strcmp(load.values[STREAM], "none") != 0)
		load.readers = seats_read(
		    load.values[READERS], (size_t)number(&load, COUNT));
	deliveries_init(&load.deliveries, &load.readers,
	    (size_t)number(&load, POSTS), or_null(load.values[ONLY]));
	connect_readers(&load);
	connect_posters(&load);
	wait_s(&load, number(&load, SETTLE));
	measure(&load);
	print(&load);
	subscribers_close(&load.subscribers);
	return EXIT_SUCCESS;
}
