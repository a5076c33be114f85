#include "db/db.h"

#include <errmsg.h>
#include <mysqld_error.h>
#include <stdlib.h>
#include <string.h>

#include "common/alloc.h"
#include "common/log.h"
#include "db/db_connection.h"

#define CONNECT_TIMEOUT_S 2
#define ANSWER_TIMEOUT_S  10

/* MariaDB's own numbers; its client's headers lack some of them. */
#define MARIADB_CONNECTION_KILLED 1927
#define MYSQL_CLIENT_INTERACTION  4031
#define MARIADB_STATEMENT_TIMEOUT 1969
#define MARIADB_IDLE_TRANSACTION  4148

/*
 * Waits for locks are short, and so are transactions whose process has
 * stopped, where the server can end them: nobody waits for the dead.
 */
static const char session_settings[] =
    "SET SESSION time_zone = '+00:00',"
    " sql_mode = 'STRICT_TRANS_TABLES,ERROR_FOR_DIVISION_BY_ZERO,"
    "NO_ENGINE_SUBSTITUTION',"
    " innodb_lock_wait_timeout = 2"
    " /*M!100300 , idle_transaction_timeout = 10 */";
static const char isolation[] =
    "SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ";

static const char *
or_null(const char *text)
{
	return *text == '\0' ? NULL : text;
}

void
db_library_init(void)
{
	if (mysql_library_init(0, NULL, NULL) != 0)
		log_fatal("the database client library does not start");
}

void
db_library_done(void)
{
	mysql_library_end();
}

struct db *
db_new(const struct config *config)
{
	struct db *db = must_calloc(1, sizeof(*db));

	db->config = config;
	db->queries = must_calloc(
	    (size_t)(__stop_sql - __start_sql), sizeof(struct db_query *));
	return db;
}

void
db_free(struct db *db)
{
	if (db == NULL)
		return;
	db_disconnect(db);
	for (size_t i = 0; i < (size_t)(__stop_sql - __start_sql); i++)
		free(db->queries[i]);
	free(db->queries);
	free(db);
}

void
db_disconnect(struct db *db)
{
	db_queries_close(db);
	mysql_close(db->mysql);
	db->mysql = NULL;
	db->in_transaction = false;
}

bool
db_is_lost(unsigned code)
{
	switch (code) {
	case CR_SERVER_GONE_ERROR:
	case CR_SERVER_LOST:
	case CR_CONN_HOST_ERROR:
	case CR_CONNECTION_ERROR:
	case ER_SERVER_SHUTDOWN:
	case ER_NEW_ABORTING_CONNECTION:
	case MARIADB_CONNECTION_KILLED:
	case MYSQL_CLIENT_INTERACTION:
	case MARIADB_IDLE_TRANSACTION:
		return true;
	default:
		return false;
	}
}

enum err
db_translate(unsigned code)
{
	if (db_is_lost(code))
		return ERR_UNAVAILABLE;
	switch (code) {
	case ER_DUP_ENTRY:
		return ERR_CONFLICT;
	case ER_LOCK_DEADLOCK:
	case ER_LOCK_WAIT_TIMEOUT:
	case ER_OPTION_PREVENTS_STATEMENT: /* the server only reads now */
	case ER_RECORD_FILE_FULL:          /* a full disk */
	case ER_DISK_FULL:
	case ER_QUERY_INTERRUPTED:
	case MARIADB_STATEMENT_TIMEOUT:
		return ERR_UNAVAILABLE;
	default:
		return ERR_INTERNAL;
	}
}

enum err
db_connect(struct db *db)
{
	const struct config *config = db->config;
	const unsigned connect_s = CONNECT_TIMEOUT_S;
	const unsigned answer_s = ANSWER_TIMEOUT_S;

	if (db->mysql != NULL)
		return OK;
	db->mysql = mysql_init(NULL);
	if (db->mysql == NULL)
		log_fatal("out of memory");
	mysql_options(db->mysql, MYSQL_SET_CHARSET_NAME, "utf8mb4");
	mysql_options(db->mysql, MYSQL_OPT_CONNECT_TIMEOUT, &connect_s);
	mysql_options(db->mysql, MYSQL_OPT_READ_TIMEOUT, &answer_s);
	mysql_options(db->mysql, MYSQL_OPT_WRITE_TIMEOUT, &answer_s);
	if (mysql_real_connect(db->mysql, or_null(config->db_host),
		config->db_user, config->db_password, config->db_name,
		(unsigned)config->db_port, or_null(config->db_socket),
		CLIENT_MULTI_RESULTS) == NULL ||
	    mysql_query(db->mysql, session_settings) != 0 ||
	    mysql_query(db->mysql, isolation) != 0) {
		/* Once, not at every try until it is back. */
		if (!db->is_away)
			log_error("database: %s", mysql_error(db->mysql));
		db->is_away = true;
		db_disconnect(db);
		return ERR_UNAVAILABLE;
	}
	db->is_away = false;
	return OK;
}

static enum err
fail(struct db *db, const char *what)
{
	unsigned code = mysql_errno(db->mysql);

	log_error("%s: %s", what, mysql_error(db->mysql));
	db_disconnect(db);
	return db_translate(code);
}

/* Nothing has been done yet, so a lost connection may be made again. */
static enum err
begin(struct db *db, const char *how)
{
	for (int attempt = 0;; attempt++) {
		enum err err = db_connect(db);

		if (err != OK)
			return err;
		if (mysql_query(db->mysql, how) == 0)
			break;
		if (!db_is_lost(mysql_errno(db->mysql)) || attempt > 0)
			return fail(db, how);
		db_disconnect(db);
	}
	db->in_transaction = true;
	return OK;
}

enum err
db_begin(struct db *db)
{
	return begin(db, "START TRANSACTION");
}

enum err
db_snapshot(struct db *db)
{
	return begin(
	    db, "START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY");
}

enum err
db_commit(struct db *db)
{
	if (db->mysql == NULL)
		return ERR_UNAVAILABLE;
	if (mysql_commit(db->mysql) != 0)
		return fail(db, "COMMIT");
	db->in_transaction = false;
	return OK;
}

void
db_rollback(struct db *db)
{
	if (db->mysql != NULL && mysql_rollback(db->mysql) != 0)
		db_disconnect(db);
	db->in_transaction = false;
}

enum err
db_finish(struct db *db, enum err err)
{
	if (err == OK)
		err = db_commit(db);
	if (err != OK)
		db_rollback(db);
	return err;
}

enum err
db_script(struct db *db, struct arena *arena, const char *text,
    const char **ret_message)
{
	enum err err = db_connect(db);
	const char *message;
	int more;

	if (err != OK) {
		*ret_message = "the database is away";
		return err;
	}
	mysql_set_server_option(db->mysql, MYSQL_OPTION_MULTI_STATEMENTS_ON);
	more = mysql_query(db->mysql, text);
	while (more == 0) {
		mysql_free_result(mysql_store_result(db->mysql));
		more = mysql_next_result(db->mysql);
	}
	if (mysql_errno(db->mysql) == 0) {
		mysql_set_server_option(
		    db->mysql, MYSQL_OPTION_MULTI_STATEMENTS_OFF);
		return OK;
	}
	message = mysql_error(db->mysql);
	*ret_message = arena_strndup(arena, message, strlen(message));
	db_disconnect(db);
	return ERR_INTERNAL;
}
