#include "common/config.h"

#include "tests/lib/test.h"

static enum err
load(struct config *config, const char *text)
{
	char path[] = "/tmp/tidings-config.XXXXXX";
	int fd = mkstemp(path);
	enum err err;

	CHECK(fd != -1);
	CHECK(write(fd, text, strlen(text)) == (ssize_t)strlen(text));
	close(fd);
	err = config_load(config, path);
	unlink(path);
	return err;
}

TEST(what_is_not_set_has_its_default)
{
	struct config config;

	CHECK(load(&config, "# nothing\n\n") == OK);
	CHECK(config.rate_messages == 100);
	CHECK_STR(config.listen_address, "127.0.0.1");
	config_free(&config);
}

TEST(lines_set_values_and_blanks_around_them_do_not_count)
{
	struct config config;

	CHECK(load(&config,
		  "rate_messages=0\n  db_name =  my site  \ndb_password =\n") ==
	    OK);
	CHECK(config.rate_messages == 0);
	CHECK_STR(config.db_name, "my site");
	CHECK_STR(config.db_password, "");
	config_free(&config);
}

TEST(a_typo_starts_nothing)
{
	struct config config;

	CHECK(load(&config, "rate_mesages = 1\n") == ERR_INVALID);
	CHECK(load(&config, "rate_messages 1\n") == ERR_INVALID);
	CHECK(load(&config, "rate_messages = ten\n") == ERR_INVALID);
	CHECK(load(&config, "rate_messages = 1x\n") == ERR_INVALID);
	CHECK(load(&config, "rate_messages =\n") == ERR_INVALID);
	CHECK(config_load(&config, "/nonexistent") == ERR_INTERNAL);
}

TEST(a_number_may_be_at_its_bound_but_not_past_it)
{
	struct config config;

	CHECK(load(&config, "poll_ms = 50\n") == OK);
	config_free(&config);
	CHECK(load(&config, "poll_ms = 49\n") == ERR_INVALID);
	CHECK(load(&config, "poll_ms = 500\n") == OK);
	config_free(&config);
	CHECK(load(&config, "poll_ms = 501\n") == ERR_INVALID);
	CHECK(load(&config, "poll_ms = 99999999999999999999\n") == ERR_INVALID);
}

TEST(a_choice_is_one_of_its_words)
{
	const char *const bad[] = { "opne", "", "open|closed", "clos", "Open",
		"openx", "|" };
	struct config config;
	char line[64];

	CHECK(load(&config, "registration = closed\n") == OK);
	CHECK_STR(config.registration, "closed");
	config_free(&config);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		snprintf(line, sizeof(line), "registration = %s\n", bad[i]);
		CHECK(load(&config, line) == ERR_INVALID);
	}
}

TEST(a_line_of_4094_bytes_is_read_and_a_longer_one_refused)
{
	char text[5000] = "db_name = ";
	struct config config;

	memset(text + 10, 'x', 4094 - 10);
	text[4094] = '\n';
	CHECK(load(&config, text) == OK);
	CHECK(strlen(config.db_name) == 4084);
	config_free(&config);
	memset(text + 10, 'x', 4095 - 10);
	text[4095] = '\n';
	CHECK(load(&config, text) == ERR_INVALID);
}

TEST(a_value_can_be_asked_for_by_name)
{
	struct config config;
	char value[16];

	CHECK(load(&config, "db_name = tidings\n") == OK);
	CHECK(config_get(&config, "db_name", value, sizeof(value)) == OK);
	CHECK_STR(value, "tidings");
	CHECK(config_get(&config, "poll_ms", value, sizeof(value)) == OK);
	CHECK_STR(value, "500");
	CHECK(
	    config_get(&config, "none", value, sizeof(value)) == ERR_NOT_FOUND);
	CHECK(config_get(&config, "db_name", value, 7) == ERR_TOO_LARGE);
	config_free(&config);
}

TEST_MAIN()
