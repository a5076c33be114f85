#include "notifier/gate.h"

#include "common/token.h"
#include "tests/lib/test.h"

static struct gate *
gate_of(long all, long user, long address)
{
	struct config config = {
		.connections_max = all,
		.connections_user = user,
		.connections_address = address,
	};

	token_init();
	return gate_new(&config);
}

TEST(so_many_in_all_and_not_one_more)
{
	struct gate *gate = gate_of(2, 0, 0);

	CHECK(gate_enter(gate, 1, 1) == OK);
	CHECK(gate_check(gate, 2) == OK);
	CHECK(gate_enter(gate, 2, 2) == OK);
	CHECK(gate_check(gate, 3) == ERR_TOO_MANY);
	CHECK(gate_enter(gate, 3, 3) == ERR_TOO_MANY);
	gate_leave(gate, 1, 1);
	CHECK(gate_enter(gate, 3, 3) == OK);
	gate_free(gate);
}

TEST(so_many_of_a_user_and_not_one_more)
{
	struct gate *gate = gate_of(100, 2, 0);

	CHECK(gate_enter(gate, 1, 1) == OK);
	CHECK(gate_enter(gate, 1, 2) == OK);
	CHECK(gate_enter(gate, 1, 3) == ERR_TOO_MANY);
	CHECK(gate_enter(gate, 2, 3) == OK);
	gate_leave(gate, 1, 2);
	CHECK(gate_enter(gate, 1, 3) == OK);
	gate_free(gate);
}

TEST(so_many_from_an_address_and_not_one_more)
{
	struct gate *gate = gate_of(100, 0, 2);

	CHECK(gate_enter(gate, 1, 7) == OK);
	CHECK(gate_enter(gate, 2, 7) == OK);
	CHECK(gate_check(gate, 7) == ERR_TOO_MANY);
	CHECK(gate_enter(gate, 3, 7) == ERR_TOO_MANY);
	CHECK(gate_enter(gate, 3, 8) == OK);
	gate_free(gate);
}

TEST(a_refusal_counts_nothing)
{
	struct gate *gate = gate_of(100, 1, 2);

	CHECK(gate_enter(gate, 1, 7) == OK);
	for (size_t i = 0; i < 10; i++)
		CHECK(gate_enter(gate, 1, 7) == ERR_TOO_MANY);
	CHECK(gate_enter(gate, 2, 7) == OK);
	gate_free(gate);
}

TEST(addresses_have_keys_that_differ)
{
	struct gate *gate = gate_of(1, 1, 1);

	CHECK(gate_address_key(gate, "127.0.0.1") ==
	    gate_address_key(gate, "127.0.0.1"));
	CHECK(gate_address_key(gate, "127.0.0.1") !=
	    gate_address_key(gate, "127.0.0.2"));
	gate_free(gate);
}

TEST_MAIN()
