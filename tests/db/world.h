/*
 * World: what a database test starts from: a connection, and people who talk.
 *
 * A test runs in a process of its own but shares the database with the
 * others, so everybody that it makes has a name of their own.
 */
#ifndef TESTS_DB_WORLD_H
#define TESTS_DB_WORLD_H

#include <stdio.h>

#include "common/token.h"
#include "db/access.h"
#include "db/conversations.h"
#include "db/events.h"
#include "db/messages.h"
#include "db/sessions.h"
#include "db/streams.h"
#include "db/users.h"
#include "tests/lib/test.h"

struct world {
	struct config config;
	struct db *db;
	struct arena *arena;
};

static struct world world;

static inline void
world_open(void)
{
	token_init();
	CHECK(config_load(&world.config, config_path()) == OK);
	world.db = db_new(&world.config);
	world.arena = arena_new();
}

static inline void
world_close(void)
{
	db_free(world.db);
	arena_free(world.arena);
	config_free(&world.config);
}

/* A person whose username begins with word. */
static inline uint64_t
world_person(const char *word)
{
	static unsigned count;
	char username[USERNAME_MAX + 1];
	struct user_draft draft = { .password_hash = "x" };
	uint64_t id = 0;

	snprintf(username, sizeof(username), "%s-%d-%u", word, (int)getpid(),
	    ++count);
	draft.username = slice_of(username);
	draft.name = slice_of(username);
	CHECK(user_create(world.db, &draft, &id) == OK);
	return id;
}

static inline uint64_t
world_direct(uint64_t user_id, uint64_t other_id)
{
	const struct topic topic = { .type = { "", 0 }, .id = { "", 0 } };
	const struct idempotency none = { .route = "" };
	struct made made;

	CHECK(conversation_direct(
		  world.db, user_id, other_id, &topic, &none, &made) == OK);
	return made.id;
}

static inline enum err
world_send(uint64_t sender_id, uint64_t conversation_id, const char *text,
    const char *client_id, struct message_sent *ret_sent)
{
	struct message_draft draft = {
		.conversation_id = conversation_id,
		.sender_id = sender_id,
		.sender_username = "sender",
		.sender_name = "Sender",
		.text = slice_of(text),
	};

	if (client_id != NULL)
		draft.client_id = slice_of(client_id);
	return message_send(world.db, world.arena, &draft, 0, ret_sent);
}

/* A session of user_id; its token's hash. */
static inline struct hash
world_session(uint64_t user_id)
{
	char token[TOKEN_TEXT_SIZE];
	struct hash hash;
	uint64_t expires_at;

	token_new(token);
	hash = hash_of(slice_of(token));
	CHECK(session_create(world.db, user_id, &hash, 30, "127.0.0.1",
		  slice_of("a test"), &expires_at) == OK);
	return hash;
}

#endif /* TESTS_DB_WORLD_H */
