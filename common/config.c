#include "common/config.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/alloc.h"
#include "common/log.h"

#define DEFAULT_PATH   "/etc/tidings/tidings.conf"
#define LINE_MAX_BYTES 4096

enum type { TYPE_STRING, TYPE_NUMBER, TYPE_CHOICE };

static const struct setting {
	const char *name;
	enum type type;
	size_t offset;
	const char *text;         /* the default of what is no number */
	long number, least, most; /* the default of a number, its range */
	const char *choices;      /* "one|of|these" */
} settings[] = {
#define STRING(name, fallback, meaning)                                      \
	{ #name, TYPE_STRING, offsetof(struct config, name), fallback, 0, 0, \
		0, NULL },
#define NUMBER(name, fallback, least, most, meaning)                         \
	{ #name, TYPE_NUMBER, offsetof(struct config, name), NULL, fallback, \
		least, most, NULL },
#define CHOICE(name, fallback, choices, meaning)                             \
	{ #name, TYPE_CHOICE, offsetof(struct config, name), fallback, 0, 0, \
		0, choices },
#include "common/config.def"
#undef CHOICE
#undef NUMBER
#undef STRING
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static char **
text_of(const struct config *config, const struct setting *setting)
{
	return (char **)(void *)((char *)(uintptr_t)config + setting->offset);
}

static long *
number_of(const struct config *config, const struct setting *setting)
{
	return (long *)(void *)((char *)(uintptr_t)config + setting->offset);
}

static bool
is_choice(const char *choices, const char *value)
{
	size_t len = strlen(value);

	for (;;) {
		size_t part = strcspn(choices, "|");

		if (part == len && memcmp(choices, value, len) == 0)
			return true;
		if (choices[part] == '\0')
			return false;
		choices += part + 1;
	}
}

static enum err
set(struct config *config, const struct setting *setting, const char *value)
{
	char *end;
	long number;

	if (setting->type == TYPE_CHOICE && !is_choice(setting->choices, value))
		return ERR_INVALID;
	if (setting->type != TYPE_NUMBER) {
		free(*text_of(config, setting));
		*text_of(config, setting) = must_strdup(value);
		return OK;
	}

	errno = 0;
	number = strtol(value, &end, 10);
	if (errno != 0 || end == value || *end != '\0' ||
	    number < setting->least || number > setting->most)
		return ERR_INVALID;
	*number_of(config, setting) = number;
	return OK;
}

static const struct setting *
find(const char *name)
{
	for (size_t i = 0; i < COUNT(settings); i++)
		if (strcmp(settings[i].name, name) == 0)
			return &settings[i];
	return NULL;
}

static char *
trim(char *text)
{
	char *end = text + strlen(text);

	while (end > text && isspace((unsigned char)end[-1]))
		*--end = '\0';
	while (isspace((unsigned char)*text))
		text++;
	return text;
}

/* Says on stderr what is wrong with a line that it refuses. */
static enum err
set_line(struct config *config, char *line, const char *path, unsigned number)
{
	const struct setting *setting;
	char *equals;

	line = trim(line);
	if (*line == '\0' || *line == '#')
		return OK;
	equals = strchr(line, '=');
	if (equals == NULL) {
		log_error("%s:%u: not a 'name = value' line", path, number);
		return ERR_INVALID;
	}
	*equals = '\0';
	line = trim(line);
	setting = find(line);
	if (setting == NULL) {
		log_error(
		    "%s:%u: there is no setting '%s'", path, number, line);
		return ERR_INVALID;
	}
	if (set(config, setting, trim(equals + 1)) == OK)
		return OK;
	if (setting->type == TYPE_CHOICE)
		log_error("%s:%u: %s must be one of %s", path, number, line,
		    setting->choices);
	else
		log_error("%s:%u: %s must be a number from %ld to %ld", path,
		    number, line, setting->least, setting->most);
	return ERR_INVALID;
}

const char *
config_path(void)
{
	const char *path = getenv("TIDINGS_CONFIG");

	return path == NULL || *path == '\0' ? DEFAULT_PATH : path;
}

static void
set_defaults(struct config *config)
{
	memset(config, 0, sizeof(*config));
	for (size_t i = 0; i < COUNT(settings); i++)
		if (settings[i].type != TYPE_NUMBER)
			*text_of(config, &settings[i]) = must_strdup(
			    settings[i].text);
		else
			*number_of(config, &settings[i]) = settings[i].number;
}

enum err
config_load(struct config *config, const char *path)
{
	char line[LINE_MAX_BYTES];
	FILE *file;
	unsigned number = 0;
	enum err err = OK;

	file = fopen(path, "re");
	if (file == NULL) {
		log_error("cannot open '%s': %s", path, strerror(errno));
		return ERR_INTERNAL;
	}
	set_defaults(config);
	while (err == OK && fgets(line, sizeof(line), file) != NULL) {
		number++;
		if (strchr(line, '\n') == NULL && !feof(file)) {
			log_error("%s:%u: the line is too long", path, number);
			err = ERR_INVALID;
		} else {
			err = set_line(config, line, path, number);
		}
	}
	if (err == OK && ferror(file)) {
		log_error("cannot read '%s': %s", path, strerror(errno));
		err = ERR_INTERNAL;
	}
	fclose(file);
	if (err != OK)
		config_free(config);
	return err;
}

void
config_free(struct config *config)
{
	for (size_t i = 0; i < COUNT(settings); i++)
		if (settings[i].type != TYPE_NUMBER)
			free(*text_of(config, &settings[i]));
	memset(config, 0, sizeof(*config));
}

enum err
config_get(
    const struct config *config, const char *name, char *buffer, size_t size)
{
	const struct setting *setting = find(name);
	int len;

	if (setting == NULL)
		return ERR_NOT_FOUND;
	if (setting->type != TYPE_NUMBER)
		len = snprintf(buffer, size, "%s", *text_of(config, setting));
	else
		len = snprintf(
		    buffer, size, "%ld", *number_of(config, setting));
	return len < 0 || (size_t)len >= size ? ERR_TOO_LARGE : OK;
}
