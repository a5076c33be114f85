#include "db/migrate.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "common/log.h"

#define MIGRATIONS_MAX      1000
#define MIGRATION_MAX_BYTES ((size_t)1024 * 1024)
#define NUMBER_DIGITS       4
#define LOCK_WAIT_S         60

/* Not a migration itself, because it must be there before the first. */
static const char ledger[] =
    "CREATE TABLE IF NOT EXISTS schema_migrations ("
    "	name VARCHAR(128) CHARACTER SET ascii COLLATE ascii_bin"
    "	    NOT NULL PRIMARY KEY,"
    "	text_hash BINARY(32) NOT NULL,"
    "	applied_at DATETIME(3) NOT NULL"
    ") ENGINE=InnoDB";

SQL(take_lock, "SELECT GET_LOCK('tidings_migrate', ?)");

SQL(release_lock, "SELECT RELEASE_LOCK('tidings_migrate')");

SQL_READ(select_applied,
    "SELECT text_hash = ? FROM schema_migrations WHERE name = ?");

SQL_READ(count_applied, "SELECT COUNT(*) FROM schema_migrations");

SQL(insert_applied,
    "INSERT INTO schema_migrations (name, text_hash, applied_at)"
    " VALUES (?, ?, UTC_TIMESTAMP(3))");

/* One statement that answers with one number. */
static enum err
ask(struct db_query *q, uint64_t *ret_number)
{
	enum err err = db_one(q);

	if (err != OK)
		return err;
	*ret_number = db_u64(q);
	db_done(q);
	return OK;
}

static int
is_migration(const struct dirent *entry)
{
	size_t len = strlen(entry->d_name);

	return strspn(entry->d_name, "0123456789") == NUMBER_DIGITS &&
	    entry->d_name[NUMBER_DIGITS] == '_' && len > 4 &&
	    strcmp(entry->d_name + len - 4, ".sql") == 0;
}

/* The whole file, NUL-terminated, in the arena; NULL after logging why not. */
static const char *
read_file(struct arena *arena, const char *directory, const char *name,
    size_t *ret_len)
{
	char path[4096];
	struct stat status;
	char *text = NULL;
	FILE *file;

	if ((size_t)snprintf(path, sizeof(path), "%s/%s", directory, name) >=
	    sizeof(path)) {
		log_error("the path of '%s' is too long", name);
		return NULL;
	}
	file = fopen(path, "re");
	if (file == NULL || fstat(fileno(file), &status) == -1) {
		log_error("cannot open '%s': %s", path, strerror(errno));
	} else if ((size_t)status.st_size > MIGRATION_MAX_BYTES) {
		log_error("'%s' is too large for a migration", path);
	} else {
		*ret_len = (size_t)status.st_size;
		text = arena_alloc(arena, *ret_len + 1);
		if (fread(text, 1, *ret_len, file) != *ret_len) {
			log_error("cannot read '%s'", path);
			text = NULL;
		}
	}
	if (file != NULL)
		fclose(file);
	return text;
}

static enum err
apply(struct db *db, struct arena *arena, const char *name, const char *text,
    const struct hash *hash)
{
	const char *message;
	struct db_query *q;
	enum err err = db_script(db, arena, text, &message);

	if (err != OK) {
		log_error("%s: %s", name, message);
		return err;
	}
	q = db_query(db, &insert_applied);
	db_bind_string(q, name);
	db_bind_hash(q, hash);
	err = db_run(q, NULL);
	if (err == OK)
		printf("applied %s\n", name);
	return err;
}

/* Apply one file, or make sure that it is what was applied. */
static enum err
step(struct db *db, struct arena *arena, const char *directory,
    const char *name, uint64_t *applied)
{
	struct db_query *q;
	struct hash hash;
	uint64_t is_same;
	const char *text;
	size_t len;
	enum err err;

	text = read_file(arena, directory, name, &len);
	if (text == NULL)
		return ERR_INTERNAL;
	hash = hash_of((struct slice){ text, len });
	q = db_query(db, &select_applied);
	db_bind_hash(q, &hash);
	db_bind_string(q, name);
	err = ask(q, &is_same);
	if (err == ERR_NOT_FOUND)
		return apply(db, arena, name, text, &hash);
	if (err != OK)
		return err;
	if (!is_same) {
		log_error("%s is not what was applied", name);
		return ERR_CONFLICT;
	}
	(*applied)--;
	return OK;
}

static enum err
apply_all(
    struct db *db, const char *directory, struct dirent **entries, int count)
{
	struct arena *arena = arena_new();
	uint64_t applied = 0;
	enum err err = ask(db_query(db, &count_applied), &applied);

	for (int i = 0; err == OK && i < count; i++)
		err = step(db, arena, directory, entries[i]->d_name, &applied);
	if (err == OK && applied > 0) {
		log_error("the database is newer than '%s'", directory);
		err = ERR_CONFLICT;
	}
	arena_free(arena);
	return err;
}

static enum err
locked(struct db *db, const char *directory, struct dirent **entries, int count)
{
	struct arena *arena = arena_new();
	struct db_query *q;
	const char *message;
	uint64_t got = 0;
	enum err err = db_script(db, arena, ledger, &message);

	if (err != OK)
		log_error("schema_migrations: %s", message);
	arena_free(arena);
	if (err != OK)
		return err;
	q = db_query(db, &take_lock);
	db_bind_u64(q, LOCK_WAIT_S);
	err = ask(q, &got);
	if (err != OK)
		return err;
	if (got == 0) {
		log_error("somebody else is migrating");
		return ERR_UNAVAILABLE;
	}
	err = apply_all(db, directory, entries, count);
	(void)ask(db_query(db, &release_lock), &got); /* the end does it too */
	return err;
}

enum err
migrate(struct db *db, const char *directory)
{
	struct dirent **entries;
	int count = scandir(directory, &entries, is_migration, alphasort);
	enum err err;

	if (count == -1) {
		log_error("cannot read '%s': %s", directory, strerror(errno));
		return ERR_INTERNAL;
	}
	if (count == 0 || count > MIGRATIONS_MAX) {
		log_error("'%s' holds no migrations", directory);
		err = ERR_INTERNAL;
	} else {
		err = locked(db, directory, entries, count);
	}
	for (int i = 0; i < count; i++)
		free(entries[i]);
	free(entries);
	return err;
}
