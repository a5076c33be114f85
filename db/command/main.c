/*
 * tidings: what an administrator does in a shell.
 *
 * "tidings" alone lists the commands.  Settings come from TIDINGS_CONFIG.
 * Exit status: 0 done, 1 not done (said why on stderr), 2 not understood.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/log.h"
#include "common/token.h"
#include "db/access.h"
#include "db/events.h"
#include "db/migrate.h"
#include "db/users.h"

#define EXIT_USAGE       2
#define INVITATION_HOURS 72
#define INVITATION_USES  1
#define NUMBER_MOST      1000000000
#define ORGANISATION_MAX 64
#define PRUNE_BATCH      1000
#define SCOPES_MAX       255
#define SETTING_MAX      4096

struct context {
	struct config config;
	struct db *db;
	int argc; /* what follows the command */
	char **argv;
};

struct command {
	const char *name;
	const char *arguments;
	const char *meaning;
	int (*run)(struct context *context);
};

static int
usage(const char *problem)
{
	fprintf(stderr, "tidings: %s; \"tidings\" alone tells how\n", problem);
	return EXIT_USAGE;
}

static int
report(enum err err)
{
	if (err == OK)
		return EXIT_SUCCESS;
	fprintf(stderr, "tidings: %s\n", err_title(err));
	return EXIT_FAILURE;
}

static bool
parse_number(const char *text, uint64_t least, uint64_t *ret_number)
{
	char *end;
	unsigned long long number;

	errno = 0;
	number = strtoull(text, &end, 10);
	if (errno != 0 || end == text || *end != '\0' || *text == '-' ||
	    number < least || number > NUMBER_MOST)
		return false;
	*ret_number = number;
	return true;
}

static int
run_migrate(struct context *context)
{
	if (context->argc > 0)
		return usage("migrate takes nothing more");
	return report(migrate(context->db, context->config.migrations_dir));
}

struct invitation {
	const char *organisation;
	uint64_t uses, hours;
	bool is_admin;
};

/* False when an option is unknown, or lacks a value that makes sense. */
static bool
parse_invitation(const struct context *context, struct invitation *invitation)
{
	for (int i = 0; i < context->argc; i++) {
		const char *option = context->argv[i];
		const char *value;
		bool is_good;

		if (strcmp(option, "--admin") == 0) {
			invitation->is_admin = true;
			continue;
		}
		value = ++i < context->argc ? context->argv[i] : "";
		if (strcmp(option, "--organisation") == 0) {
			invitation->organisation = value;
			is_good = strlen(value) <= ORGANISATION_MAX;
		} else if (strcmp(option, "--uses") == 0) {
			is_good = parse_number(value, 1, &invitation->uses);
		} else if (strcmp(option, "--hours") == 0) {
			is_good = parse_number(value, 1, &invitation->hours);
		} else {
			is_good = false;
		}
		if (!is_good)
			return false;
	}
	return true;
}

static int
run_invite(struct context *context)
{
	struct invitation invitation = {
		.organisation = "",
		.uses = INVITATION_USES,
		.hours = INVITATION_HOURS,
	};
	char token[TOKEN_TEXT_SIZE];
	struct hash hash;
	enum err err;

	if (!parse_invitation(context, &invitation))
		return usage("an option of invite was not understood");
	token_new(token);
	hash = hash_of(slice_of(token));
	err = invitation_create(context->db, &hash, invitation.is_admin,
	    invitation.organisation, invitation.uses, invitation.hours);
	if (err == OK)
		printf("%s\n", token);
	return report(err);
}

static int
run_needs_admin(struct context *context)
{
	bool exists = true;
	enum err err = user_admin_exists(context->db, &exists);

	if (err != OK)
		return report(err);
	return exists ? EXIT_FAILURE : EXIT_SUCCESS;
}

static int
run_api_key(struct context *context)
{
	char scopes[SCOPES_MAX + 1] = "*";
	char token[sizeof(TOKEN_KEY_PREFIX) + TOKEN_TEXT_LEN] =
	    TOKEN_KEY_PREFIX;
	struct hash hash;
	size_t len = 0;
	enum err err;

	if (context->argc < 1)
		return usage("api-key needs a name");
	for (int i = 1; i < context->argc; i++) {
		int more = snprintf(scopes + len, sizeof(scopes) - len, "%s%s",
		    i > 1 ? " " : "", context->argv[i]);

		if (more < 0 || (size_t)more >= sizeof(scopes) - len)
			return usage("too many scopes");
		len += (size_t)more;
	}
	token_new(token + strlen(TOKEN_KEY_PREFIX));
	hash = hash_of(slice_of(token));
	err = api_key_create(context->db, &hash, context->argv[0], scopes);
	if (err == OK)
		printf("%s\n", token);
	return report(err);
}

static int
run_setting(struct context *context)
{
	char value[SETTING_MAX];

	if (context->argc != 1)
		return usage("setting needs one name");
	if (config_get(&context->config, context->argv[0], value,
		sizeof(value)) != OK) {
		fprintf(stderr, "tidings: there is no setting '%s'\n",
		    context->argv[0]);
		return EXIT_FAILURE;
	}
	printf("%s\n", value);
	return EXIT_SUCCESS;
}

static int
run_advance_counter(struct context *context)
{
	uint64_t by;

	if (context->argc != 1 || !parse_number(context->argv[0], 1, &by))
		return usage("advance-counter needs a number");
	return report(events_advance(context->db, by));
}

static int
run_prune(struct context *context)
{
	uint64_t removed = 1, sum = 0;
	enum err err = OK;

	if (context->argc > 0)
		return usage("prune takes nothing more");
	while (err == OK && removed > 0) {
		err = events_prune(context->db,
		    (uint64_t)context->config.events_keep_hours, PRUNE_BATCH,
		    &removed);
		if (err == OK)
			sum += removed;
	}
	if (err == OK)
		err = expired_prune(context->db, PRUNE_BATCH);
	if (err == OK)
		printf("%llu events removed\n", (unsigned long long)sum);
	return report(err);
}

static const struct command commands[] = {
	{ "migrate", "", "apply the migrations that are missing", run_migrate },
	{ "invite", "[--admin] [--organisation NAME] [--uses N] [--hours N]",
	    "print the token of a new invitation", run_invite },
	{ "needs-admin", "", "succeed while there is no administrator",
	    run_needs_admin },
	{ "api-key", "NAME [SCOPE ...]",
	    "print a new API key; without a scope it has every one",
	    run_api_key },
	{ "setting", "NAME", "print the value of a setting", run_setting },
	{ "advance-counter", "N",
	    "after a restored backup: use no event_id that may be known",
	    run_advance_counter },
	{ "prune", "", "remove what is older than it need be", run_prune },
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static int
list_commands(void)
{
	fprintf(stderr, "usage: tidings COMMAND\n");
	for (size_t i = 0; i < COUNT(commands); i++)
		fprintf(stderr, "\n  %s %s\n      %s\n", commands[i].name,
		    commands[i].arguments, commands[i].meaning);
	return EXIT_USAGE;
}

int
main(int argc, char **argv)
{
	struct context context = { .argc = argc - 2, .argv = argv + 2 };
	const struct command *command = NULL;
	int status;

	log_open("tidings");
	for (size_t i = 0; argc > 1 && i < COUNT(commands); i++)
		if (strcmp(argv[1], commands[i].name) == 0)
			command = &commands[i];
	if (command == NULL)
		return list_commands();
	if (config_load(&context.config, config_path()) != OK)
		return EXIT_FAILURE;
	token_init();
	db_library_init();
	context.db = db_new(&context.config);

	status = command->run(&context);

	db_free(context.db);
	db_library_done();
	config_free(&context.config);
	return status;
}
