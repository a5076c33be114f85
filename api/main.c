#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "api/gateway.h"
#include "api/router.h"
#include "common/clock.h"
#include "common/log.h"
#include "common/token.h"

#define PATH_SIZE 4096

/* A file that changed less long ago is still being written. */
#define SETTLED_MS 500

/* What this process was started with: a file, and how it looked then. */
struct witness {
	char path[PATH_SIZE];
	struct stat then;
};

static struct witness binary, settings;

static void
witness_init(struct witness *witness, const char *path)
{
	size_t len = strlen(path);

	if (len >= sizeof(witness->path) || stat(path, &witness->then) == -1)
		return; /* with no path, it never changes */
	memcpy(witness->path, path, len + 1);
}

static bool
is_settled(const struct stat *file)
{
	uint64_t changed_ms = (uint64_t)file->st_mtim.tv_sec * 1000 +
	    (uint64_t)file->st_mtim.tv_nsec / 1000000;
	uint64_t now_ms = clock_now_ms();

	return now_ms < changed_ms || now_ms - changed_ms >= SETTLED_MS;
}

/* Whether it is another file now; each change is told once. */
static bool
has_changed(struct witness *witness)
{
	struct stat now, then = witness->then;

	/* A file that is away is being replaced; it will be back. */
	if (witness->path[0] == '\0' || stat(witness->path, &now) == -1)
		return false;
	if (now.st_ino == then.st_ino && now.st_dev == then.st_dev &&
	    now.st_size == then.st_size &&
	    now.st_mtim.tv_sec == then.st_mtim.tv_sec &&
	    now.st_mtim.tv_nsec == then.st_mtim.tv_nsec)
		return false;
	if (!is_settled(&now))
		return false;
	witness->then = now;
	return true;
}

/* Who is started anew must be able to start: else there would be nobody. */
static bool
is_outdated(void)
{
	struct config config;

	if (has_changed(&binary) && access(binary.path, X_OK) == 0) {
		log_info("the program changed: ending");
		return true;
	}
	if (!has_changed(&settings))
		return false;
	if (config_load(&config, settings.path) != OK) {
		log_error("going on with the settings from before");
		return false;
	}
	config_free(&config);
	log_info("the settings changed: ending");
	return true;
}

static void
witness_all(const char *config)
{
	char path[PATH_SIZE];
	ssize_t len = readlink("/proc/self/exe", path, sizeof(path) - 1);

	if (len > 0) {
		path[len] = '\0';
		witness_init(&binary, path);
	}
	witness_init(&settings, config);
}

int
main(void)
{
	struct config config;
	struct request base = { .config = &config };

	log_open("api");
	witness_all(config_path());
	if (config_load(&config, config_path()) != OK)
		return EXIT_FAILURE;
	token_init();
	db_library_init();
	base.arena = arena_new();
	base.db = db_new(&config);
	base.bell = bell_new(
	    config.doorbell, NULL, (unsigned)config.doorbell_drop);

	gateway_run(&base, (unsigned long)config.api_requests_max, is_outdated,
	    router_dispatch);

	bell_free(base.bell);
	db_free(base.db);
	db_library_done();
	arena_free(base.arena);
	config_free(&config);
	return EXIT_SUCCESS;
}
