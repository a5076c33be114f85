#include "tests/bench/machine.h"

#include <dirent.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#define PROCESSES_MAX 8192
#define LINE_SIZE     1024
#define PATH_SIZE     64

struct process {
	pid_t pid, parent;
	bool inside; /* the tree that is asked about */
};

_Noreturn void
machine_die(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vfprintf(stderr, fmt, args);
	va_end(args);
	fputc('\n', stderr);
	exit(EXIT_FAILURE);
}

static uint64_t
clock_ns(clockid_t clock)
{
	struct timespec now;

	if (clock_gettime(clock, &now) != 0)
		return 0;
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

uint64_t
machine_now_ns(void)
{
	return clock_ns(CLOCK_MONOTONIC);
}

double
machine_own_s(void)
{
	return (double)clock_ns(CLOCK_PROCESS_CPUTIME_ID) / 1e9;
}

double
machine_busy_s(void)
{
	unsigned long user, nice, kernel, idle, waiting, irq, softirq, stolen;
	FILE *file = fopen("/proc/stat", "re");
	int fields = 0;

	if (file != NULL) {
		fields = fscanf(file, "cpu %lu %lu %lu %lu %lu %lu %lu %lu",
		    &user, &nice, &kernel, &idle, &waiting, &irq, &softirq,
		    &stolen);
		fclose(file);
	}
	if (fields != 8)
		machine_die("cannot read /proc/stat");
	return (double)(user + nice + kernel + irq + softirq + stolen) /
	    (double)sysconf(_SC_CLK_TCK);
}

/* The parent follows the name, which may hold anything, and the state. */
static pid_t
parent_of(pid_t pid)
{
	char path[PATH_SIZE], line[LINE_SIZE];
	const char *end = NULL;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	file = fopen(path, "re");
	if (file == NULL)
		return 0;
	if (fgets(line, sizeof(line), file) != NULL)
		end = strrchr(line, ')');
	fclose(file);
	if (end == NULL || strlen(end) < 5)
		return 0;
	return (pid_t)strtol(end + 4, NULL, 10);
}

static size_t
list_processes(struct process *processes)
{
	DIR *dir = opendir("/proc");
	const struct dirent *entry;
	size_t count = 0;

	if (dir == NULL)
		machine_die("cannot read /proc");
	while (count < PROCESSES_MAX && (entry = readdir(dir)) != NULL) {
		pid_t pid = (pid_t)strtol(entry->d_name, NULL, 10);

		if (pid > 0)
			processes[count++] = (struct process){
				.pid = pid,
				.parent = parent_of(pid),
			};
	}
	closedir(dir);
	return count;
}

/* Children may stand before their parents, hence more than one pass. */
static size_t
find_tree(pid_t root, struct process *processes)
{
	size_t count = list_processes(processes);
	bool grew = true;

	for (size_t i = 0; i < count; i++)
		processes[i].inside = processes[i].pid == root;
	while (grew) {
		grew = false;
		for (size_t i = 0; i < count; i++)
			for (size_t j = 0; j < count; j++)
				if (processes[j].inside &&
				    !processes[i].inside &&
				    processes[i].parent == processes[j].pid)
					grew = processes[i].inside = true;
	}
	return count;
}

static uint64_t
cpu_ns(pid_t pid)
{
	clockid_t clock;

	return clock_getcpuclockid(pid, &clock) == 0 ? clock_ns(clock) : 0;
}

static uint64_t
anonymous_bytes(pid_t pid)
{
	char path[PATH_SIZE], line[LINE_SIZE];
	unsigned long kib = 0;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	file = fopen(path, "re");
	if (file == NULL)
		return 0;
	while (fgets(line, sizeof(line), file) != NULL)
		if (sscanf(line, "RssAnon: %lu kB", &kib) == 1)
			break;
	fclose(file);
	return (uint64_t)kib * 1024;
}

static uint64_t
sum(pid_t root, uint64_t (*of)(pid_t pid))
{
	static struct process processes[PROCESSES_MAX];
	size_t count = find_tree(root, processes);
	uint64_t all = 0;

	for (size_t i = 0; i < count; i++)
		if (processes[i].inside)
			all += of(processes[i].pid);
	return all;
}

double
machine_tree_s(pid_t root)
{
	return (double)sum(root, cpu_ns) / 1e9;
}

uint64_t
machine_tree_bytes(pid_t root)
{
	return sum(root, anonymous_bytes);
}

void
machine_raise_files(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
		limit.rlim_cur = limit.rlim_max;
		setrlimit(RLIMIT_NOFILE, &limit);
	}
}
