/* Every statement of the programs, against the migrated schema. */
#include "tests/db/world.h"

#include <signal.h>

#include "db/migrate.h"

SQL_READ(read_number, "SELECT ?");
SQL(write_counter, "UPDATE event_counter SET head = head + ? WHERE id = 1");
SQL_READ(connection, "SELECT CONNECTION_ID()");
SQL_READ(read_times,
    "SELECT CAST('2026-11-20 08:15:30.123' AS DATETIME(3)), NULL, ?");

static uint64_t
number(struct db *db, const struct sql *sql)
{
	struct db_query *q = db_query(db, sql);
	uint64_t value;

	if (sql == &read_number)
		db_bind_u64(q, 7);
	CHECK(db_one(q) == OK);
	value = db_u64(q);
	db_done(q);
	return value;
}

/* Cut the world's connection as a restart of the server would. */
static void
cut(void)
{
	struct db *other = db_new(&world.config);
	const char *message;
	char kill_it[64];

	snprintf(kill_it, sizeof(kill_it), "KILL %llu",
	    (unsigned long long)number(world.db, &connection));
	CHECK(db_script(other, world.arena, kill_it, &message) == OK);
	db_free(other);
}

TEST(every_statement_can_be_prepared)
{
	world_open();
	CHECK(db_check_statements(world.db) == 0);
	world_close();
}

TEST(migrating_again_changes_nothing)
{
	world_open();
	CHECK(migrate(world.db, world.config.migrations_dir) == OK);
	world_close();
}

TEST(an_edited_or_missing_migration_is_refused)
{
	const char *message;

	world_open();
	CHECK(db_script(world.db, world.arena,
		  "INSERT INTO schema_migrations VALUES"
		  " ('9999_future.sql', REPEAT('x', 32), UTC_TIMESTAMP(3))",
		  &message) == OK);
	CHECK(migrate(world.db, world.config.migrations_dir) == ERR_CONFLICT);
	CHECK(db_script(world.db, world.arena,
		  "DELETE FROM schema_migrations"
		  " WHERE name = '9999_future.sql';"
		  "UPDATE schema_migrations SET text_hash = REVERSE(text_hash)"
		  " WHERE name = '0002_conversations.sql'",
		  &message) == OK);
	CHECK(migrate(world.db, world.config.migrations_dir) == ERR_CONFLICT);
	CHECK(db_script(world.db, world.arena,
		  "UPDATE schema_migrations SET text_hash = REVERSE(text_hash)"
		  " WHERE name = '0002_conversations.sql'",
		  &message) == OK);
	world_close();
}

TEST(a_read_survives_a_lost_connection)
{
	world_open();
	CHECK(number(world.db, &read_number) == 7);
	cut();
	CHECK(number(world.db, &read_number) == 7);
	world_close();
}

TEST(a_transaction_does_not_survive_a_lost_connection)
{
	struct event_range before, after;
	struct db_query *q;

	world_open();
	CHECK(events_range(world.db, &before) == OK);
	CHECK(db_begin(world.db) == OK);
	cut();
	q = db_query(world.db, &write_counter);
	db_bind_u64(q, 1);
	CHECK(db_run(q, NULL) == ERR_UNAVAILABLE);
	q = db_query(world.db, &write_counter);
	db_bind_u64(q, 1);
	CHECK(db_run(q, NULL) == ERR_UNAVAILABLE); /* and nothing after it */
	CHECK(db_commit(world.db) == ERR_UNAVAILABLE);
	db_rollback(world.db);
	CHECK(events_range(world.db, &after) == OK);
	CHECK(after.head == before.head);
	world_close();
}

TEST(a_transaction_may_begin_on_a_connection_made_again)
{
	world_open();
	CHECK(number(world.db, &read_number) == 7);
	cut();
	CHECK(db_begin(world.db) == OK);
	CHECK(db_commit(world.db) == OK);
	world_close();
}

TEST(a_database_that_is_away_is_unavailable)
{
	struct event_range range;

	world_open();
	free(world.config.db_socket);
	world.config.db_socket = strdup("/nonexistent/socket");
	CHECK(events_range(world.db, &range) == ERR_UNAVAILABLE);
	world_close();
}

TEST(times_are_utc_with_milliseconds)
{
	struct db_query *q;

	world_open();
	q = db_query(world.db, &read_times);
	db_bind_time(q, 1795162530123);
	CHECK(db_one(q) == OK);
	CHECK(db_time(q) == 1795162530123);
	CHECK(db_time(q) == 0);
	CHECK(db_time(q) == 1795162530123);
	db_done(q);
	world_close();
}

TEST_MAIN()
