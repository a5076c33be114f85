/*
 * Config: the settings that all programs share, read once at start-up.
 *
 * The file is named by the environment variable TIDINGS_CONFIG; without it,
 * /etc/tidings/tidings.conf.
 */
#ifndef COMMON_CONFIG_H
#define COMMON_CONFIG_H

#include <stddef.h>

#include "common/err.h"

struct config {
#define STRING(name, fallback, meaning)              char *name;
#define NUMBER(name, fallback, least, most, meaning) long name;
#define CHOICE(name, fallback, choices, meaning)     char *name;
#include "common/config.def"
#undef CHOICE
#undef NUMBER
#undef STRING
};

/* Where the settings are: TIDINGS_CONFIG, or the default place. */
const char *config_path(void);

/*
 * Fill config with the defaults, then with the "name = value" lines of path.
 * An unknown name, a number out of its range, a value that is none of its
 * choices or an unreadable file is an error that names the line on stderr: a
 * typo must not start a half-configured server.  On failure config holds
 * nothing.
 */
enum err config_load(struct config *config, const char *path) MUST_CHECK;
void config_free(struct config *config);

/*
 * The value of setting name as text, in the size bytes at buffer.
 * ERR_NOT_FOUND: there is no such setting.
 */
enum err config_get(const struct config *config, const char *name, char *buffer,
    size_t size) MUST_CHECK;

#endif /* COMMON_CONFIG_H */
