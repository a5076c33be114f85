#include <assert.h>
#include <errmsg.h>
#include <mysqld_error.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/alloc.h"
#include "common/log.h"
#include "db/db_connection.h"

#define DEADLOCK_TRIES 3

struct db_query *
db_query(struct db *db, const struct sql *sql)
{
	struct db_query **slot = &db->queries[sql - __start_sql];
	struct db_query *q = *slot;

	if (q == NULL) {
		q = *slot = must_calloc(1, sizeof(*q));
		q->db = db;
		q->sql = sql;
	}
	assert(!q->open); /* someone forgot db_done() */
	q->open = true;
	q->err = OK;
	q->executed = false;
	q->bound = 0;
	q->column = 0;
	return q;
}

void
db_queries_close(struct db *db)
{
	for (size_t i = 0; i < (size_t)(__stop_sql - __start_sql); i++) {
		struct db_query *q = db->queries[i];

		if (q == NULL || q->stmt == NULL)
			continue;
		mysql_stmt_close(q->stmt);
		q->stmt = NULL;
	}
}

static MYSQL_BIND *
next_param(struct db_query *q, enum enum_field_types type)
{
	MYSQL_BIND *param;

	assert(q->bound < DB_PARAMS_MAX);
	param = &q->params[q->bound];
	memset(param, 0, sizeof(*param));
	param->buffer_type = type;
	param->buffer = &q->values[q->bound++];
	return param;
}

static void
bind_null(struct db_query *q)
{
	(void)next_param(q, MYSQL_TYPE_NULL);
}

void
db_bind_u64(struct db_query *q, uint64_t value)
{
	MYSQL_BIND *param = next_param(q, MYSQL_TYPE_LONGLONG);

	q->values[q->bound - 1].number = value;
	param->is_unsigned = 1;
}

void
db_bind_id(struct db_query *q, uint64_t id)
{
	if (id == 0)
		bind_null(q);
	else
		db_bind_u64(q, id);
}

static void
bind_bytes(struct db_query *q, enum enum_field_types type, const void *data,
    size_t len)
{
	MYSQL_BIND *param;

	if (data == NULL) {
		bind_null(q);
		return;
	}
	param = next_param(q, type);
	param->buffer = (void *)(uintptr_t)data; /* only read */
	param->buffer_length = len;
}

void
db_bind_text(struct db_query *q, struct slice text)
{
	bind_bytes(q, MYSQL_TYPE_STRING, text.data, text.len);
}

void
db_bind_string(struct db_query *q, const char *text)
{
	bind_bytes(q, MYSQL_TYPE_STRING, text, text == NULL ? 0 : strlen(text));
}

void
db_bind_hash(struct db_query *q, const struct hash *hash)
{
	bind_bytes(q, MYSQL_TYPE_BLOB, hash, HASH_BYTES);
}

void
db_bind_time(struct db_query *q, uint64_t time_ms)
{
	time_t seconds = (time_t)(time_ms / 1000);
	struct tm utc;

	if (time_ms == 0) {
		bind_null(q);
		return;
	}
	gmtime_r(&seconds, &utc);
	(void)next_param(q, MYSQL_TYPE_DATETIME);
	q->values[q->bound - 1].time = (MYSQL_TIME){
		.year = (unsigned)utc.tm_year + 1900,
		.month = (unsigned)utc.tm_mon + 1,
		.day = (unsigned)utc.tm_mday,
		.hour = (unsigned)utc.tm_hour,
		.minute = (unsigned)utc.tm_min,
		.second = (unsigned)utc.tm_sec,
		.second_part = (unsigned long)(time_ms % 1000) * 1000,
		.time_type = MYSQL_TIMESTAMP_DATETIME,
	};
}

/* Remember the first failure; the server's words go to the log. */
static void
fail(struct db_query *q)
{
	unsigned code = mysql_stmt_errno(q->stmt);

	if (q->err != OK)
		return;
	q->err = db_translate(code);
	if (q->err != ERR_CONFLICT)
		log_error("%s: %s", q->sql->name, mysql_stmt_error(q->stmt));
}

static unsigned
prepare_and_execute(struct db_query *q, bool *ret_executed)
{
	*ret_executed = false;
	if (q->stmt == NULL) {
		q->stmt = mysql_stmt_init(q->db->mysql);
		if (q->stmt == NULL)
			log_fatal("out of memory");
		if (mysql_stmt_prepare(
			q->stmt, q->sql->text, strlen(q->sql->text)) != 0)
			return mysql_stmt_errno(q->stmt);
		assert(q->bound == mysql_stmt_param_count(q->stmt));
	}
	*ret_executed = true;
	if ((q->bound > 0 && mysql_stmt_bind_param(q->stmt, q->params)) ||
	    mysql_stmt_execute(q->stmt) != 0)
		return mysql_stmt_errno(q->stmt);
	return 0;
}

/*
 * Whether the statement may be run once more: when it was not carried out
 * for certain (never sent, or rolled back by a deadlock), or only reads; and
 * when no transaction was lost with it.
 */
static bool
may_repeat(const struct db_query *q, unsigned code, bool executed, int tries)
{
	if (q->db->in_transaction)
		return false;
	if (code == ER_LOCK_DEADLOCK)
		return tries < DEADLOCK_TRIES;
	if (!db_is_lost(code) || tries > 1)
		return false;
	return !executed || q->sql->read || code == CR_SERVER_GONE_ERROR;
}

static void
execute(struct db_query *q)
{
	bool executed;
	unsigned code;

	q->executed = true;
	if (q->db->in_transaction && q->db->mysql == NULL) {
		q->err = ERR_UNAVAILABLE; /* lost with the connection */
		return;
	}
	for (int tries = 1;; tries++) {
		q->err = db_connect(q->db);
		if (q->err != OK)
			return;
		code = prepare_and_execute(q, &executed);
		if (code == 0)
			return;
		if (!may_repeat(q, code, executed, tries))
			break;
		if (db_is_lost(code))
			db_disconnect(q->db);
	}
	fail(q);
}

/* After a failure the statement is prepared afresh next time. */
void
db_done(struct db_query *q)
{
	q->open = false;
	if (q->stmt == NULL)
		return;
	if (q->err == OK) {
		mysql_stmt_free_result(q->stmt);
		while (mysql_stmt_next_result(q->stmt) == 0)
			mysql_stmt_free_result(q->stmt);
		if (mysql_stmt_errno(q->stmt) == 0)
			return;
	}
	if (db_is_lost(mysql_stmt_errno(q->stmt))) {
		bool in_transaction = q->db->in_transaction;

		db_disconnect(q->db);
		q->db->in_transaction = in_transaction;
		return;
	}
	mysql_stmt_close(q->stmt);
	q->stmt = NULL;
}

static enum err
run(struct db_query *q, uint64_t *ret_affected, uint64_t *ret_id)
{
	enum err err;

	execute(q);
	err = q->err;
	if (err == OK && ret_affected != NULL)
		*ret_affected = mysql_stmt_affected_rows(q->stmt);
	if (err == OK && ret_id != NULL)
		*ret_id = mysql_stmt_insert_id(q->stmt);
	db_done(q);
	return err;
}

enum err
db_run(struct db_query *q, uint64_t *ret_affected)
{
	return run(q, ret_affected, NULL);
}

enum err
db_run_two(struct db *db, const struct sql *sql, uint64_t first,
    uint64_t second, uint64_t *ret_affected)
{
	struct db_query *q = db_query(db, sql);

	db_bind_u64(q, first);
	db_bind_u64(q, second);
	return db_run(q, ret_affected);
}

enum err
db_insert(struct db_query *q, uint64_t *ret_id)
{
	return run(q, NULL, ret_id);
}

/* Ask for no column data yet: the take functions fetch what they need. */
static void
store_result(struct db_query *q)
{
	MYSQL_BIND columns[DB_COLUMNS_MAX];
	unsigned count = mysql_stmt_field_count(q->stmt);

	assert(count <= DB_COLUMNS_MAX);
	if (count == 0)
		return;
	memset(columns, 0, sizeof(columns));
	for (unsigned i = 0; i < count; i++)
		columns[i].buffer_type = MYSQL_TYPE_STRING;
	if (mysql_stmt_bind_result(q->stmt, columns) ||
	    mysql_stmt_store_result(q->stmt))
		fail(q);
}

enum err
db_next(struct db_query *q)
{
	if (!q->executed) {
		execute(q);
		if (q->err == OK)
			store_result(q);
	}
	if (q->err != OK)
		return q->err;
	q->column = 0;
	if (mysql_stmt_field_count(q->stmt) == 0)
		return ERR_NOT_FOUND;
	switch (mysql_stmt_fetch(q->stmt)) {
	case 0:
	case MYSQL_DATA_TRUNCATED:
		return OK;
	case MYSQL_NO_DATA:
		return ERR_NOT_FOUND;
	default:
		fail(q);
		return q->err;
	}
}

enum err
db_next_result(struct db_query *q)
{
	if (q->err != OK)
		return q->err;
	mysql_stmt_free_result(q->stmt);
	switch (mysql_stmt_next_result(q->stmt)) {
	case 0:
		store_result(q);
		return q->err;
	case -1:
		return ERR_NOT_FOUND;
	default:
		fail(q);
		return q->err;
	}
}

enum err
db_one(struct db_query *q)
{
	enum err err = db_next(q);

	if (err != OK)
		db_done(q);
	return err;
}

uint64_t
db_u64(struct db_query *q)
{
	uint64_t value = 0;
	my_bool is_null = 0;
	MYSQL_BIND bind = {
		.buffer_type = MYSQL_TYPE_LONGLONG,
		.buffer = &value,
		.is_unsigned = 1,
		.is_null = &is_null,
	};

	if (mysql_stmt_fetch_column(q->stmt, &bind, q->column++, 0))
		fail(q);
	return is_null ? 0 : value;
}

bool
db_bool(struct db_query *q)
{
	return db_u64(q) != 0;
}

uint64_t
db_time(struct db_query *q)
{
	MYSQL_TIME value = { 0 };
	my_bool is_null = 0;
	MYSQL_BIND bind = {
		.buffer_type = MYSQL_TYPE_DATETIME,
		.buffer = &value,
		.is_null = &is_null,
	};
	struct tm utc = { 0 };

	if (mysql_stmt_fetch_column(q->stmt, &bind, q->column++, 0))
		fail(q);
	if (is_null || value.year < 1970)
		return 0;
	utc.tm_year = (int)value.year - 1900;
	utc.tm_mon = (int)value.month - 1;
	utc.tm_mday = (int)value.day;
	utc.tm_hour = (int)value.hour;
	utc.tm_min = (int)value.minute;
	utc.tm_sec = (int)value.second;
	return (uint64_t)timegm(&utc) * 1000 + value.second_part / 1000;
}

struct slice
db_slice(struct db_query *q, struct arena *arena)
{
	unsigned long len = 0;
	my_bool is_null = 0;
	MYSQL_BIND bind = {
		.buffer_type = MYSQL_TYPE_STRING,
		.length = &len,
		.is_null = &is_null,
	};
	char *text;

	if (mysql_stmt_fetch_column(q->stmt, &bind, q->column, 0))
		fail(q);
	if (is_null) {
		q->column++;
		return (struct slice){ .data = NULL, .len = 0 };
	}
	text = arena_alloc(arena, len + 1);
	bind.buffer = text;
	bind.buffer_length = len;
	if (len > 0 && mysql_stmt_fetch_column(q->stmt, &bind, q->column, 0))
		fail(q);
	q->column++;
	return (struct slice){ .data = text, .len = len };
}

const char *
db_text(struct db_query *q, struct arena *arena)
{
	return db_slice(q, arena).data;
}

struct slice
db_like_start(struct arena *arena, struct slice start)
{
	char *pattern = arena_alloc(arena, 2 * start.len + 1);
	size_t len = 0;

	for (size_t i = 0; i < start.len; i++) {
		if (memchr("%_\\", start.data[i], 3) != NULL)
			pattern[len++] = '\\';
		pattern[len++] = start.data[i];
	}
	pattern[len++] = '%';
	return (struct slice){ .data = pattern, .len = len };
}

size_t
db_check_statements(struct db *db)
{
	size_t bad = 0;

	if (db_connect(db) != OK)
		return 1;
	for (const struct sql *sql = __start_sql; sql != __stop_sql; sql++) {
		MYSQL_STMT *stmt = mysql_stmt_init(db->mysql);

		if (mysql_stmt_prepare(stmt, sql->text, strlen(sql->text))) {
			log_error("%s: %s", sql->name, mysql_stmt_error(stmt));
			bad++;
		}
		mysql_stmt_close(stmt);
	}
	return bad;
}
