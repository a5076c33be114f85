/* The push daemon: start, wait for a signal, stop. */
#include <errno.h>
#include <malloc.h>
#include <signal.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "common/config.h"
#include "common/log.h"
#include "common/token.h"
#include "notifier/follower.h"
#include "notifier/gate.h"
#include "notifier/http.h"
#include "notifier/http_metrics.h"
#include "notifier/inbox.h"
#include "notifier/loop.h"
#include "notifier/presence.h"
#include "notifier/store.h"
#include "notifier/store_presence.h"
#include "notifier/table.h"

#define OTHER_FILES 640 /* descriptors for what is no stream */

/* What is larger comes from the kernel and goes back there: the buffers of
   requests, of which there are many for a moment after a restart. */
#define MAPPED_BYTES (8 * 1024)

struct notifier {
	struct config config;
	struct gate *gate;
	struct presence *presence;
	struct loops *loops;
	struct follower *follower;
	struct inbox *inbox;
	struct store *store;
	struct warden *warden;
	struct http *http;
	struct http_metrics *metrics;
};

/* As many open files as we may have, and a word if that is too few. */
static void
raise_limits(const struct config *config)
{
	struct rlimit limit;
	rlim_t wanted = (rlim_t)config->connections_max + OTHER_FILES;

	if (getrlimit(RLIMIT_NOFILE, &limit) == -1)
		log_fatal("getrlimit: %s", strerror(errno));
	limit.rlim_cur = limit.rlim_max;
	if (setrlimit(RLIMIT_NOFILE, &limit) == -1)
		log_fatal("setrlimit: %s", strerror(errno));
	log_info("%llu files may be open, connections_max is %ld",
	    (unsigned long long)limit.rlim_cur, config->connections_max);
	if (limit.rlim_cur < wanted)
		log_warn("connections_max needs %llu files (LimitNOFILE)",
		    (unsigned long long)wanted);
}

/* Signals are waited for in main() alone; threads inherit that. */
static void
block_signals(sigset_t *ret_signals)
{
	sigemptyset(ret_signals);
	sigaddset(ret_signals, SIGTERM);
	sigaddset(ret_signals, SIGINT);
	if (pthread_sigmask(SIG_BLOCK, ret_signals, NULL) != 0)
		log_fatal("cannot block signals");
	signal(SIGPIPE, SIG_IGN);
}

static void
need(enum err err, const char *what, const char *address)
{
	if (err != OK)
		log_fatal("%s '%s': %s", what, address,
		    err == ERR_INTERNAL ? strerror(errno) : err_title(err));
}

static void
start(struct notifier *notifier)
{
	const struct config *config = &notifier->config;

	notifier->gate = gate_new(config);
	notifier->presence = presence_new(
	    (uint64_t)config->presence_grace_seconds * 1000);
	notifier->loops = loops_new(config, notifier->gate, notifier->presence);
	notifier->follower = follower_new(config, notifier->loops);
	need(inbox_open(
		 config, notifier->follower, notifier->loops, &notifier->inbox),
	    "inbox", config->inbox);
	notifier->store = store_new(
	    config, notifier->follower, notifier->loops);
	loops_start(notifier->loops, notifier->store);
	follower_start(notifier->follower);
	inbox_start(notifier->inbox);
	notifier->warden = warden_start(
	    config, notifier->presence, notifier->follower, notifier->loops);
	need(http_metrics_start(config, &notifier->metrics), "metrics_listen",
	    config->metrics_listen);
	need(http_start(config, notifier->gate, notifier->store,
		 notifier->loops, &notifier->http),
	    "push_listen", config->push_listen);
	log_info("listening on %s", config->push_listen);
}

/*
 * Whoever puts something through a door ends before the door does.  Loops
 * are last, so that everybody hears a goodbye, and what was sent is sent.
 */
static void
stop(struct notifier *notifier)
{
	http_quiesce(notifier->http);
	store_stop(notifier->store);
	http_stop(notifier->http);
	http_metrics_stop(notifier->metrics);
	inbox_stop(notifier->inbox);
	warden_stop(notifier->warden);
	follower_stop(notifier->follower);
	loops_stop(notifier->loops);

	loops_free(notifier->loops);
	store_free(notifier->store);
	inbox_close(notifier->inbox);
	follower_free(notifier->follower);
	presence_free(notifier->presence);
	gate_free(notifier->gate);
	config_free(&notifier->config);
}

int
main(void)
{
	struct notifier notifier = { 0 };
	sigset_t signals;
	uint64_t secret;
	int signal_number;

	log_open("notifier");
	mallopt(M_MMAP_THRESHOLD, MAPPED_BYTES);
	if (config_load(&notifier.config, config_path()) != OK)
		return EXIT_FAILURE;
	block_signals(&signals);
	raise_limits(&notifier.config);
	token_init();
	randombytes_buf(&secret, sizeof(secret));
	table_seed(secret);
	db_library_init();

	start(&notifier);
	while (sigwait(&signals, &signal_number) != 0)
		continue;
	log_info("stopping on signal %d", signal_number);
	stop(&notifier);
	db_library_done();
	return EXIT_SUCCESS;
}
