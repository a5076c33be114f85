/* The inside of db/db.c and db/db_query.c; nothing else includes it. */
#ifndef DB_DB_CONNECTION_H
#define DB_DB_CONNECTION_H

#include <mysql.h>

#include "db/db.h"

#define DB_PARAMS_MAX  16
#define DB_COLUMNS_MAX 40

/* A statement on a connection; prepared when first used. */
struct db_query {
	struct db *db;
	const struct sql *sql;
	MYSQL_STMT *stmt; /* NULL: not prepared on this connection */
	enum err err;     /* the first failure */
	bool open;
	bool executed;
	unsigned bound;  /* parameters so far */
	unsigned column; /* next column to take */
	MYSQL_BIND params[DB_PARAMS_MAX];
	union {
		uint64_t number;
		MYSQL_TIME time;
	} values[DB_PARAMS_MAX];
};

struct db {
	const struct config *config; /* borrowed */
	MYSQL *mysql;                /* NULL: not connected */
	bool in_transaction;
	bool is_away; /* the last try to connect failed, and was logged */
	struct db_query **queries; /* by place in the section; NULL: unused */
};

/* The bounds of the section that SQL() fills; made by the linker. */
extern const struct sql __start_sql[];
extern const struct sql __stop_sql[];

/* Forget the connection and everything prepared on it. */
void db_disconnect(struct db *db);

/* True when error number code says that the connection is gone. */
bool db_is_lost(unsigned code);

/* What error number code means to callers. */
enum err db_translate(unsigned code);

/* Close the statements of a connection that is about to go. */
void db_queries_close(struct db *db);

#endif /* DB_DB_CONNECTION_H */
