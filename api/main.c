#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "api/gateway.h"
#include "api/router.h"
#include "common/log.h"
#include "common/token.h"

#define PATH_SIZE 4096

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
has_changed(const struct witness *witness)
{
	struct stat now;

	/* A file that is away is being replaced; it will be back. */
	if (witness->path[0] == '\0' || stat(witness->path, &now) == -1)
		return false;
	return now.st_ino != witness->then.st_ino ||
	    now.st_dev != witness->then.st_dev ||
	    now.st_size != witness->then.st_size ||
	    now.st_mtim.tv_sec != witness->then.st_mtim.tv_sec ||
	    now.st_mtim.tv_nsec != witness->then.st_mtim.tv_nsec;
}

static bool
is_outdated(void)
{
	if (!has_changed(&binary) && !has_changed(&settings))
		return false;
	log_info("the program or its settings changed: ending");
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
