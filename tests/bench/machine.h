/*
 * Machine: the time, and what processes use of the machine, as the kernel
 * tells it.
 *
 * A tree is a process and everything descended from it.  A process that ends
 * takes what it used along, so programs under test must keep theirs.
 */
#ifndef TESTS_BENCH_MACHINE_H
#define TESTS_BENCH_MACHINE_H

#include <stdint.h>
#include <sys/types.h>

/* Nanoseconds of the monotonic clock. */
uint64_t machine_now_ns(void);

/* Processor seconds used so far: by everything, by this process, by a tree. */
double machine_busy_s(void);
double machine_own_s(void);
double machine_tree_s(pid_t root);

/* Memory of its own that a tree has touched. */
uint64_t machine_tree_bytes(pid_t root);

/* As many open files as may be. */
void machine_raise_files(void);

/* Say why on stderr, as printf() would, and end the process. */
_Noreturn void machine_die(const char *fmt, ...)
    __attribute__((format(printf, 1, 2)));

#endif /* TESTS_BENCH_MACHINE_H */
