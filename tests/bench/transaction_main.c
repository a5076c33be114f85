/*
 * transaction: how many messages the database itself can store.
 *
 * transaction SOCKET DATABASE HOW CONNECTIONS SECONDS POSTERS PID
 *
 * HOW is "rows": number a message, store it and commit, by prepared
 * statements; or "call": by the CALL with which the programs send.  POSTERS
 * is a file of those who post, in turn; PID the database's process, whose use
 * is told.  It prints one line of JSON.  No part of Tidings is in the way:
 * this is what posting through the api is measured against.
 */
#include <json-c/json.h>
#include <mysql.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/alloc.h"
#include "db/message_json.h"
#include "tests/bench/histogram.h"
#include "tests/bench/machine.h"
#include "tests/bench/seats.h"

#define ARGUMENTS   8
#define MILLI_NS    1e6
#define SEATS_MAX   100000
#define SECOND_NS   1e9
#define TEXT_SIZE   300
#define WORKERS_MAX 256

static const char find_sender[] =
    "SELECT user_id FROM sessions WHERE token_hash = UNHEX(SHA2(?, 256))";
static const char number[] =
    "UPDATE conversations SET last_no = LAST_INSERT_ID(last_no + 1),"
    " active_at = UTC_TIMESTAMP(3) WHERE id = ?";
static const char store[] =
    "INSERT INTO messages (conversation_id, no, seq, sender_id, text,"
    " created_at) VALUES (?, LAST_INSERT_ID(), LAST_INSERT_ID(), ?, ?,"
    " UTC_TIMESTAMP(3))";
static const char call[] =
    "CALL message_send(?, ?, NULL, '', '', NULL, NULL, ?, NULL, NULL, NULL,"
    " 0, ?)";
static const char count[] = "SELECT COUNT(*) FROM messages";

struct bench {
	const char *socket, *database, *posters;
	bool by_call;
	struct seats seats;
	uint64_t *senders; /* by seat */
	uint64_t end_ns;
	size_t workers;
	pid_t pid;
};

struct worker {
	const struct bench *bench;
	pthread_t thread;
	size_t index;
	MYSQL *mysql;
	MYSQL_STMT *stmts[2];
	uint64_t conversation, sender; /* of the next message */
	char text[TEXT_SIZE + 1];
	char *payload;
	struct histogram times;
};

static MYSQL *
open_database(const struct bench *bench)
{
	MYSQL *mysql = mysql_init(NULL);

	if (mysql == NULL)
		machine_die("out of memory");
	mysql_options(mysql, MYSQL_SET_CHARSET_NAME, "utf8mb4");
	if (mysql_real_connect(mysql, NULL, NULL, NULL, bench->database, 0,
		bench->socket, CLIENT_MULTI_RESULTS) == NULL)
		machine_die("%s: %s", bench->socket, mysql_error(mysql));
	return mysql;
}

static MYSQL_STMT *
prepare(MYSQL *mysql, const char *sql, MYSQL_BIND *params)
{
	MYSQL_STMT *stmt = mysql_stmt_init(mysql);

	if (stmt == NULL ||
	    mysql_stmt_prepare(stmt, sql, (unsigned long)strlen(sql)) != 0 ||
	    (params != NULL && mysql_stmt_bind_param(stmt, params) != 0))
		machine_die("%s: %s", sql, mysql_error(mysql));
	return stmt;
}

static void
execute(MYSQL_STMT *stmt)
{
	if (mysql_stmt_execute(stmt) != 0)
		machine_die("%s", mysql_stmt_error(stmt));
}

static MYSQL_BIND
of_number(uint64_t *value)
{
	return (MYSQL_BIND){
		.buffer_type = MYSQL_TYPE_LONGLONG,
		.buffer = value,
		.is_unsigned = 1,
	};
}

static MYSQL_BIND
of_text(const char *text)
{
	return (MYSQL_BIND){
		.buffer_type = MYSQL_TYPE_STRING,
		.buffer = (void *)(uintptr_t)text,
		.buffer_length = (unsigned long)strlen(text),
	};
}

static void
find_senders(struct bench *bench)
{
	MYSQL *mysql = open_database(bench);

	bench->senders = must_calloc(
	    bench->seats.count, sizeof(*bench->senders));
	for (size_t i = 0; i < bench->seats.count; i++) {
		MYSQL_BIND token = of_text(bench->seats.items[i].token);
		MYSQL_BIND sender = of_number(&bench->senders[i]);
		MYSQL_STMT *stmt = prepare(mysql, find_sender, &token);

		execute(stmt);
		if (mysql_stmt_bind_result(stmt, &sender) != 0 ||
		    mysql_stmt_fetch(stmt) != 0)
			machine_die("'%s': nobody", bench->posters);
		mysql_stmt_close(stmt);
	}
	mysql_close(mysql);
}

static uint64_t
count_messages(const struct bench *bench)
{
	MYSQL *mysql = open_database(bench);
	uint64_t messages = 0;
	MYSQL_BIND result = of_number(&messages);
	MYSQL_STMT *stmt = prepare(mysql, count, NULL);

	execute(stmt);
	if (mysql_stmt_bind_result(stmt, &result) != 0 ||
	    mysql_stmt_fetch(stmt) != 0)
		machine_die("%s", mysql_stmt_error(stmt));
	mysql_stmt_close(stmt);
	mysql_close(mysql);
	return messages;
}

/* What a program would write into the log; like one, with few names. */
static char *
make_payload(const char *text)
{
	const struct message message = {
		.text = text,
		.type = "text",
		.sender_id = 1,
		.sender_username = "reader1",
		.sender_name = "Reader 1",
	};
	struct json_object *json = message_payload(&message);
	char *payload = must_strdup(json_object_to_json_string_ext(
	    json, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE));

	json_object_put(json);
	return payload;
}

/* The statements point at what they are run with. */
static void
prepare_all(struct worker *worker)
{
	MYSQL_BIND conversation = of_number(&worker->conversation);
	MYSQL_BIND sender = of_number(&worker->sender);
	MYSQL_BIND text = of_text(worker->text);

	if (worker->bench->by_call) {
		worker->stmts[0] = prepare(worker->mysql, call,
		    (MYSQL_BIND[]){
			sender, conversation, text, of_text(worker->payload) });
		return;
	}
	mysql_autocommit(worker->mysql, 0); /* no round trip to begin */
	worker->stmts[0] = prepare(worker->mysql, number, &conversation);
	worker->stmts[1] = prepare(
	    worker->mysql, store, (MYSQL_BIND[]){ conversation, sender, text });
}

static void
run_rows(struct worker *worker)
{
	execute(worker->stmts[0]);
	execute(worker->stmts[1]);
	if (mysql_commit(worker->mysql) != 0)
		machine_die("%s", mysql_error(worker->mysql));
}

static void
run_call(struct worker *worker)
{
	MYSQL_STMT *stmt = worker->stmts[0];

	execute(stmt);
	do
		mysql_stmt_store_result(stmt);
	while (mysql_stmt_next_result(stmt) == 0);
}

static void
send_all(struct worker *worker)
{
	const struct bench *bench = worker->bench;

	for (size_t i = worker->index;; i += bench->workers) {
		size_t seat = i % bench->seats.count;
		uint64_t start_ns = machine_now_ns();

		if (start_ns >= bench->end_ns)
			return;
		worker->conversation = bench->seats.items[seat].conversation_id;
		worker->sender = bench->senders[seat];
		if (bench->by_call)
			run_call(worker);
		else
			run_rows(worker);
		histogram_add(&worker->times, machine_now_ns() - start_ns);
	}
}

static void *
work(void *argument)
{
	struct worker *worker = argument;

	memset(worker->text, 'x', TEXT_SIZE);
	worker->payload = make_payload(worker->text);
	worker->mysql = open_database(worker->bench);
	prepare_all(worker);
	send_all(worker);
	mysql_close(worker->mysql);
	mysql_thread_end();
	free(worker->payload);
	return NULL;
}

static void
print(const struct histogram *times, const double *used)
{
	printf("{\"posts\":%llu,\"post_s\":%.4f,\"post_ms\":{\"p50\":%.4f,"
	       "\"p99\":%.4f,\"p999\":%.4f},\"wall_s\":%.4f,\"own_s\":%.4f,"
	       "\"busy_s\":%.2f,\"trees\":{\"db\":{\"cpu_s\":%.6f}}}\n",
	    (unsigned long long)times->total, used[0],
	    (double)histogram_at(times, 0.5) / MILLI_NS,
	    (double)histogram_at(times, 0.99) / MILLI_NS,
	    (double)histogram_at(times, 0.999) / MILLI_NS, used[0], used[1],
	    used[2], used[3]);
}

static void
measure(struct bench *bench, double seconds)
{
	struct worker *workers = must_calloc(bench->workers, sizeof(*workers));
	struct histogram *times = must_calloc(1, sizeof(*times));
	uint64_t before = count_messages(bench);
	uint64_t start_ns = machine_now_ns();
	double used[4];

	used[1] = -machine_own_s();
	used[2] = -machine_busy_s();
	used[3] = -machine_tree_s(bench->pid);
	bench->end_ns = start_ns + (uint64_t)(seconds * SECOND_NS);
	for (size_t i = 0; i < bench->workers; i++) {
		workers[i].bench = bench;
		workers[i].index = i;
		if (pthread_create(
			&workers[i].thread, NULL, work, &workers[i]) != 0)
			machine_die("cannot make a thread");
	}
	for (size_t i = 0; i < bench->workers; i++) {
		pthread_join(workers[i].thread, NULL);
		for (size_t j = 0; j < HISTOGRAM_BUCKETS; j++)
			times->counts[j] += workers[i].times.counts[j];
		times->total += workers[i].times.total;
	}
	used[0] = (double)(machine_now_ns() - start_ns) / SECOND_NS;
	used[1] += machine_own_s();
	used[2] += machine_busy_s();
	used[3] += machine_tree_s(bench->pid);
	if (count_messages(bench) - before != times->total)
		machine_die("not every message was stored");
	print(times, used);
	free(workers);
	free(times);
}

int
main(int argc, char **argv)
{
	struct bench bench = { 0 };

	if (argc != ARGUMENTS)
		machine_die("usage: transaction SOCKET DATABASE rows|call "
			    "CONNECTIONS SECONDS POSTERS PID");
	bench.socket = argv[1];
	bench.database = argv[2];
	bench.by_call = strcmp(argv[3], "call") == 0;
	bench.workers = (size_t)strtoul(argv[4], NULL, 10);
	bench.posters = argv[6];
	bench.pid = (pid_t)strtol(argv[7], NULL, 10);
	if (bench.workers < 1 || bench.workers > WORKERS_MAX)
		machine_die("transaction: '%s' connections", argv[4]);
	mysql_library_init(0, NULL, NULL);
	bench.seats = seats_read(bench.posters, SEATS_MAX);
	find_senders(&bench);
	measure(&bench, strtod(argv[5], NULL));
	free(bench.senders);
	mysql_library_end();
	return EXIT_SUCCESS;
}
