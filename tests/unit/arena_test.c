#include "common/arena.h"

#include <stdint.h>

#include "tests/lib/test.h"

static void
fill(struct arena *arena, size_t size)
{
	unsigned char *memory = arena_alloc(arena, size);

	for (size_t i = 0; i < size; i++)
		CHECK(memory[i] == 0);
	memset(memory, 0xff, size);
}

TEST(memory_is_zeroed_also_after_a_reset)
{
	struct arena *arena = arena_new();

	for (int round = 0; round < 3; round++) {
		fill(arena, 1);
		fill(arena, 1000);
		fill(arena, 200000); /* larger than a block */
		fill(arena, 60000);
		fill(arena, 60000);
		arena_reset(arena);
	}
	arena_free(arena);
}

TEST(memory_is_aligned_for_any_type)
{
	struct arena *arena = arena_new();

	for (size_t size = 1; size < 40; size++)
		CHECK((uintptr_t)arena_alloc(arena, size) %
			_Alignof(max_align_t) ==
		    0);
	arena_free(arena);
}

TEST(a_copy_ends_with_nul_and_a_grown_block_keeps_its_bytes)
{
	struct arena *arena = arena_new();
	char *text = arena_strndup(arena, "hello world", 5);

	CHECK_STR(text, "hello");
	text = arena_grow(arena, text, 6, 100);
	CHECK_STR(text, "hello");
	CHECK(text[99] == 0);
	arena_free(arena);
}

TEST(nothing_is_freed_too)
{
	arena_free(NULL);
	arena_free(arena_new());
}

TEST_MAIN()
