#include "api/password.h"

#include "common/token.h"
#include "tests/lib/test.h"

static char directory[] = "/tmp/password-XXXXXX";
static struct config config = {
	.argon2_at_once = 2,
	.argon2_memory_kib = 8192,
	.argon2_passes = 1,
	.run_dir = directory,
};

static void
begin(void)
{
	token_init();
	CHECK(mkdtemp(directory) != NULL);
}

static void
end(void)
{
	char path[64];

	for (int i = 0; i < config.argon2_at_once; i++) {
		snprintf(path, sizeof(path), "%s/argon2.%d.lock", directory, i);
		(void)unlink(path); /* it need not have been made */
	}
	CHECK(rmdir(directory) == 0);
}

TEST(a_hash_is_its_passwords_alone)
{
	char hash[PASSWORD_HASH_SIZE];
	bool matches = false;

	begin();
	CHECK(password_hash(&config, slice_of("correct horse"), hash) == OK);
	CHECK(strncmp(hash, "$argon2id$", 10) == 0);
	CHECK(password_verify(
		  &config, hash, slice_of("correct horse"), &matches) == OK &&
	    matches);
	CHECK(password_verify(
		  &config, hash, slice_of("Correct horse"), &matches) == OK &&
	    !matches);
	matches = true;
	CHECK(password_verify(
		  &config, NULL, slice_of("correct horse"), &matches) == OK &&
	    !matches);
	CHECK(!password_is_outdated(&config, hash));
	config.argon2_passes = 2;
	CHECK(password_is_outdated(&config, hash));
	end();
}

TEST(without_its_directory_nothing_is_hashed)
{
	char hash[PASSWORD_HASH_SIZE], away[] = "/nonexistent/run";
	bool matches = true;

	token_init();
	config.run_dir = away;
	CHECK(password_hash(&config, slice_of("x"), hash) == ERR_INTERNAL);
	CHECK(password_verify(&config, NULL, slice_of("x"), &matches) ==
	    ERR_INTERNAL);
}

TEST(the_commonest_and_the_username_are_refused)
{
	struct slice name = slice_of("ada.lovelace");

	CHECK(password_problem(slice_of("password"), name) ==
	    PROBLEM_PASSWORD_COMMON);
	CHECK(password_problem(slice_of("PassWord1"), name) ==
	    PROBLEM_PASSWORD_COMMON);
	CHECK(password_problem(slice_of("Ada.Lovelace"), name) ==
	    PROBLEM_PASSWORD_IS_USERNAME);
	CHECK(password_problem(slice_of("ada.lovelace1"), name) ==
	    PROBLEM__COUNT);
	CHECK(password_problem(slice_of("password1x"), name) == PROBLEM__COUNT);
}

TEST_MAIN()
