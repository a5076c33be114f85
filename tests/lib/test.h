/*
 * A test program is a list of TEST() functions and TEST_MAIN().
 *
 *	TEST(an_event_survives_the_wire) { CHECK(1 + 1 == 2); }
 *	TEST_MAIN()
 *
 * Each test runs in its own child process, so a crash fails one test and
 * not the rest.  Output is TAP; "program word" runs the tests whose name
 * contains word.  There is no "skip": what cannot run, fails.
 */
#ifndef TESTS_LIB_TEST_H
#define TESTS_LIB_TEST_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

struct test {
	const char *name;
	void (*run)(void);
};

#define TEST(test_name)                                                        \
	static void test_name(void);                                           \
	static const struct test test_name##_entry __attribute__((             \
	    section("tests"), used, aligned(16))) = { #test_name, test_name }; \
	static void test_name(void)

#define CHECK(condition)                                                      \
	do {                                                                  \
		if (!(condition)) {                                           \
			printf(                                               \
			    "# %s:%d: %s\n", __FILE__, __LINE__, #condition); \
			fflush(stdout);                                       \
			exit(1);                                              \
		}                                                             \
	} while (0)

#define CHECK_STR(got, want)                                               \
	do {                                                               \
		const char *got_ = (got), *want_ = (want);                 \
		if (strcmp(got_, want_) != 0) {                            \
			printf("# %s:%d: got '%s', want '%s'\n", __FILE__, \
			    __LINE__, got_, want_);                        \
			fflush(stdout);                                    \
			exit(1);                                           \
		}                                                          \
	} while (0)

extern const struct test __start_tests[], __stop_tests[];

static inline int
test_main(const char *only)
{
	int number = 0, failed = 0;

	for (const struct test *t = __start_tests; t != __stop_tests; t++) {
		int status = 0;
		pid_t child;

		if (only != NULL && strstr(t->name, only) == NULL)
			continue;
		fflush(stdout);
		child = fork();
		if (child == 0) {
			t->run();
			exit(0);
		}
		if (child == -1 || waitpid(child, &status, 0) != child)
			status = -1;
		failed += status != 0;
		printf("%sok %d - %s\n", status == 0 ? "" : "not ", ++number,
		    t->name);
	}
	printf("1..%d\n", number);
	return failed != 0 || number == 0;
}

#define TEST_MAIN()                                          \
	int main(int argc, char **argv)                      \
	{                                                    \
		return test_main(argc > 1 ? argv[1] : NULL); \
	}

#endif /* TESTS_LIB_TEST_H */
