/*
 * Migrate: the schema is the sum of db/migrations/NNNN_what.sql.
 *
 * Each is applied once, in the order of its number, and remembered with the
 * SHA-256 of its text: one that was edited after it was applied is an error.
 * Two migrations at once wait for each other.
 */
#ifndef DB_MIGRATE_H
#define DB_MIGRATE_H

#include "db/db.h"

/*
 * Apply what is missing of the files in directory; say each on stdout.
 * Failures are logged with the server's own words.  ERR_CONFLICT: a file
 * that is applied is not what it was, or is missing; nothing was done.
 */
enum err migrate(struct db *db, const char *directory) MUST_CHECK;

#endif /* DB_MIGRATE_H */
