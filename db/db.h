/*
 * Db: one connection to MariaDB or MySQL and its prepared statements.
 *
 * A connection belongs to one thread; the api has one a process, the notifier
 * one a database thread.  It is made when first needed and made again when it
 * was lost.  A statement defined with SQL_READ() is then run again, once, if
 * no transaction was open; anything else is ERR_UNAVAILABLE, because nobody
 * can know whether it had been carried out.
 *
 * SQL text appears only in db/, as constants made with SQL() and SQL_READ().
 * Values are bound in the order of the '?' marks and columns are taken in the
 * order of the SELECT list, with a call that states the type:
 *
 *	SQL_READ(find_name, "SELECT name FROM users WHERE id = ?");
 *
 *	q = db_query(db, &find_name);
 *	db_bind_u64(q, id);
 *	err = db_next(q);		OK: a row; ERR_NOT_FOUND: no more
 *	if (err == OK)
 *		name = db_text(q, arena);
 *	db_done(q);
 *
 * The first failure sticks to the query and comes out of db_next() or
 * db_run(), so there is one check and not one per line.  Failures of every
 * statement: ERR_UNAVAILABLE (the database is away, or a lock was not to be
 * had within two seconds), ERR_CONFLICT (a unique value is taken),
 * ERR_INTERNAL (anything else; logged).
 */
#ifndef DB_DB_H
#define DB_DB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/arena.h"
#include "common/config.h"
#include "common/err.h"
#include "common/slice.h"
#include "common/token.h"

struct db;
struct db_query;

/* Aligned to its size, so that the section of them is an array. */
struct sql {
	const char *name;
	const char *text;
	bool read; /* safe to run again on a new connection */
} __attribute__((aligned(32)));

/*
 * Define a statement.  The linker collects them all into one section, so
 * that a test can prepare every statement of the program against the schema.
 */
#define SQL__DEFINE(name, text, read) \
	static const struct sql name  \
	    __attribute__((section("sql"))) = { #name, text, read }
#define SQL(name, text)      SQL__DEFINE(name, text, false)
#define SQL_READ(name, text) SQL__DEFINE(name, text, true)

/*
 * Once, before any thread makes a connection; and at the end, once no
 * connection is left.
 */
void db_library_init(void);
void db_library_done(void);

/* A connection to be; borrows config.  The database need not be there yet. */
struct db *db_new(const struct config *config);
void db_free(struct db *db); /* NULL is fine */

/* Connect now, unless connected.  ERR_UNAVAILABLE: the database is away. */
enum err db_connect(struct db *db) MUST_CHECK;

/*
 * A transaction; db_snapshot() is one that only reads, all of it as of now.
 * After a failure inside, db_rollback() and give up.  db_rollback() never
 * fails: at worst it closes the connection, which does the same.
 */
enum err db_begin(struct db *db) MUST_CHECK;
enum err db_snapshot(struct db *db) MUST_CHECK;
enum err db_commit(struct db *db) MUST_CHECK;
void db_rollback(struct db *db);

/* The end of a transaction: commit if err is OK, else take it all back and
   return err. */
enum err db_finish(struct db *db, enum err err) MUST_CHECK;

/* Begin; bind; then db_run(), or db_next() until done and db_done(). */
struct db_query *db_query(struct db *db, const struct sql *sql);
void db_bind_u64(struct db_query *q, uint64_t value);
void db_bind_id(struct db_query *q, uint64_t id);          /* 0 is NULL */
void db_bind_text(struct db_query *q, struct slice text);  /* data NULL: NULL */
void db_bind_string(struct db_query *q, const char *text); /* NULL: NULL */
void db_bind_hash(struct db_query *q, const struct hash *hash);
void db_bind_time(struct db_query *q, uint64_t time_ms); /* 0 is NULL */

/* Run a statement that returns no rows.  ret_affected may be NULL. */
enum err db_run(struct db_query *q, uint64_t *ret_affected) MUST_CHECK;

/* The whole of a statement that takes two numbers and returns no rows. */
enum err db_run_two(struct db *db, const struct sql *sql, uint64_t first,
    uint64_t second, uint64_t *ret_affected) MUST_CHECK;

/* db_run() for an INSERT: the AUTO_INCREMENT id that it made. */
enum err db_insert(struct db_query *q, uint64_t *ret_id) MUST_CHECK;

/* Step to the next row: OK, ERR_NOT_FOUND at the end, or a failure. */
enum err db_next(struct db_query *q) MUST_CHECK;

/* On to the next result of a procedure that gives several. */
enum err db_next_result(struct db_query *q) MUST_CHECK;

uint64_t db_u64(struct db_query *q); /* NULL is 0 */
bool db_bool(struct db_query *q);
uint64_t db_time(struct db_query *q); /* milliseconds since 1970; NULL is 0 */
const char *db_text(struct db_query *q, struct arena *arena); /* NULL is NULL */
struct slice db_slice(struct db_query *q, struct arena *arena);
void db_done(struct db_query *q);

/* One row or none: db_next(), checked, and the query is still open on OK.
   On anything else it is done. */
enum err db_one(struct db_query *q) MUST_CHECK;

/*
 * A pattern for LIKE that matches what begins with start; its own '%', '_'
 * and '\\' are matched as they are.
 */
struct slice db_like_start(struct arena *arena, struct slice start);

/* Prepare every statement in the program; log and count the bad ones. */
size_t db_check_statements(struct db *db);

/*
 * Run the statements in text, separated by semicolons, one after the other.
 * For migrations only, which are not of anybody's typing.
 * On failure ret_message (in the arena) says what the server said.
 */
enum err db_script(struct db *db, struct arena *arena, const char *text,
    const char **ret_message) MUST_CHECK;

#endif /* DB_DB_H */
