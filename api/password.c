#include "api/password.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/file.h>
#include <unistd.h>

#include "common/log.h"

#define LOCK_PATH_MAX 4096

_Static_assert(PASSWORD_HASH_SIZE >= crypto_pwhash_STRBYTES, "encoded hash");

static const char *const commonest[] = {
#define PASSWORD(text) text,
#include "api/passwords.def"
#undef PASSWORD
};

static bool
is_text(struct slice password, const char *text, size_t len)
{
	return password.len == len &&
	    strncasecmp(password.data, text, len) == 0;
}

enum problem_code
password_problem(struct slice password, struct slice username)
{
	if (is_text(password, username.data, username.len))
		return PROBLEM_PASSWORD_IS_USERNAME;
	for (size_t i = 0; i < sizeof(commonest) / sizeof(commonest[0]); i++)
		if (is_text(password, commonest[i], strlen(commonest[i])))
			return PROBLEM_PASSWORD_COMMON;
	return PROBLEM__COUNT;
}

static size_t
memory_bytes(const struct config *config)
{
	return (size_t)config->argon2_memory_kib * 1024;
}

static unsigned long long
passes(const struct config *config)
{
	return (unsigned long long)config->argon2_passes;
}

static int
open_slot(const struct config *config, long number)
{
	char path[LOCK_PATH_MAX];
	int fd;

	if ((size_t)snprintf(path, sizeof(path), "%s/argon2.%ld.lock",
		config->run_dir, number) >= sizeof(path))
		return -1;
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0660);
	if (fd == -1)
		log_error("lock '%s': %s", path, strerror(errno));
	return fd;
}

static bool
lock(int fd, int operation)
{
	while (flock(fd, operation) == -1)
		if (errno != EINTR)
			return false;
	return true;
}

/*
 * A lock to be closed: any that is free, else this process's own when its
 * turn comes.  Nobody waits for longer than the processes before it take, and
 * the web server has processes that do nothing else.
 */
static enum err
slot_open(const struct config *config, int *ret_fd)
{
	long own = (long)getpid() % config->argon2_at_once;
	int fd;

	for (long i = 0; i < config->argon2_at_once; i++) {
		fd = open_slot(config, (own + i) % config->argon2_at_once);
		if (fd == -1)
			return ERR_INTERNAL;
		if (lock(fd, LOCK_EX | LOCK_NB)) {
			*ret_fd = fd;
			return OK;
		}
		close(fd);
	}
	fd = open_slot(config, own);
	if (fd == -1)
		return ERR_INTERNAL;
	if (!lock(fd, LOCK_EX)) {
		log_error("lock of Argon2: %s", strerror(errno));
		close(fd);
		return ERR_INTERNAL;
	}
	*ret_fd = fd;
	return OK;
}

enum err
password_hash(const struct config *config, struct slice password,
    char ret_hash[PASSWORD_HASH_SIZE])
{
	int failed, slot;
	enum err err = slot_open(config, &slot);

	if (err != OK)
		return err;
	failed = crypto_pwhash_str(ret_hash, password.data, password.len,
	    passes(config), memory_bytes(config));
	close(slot);
	if (failed == 0)
		return OK;
	log_error("Argon2 with %ld KiB failed", config->argon2_memory_kib);
	return ERR_INTERNAL;
}

/* The work of a verification, for nothing. */
static bool
pretend(const struct config *config, struct slice password)
{
	static const unsigned char salt[crypto_pwhash_SALTBYTES];
	unsigned char key[32];

	return crypto_pwhash(key, sizeof(key), password.data, password.len,
		   salt, passes(config), memory_bytes(config),
		   crypto_pwhash_ALG_ARGON2ID13) == 0;
}

enum err
password_verify(const struct config *config, const char *hash,
    struct slice password, bool *ret_matches)
{
	enum err err;
	int slot;

	err = slot_open(config, &slot);
	if (err != OK)
		return err;
	if (hash != NULL)
		*ret_matches = crypto_pwhash_str_verify(
				   hash, password.data, password.len) == 0;
	else if (pretend(config, password))
		*ret_matches = false;
	else
		err = ERR_INTERNAL;
	close(slot);
	return err;
}

bool
password_is_outdated(const struct config *config, const char *hash)
{
	return crypto_pwhash_str_needs_rehash(
		   hash, passes(config), memory_bytes(config)) != 0;
}
