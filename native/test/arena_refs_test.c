/* SPDX-License-Identifier: Apache-2.0
 * arena_refs_test.c - references: what they name, when they are stale, and that none does harm. On fake pages. */
#include "arena/arena_parts.h"
#include "support/arena_fixture.h"
#include "support/test.h"

static ArenaRef ref_of(uint64_t generation, uint64_t chunk, uint64_t offset) {
    return generation << ARENA_REF_GENERATION_SHIFT | chunk << ARENA_REF_CHUNK_SHIFT | offset;
}

#define CHECK_STALE(arena, ref) CHECK_FAILS((arena), arena_resolve((arena), (ref)), CORRAL_STALE_REF)
#define CHECK_FOREIGN(arena, pointer)                                   \
    do {                                                                \
        CHECK_EQ_U64(arena_ref((arena), (pointer)), 0);                 \
        CHECK_STATUS(arena_last_status(arena), CORRAL_FOREIGN_POINTER); \
    } while (0)

/* --- what they name ----------------------------------------------------------------------------------------------- */

static void test_reference_is_generation_chunk_offset(void) {
    ArenaFixture f;
    Arena *arena = arena_fixture_default(&f);
    CHECK_EQ_U64(arena_alloc_ref(arena, 100, 16), ref_of(1, 0, 0));
    CHECK_EQ_U64(arena_alloc_ref(arena, 1, 16), ref_of(1, 0, 112));
    CHECK_EQ_U64(arena_alloc_ref(arena, 1, 256), ref_of(1, 0, 256));
    CHECK_EQ_U64(arena_alloc_ref(arena, 50 * KIB, 16), ref_of(1, 1, 0));
    CHECK_EQ_U64(arena_alloc_ref(arena, 8 * KIB, 16), ref_of(1, 2, 0));
    CHECK_EQ_U64(arena_alloc_ref(arena, 16, 16), ref_of(1, 2, 8 * KIB));
    CHECK_STATUS(arena_reset(arena), CORRAL_OK);
    CHECK_EQ_U64(arena_alloc_ref(arena, 1, 16), ref_of(2, 0, 0));
    arena_fixture_close(&f);
}

static void test_ref_round_trip(void) {
    ArenaFixture f;
    Arena *arena = arena_fixture_sized(&f, 256, 1024);
    uint64_t random = 5;
    for (size_t i = 0; i < 1000 && test_failures() == 0; i++) {
        size_t size = 1 + test_random_below(&random, i % 30 == 0 ? 5000 : 100);
        unsigned char *block = arena_alloc(arena, size);
        REQUIRE_TRUE(block != NULL);
        size_t inside = test_random_below(&random, size);
        ArenaRef ref = arena_ref(arena, block);
        CHECK_EQ_PTR(arena_resolve(arena, ref), block);
        CHECK_EQ_U64(arena_ref(arena, block + inside), ref + inside);
        CHECK_EQ_PTR(arena_resolve(arena, ref + inside), block + inside);
    }
    CHECK_STATUS(arena_last_status(arena), CORRAL_OK);
    arena_fixture_close(&f);
}

static void test_alloc_ref_places_like_alloc(void) {
    ArenaFixture f;
    Arena *arena = arena_fixture_default(&f);
    Arena *twin = arena_create_default(f.base.pool);
    REQUIRE_TRUE(twin != NULL);
    uint64_t random = 6;
    for (size_t i = 0; i < 1000 && test_failures() == 0; i++) {
        size_t size = 1 + test_random_below(&random, i % 30 == 0 ? 30000 : 100);
        size_t alignment = (size_t)1 << test_random_below(&random, 7);
        Spot expected = spot_of(twin, arena_alloc_aligned(twin, size, alignment));
        ArenaRef ref = arena_alloc_ref(arena, size, alignment);
        CHECK_SPOT(arena, arena_resolve(arena, ref), expected.chunk, expected.offset);
        CHECK_EQ_U64(ref, ref_of(1, expected.chunk, expected.offset));
    }
    CHECK_STATUS(arena_destroy(twin), CORRAL_OK);
    arena_fixture_close(&f);
}

/* What Java computes without a call: cursor + ref_bias is the reference of the next block. */
static void test_ref_bias_turns_the_cursor_into_a_reference(void) {
    ArenaFixture f;
    Arena *arena = arena_fixture_default(&f);
    const ArenaControl *control = &arena->control;
    for (size_t i = 0; i < 300; i++) {
        ArenaRef next = control->cursor + control->ref_bias;
        if (control->limit - control->cursor >= 96) {
            CHECK_EQ_U64(arena_alloc_ref(arena, 96, 16), next);
        } else {
            CHECK_TRUE(arena_alloc(arena, 96) != NULL);
        }
        if (i == 150) {
            CHECK_STATUS(arena_reset(arena), CORRAL_OK);
        }
    }
    arena_fixture_close(&f);
}

typedef struct Node {
    ArenaRef next;
    size_t value;
} Node;

static void test_references_stored_in_arena_memory(void) {
    enum { NODES = 10000 };
    ArenaFixture f;
    Arena *arena = arena_fixture_default(&f);
    ArenaRef head = 0;
    for (size_t i = 0; i < NODES; i++) {
        ArenaRef ref = arena_alloc_ref(arena, sizeof(Node), 16);
        Node *node = arena_resolve(arena, ref);
        REQUIRE_TRUE(node != NULL);
        *node = (Node){.next = head, .value = i};
        head = ref;
    }
    size_t count = 0;
    for (const Node *node = arena_resolve(arena, head); node != NULL && count < NODES;
         node = node->next != 0 ? arena_resolve(arena, node->next) : NULL) {
        count++;
        CHECK_EQ_U64(node->value, NODES - count);
    }
    CHECK_EQ_U64(count, NODES);
    CHECK_TRUE(arena_chunk_count(arena) > 5);
    arena_fixture_close(&f);
}

/* A block of no bytes has an address that resolves, also at the very end of its chunk, and after the chunk was left. */
static void test_reference_of_no_bytes_at_the_end_of_a_chunk(void) {
    ArenaFixture f;
    Arena *arena = arena_fixture_default(&f);
    ArenaRef empty = arena_alloc_ref(arena, 0, 16);
    CHECK_EQ_U64(empty, ref_of(1, 0, 0));
    CHECK_SPOT(arena, arena_resolve(arena, empty), 0, 0);
    CHECK_SPOT(arena, arena_alloc(arena, 4 * KIB), 0, 0);
    void *block = arena_alloc(arena, 0);
    ArenaRef end = arena_alloc_ref(arena, 0, 16);
    CHECK_EQ_U64(end, ref_of(1, 0, 4 * KIB));
    CHECK_EQ_U64(arena_ref(arena, block), end);
    CHECK_EQ_PTR(arena_resolve(arena, end), block);
    CHECK_SPOT(arena, arena_alloc(arena, 16), 1, 0);
    CHECK_EQ_PTR(arena_resolve(arena, end), block);
    arena_fixture_close(&f);
}

/* --- what is refused ---------------------------------------------------------------------------------------------- */

static void test_null_reference_refused(void) {
    ArenaFixture f;
    Arena *arena = arena_fixture_default(&f);
    CHECK_TRUE(arena_alloc(arena, 16) != NULL);
    CHECK_STALE(arena, 0);
    arena_fixture_close(&f);
}

static void test_reference_out_of_range(void) {
    ArenaFixture f;
    Arena *arena = arena_fixture_default(&f);
    CHECK_SPOT(arena, arena_alloc(arena, 32), 0, 0);
    CHECK_SPOT(arena, arena_alloc(arena, 50 * KIB), 1, 0);
    CHECK_SPOT(arena, arena_resolve(arena, ref_of(1, 0, 31)), 0, 31);
    CHECK_SPOT(arena, arena_resolve(arena, ref_of(1, 1, 50 * KIB - 1)), 1, 50 * KIB - 1);
    CHECK_STALE(arena, ref_of(1, 0, 33));
    CHECK_STALE(arena, ref_of(1, 0, 4 * KIB));
    CHECK_STALE(arena, ref_of(1, 1, 50 * KIB + 1));
    CHECK_STALE(arena, ref_of(1, 0, ARENA_REF_OFFSET_MASK));
    CHECK_STALE(arena, ref_of(1, 2, 0));
    CHECK_STALE(arena, ref_of(1, ARENA_REF_CHUNK_MASK, 0));
    CHECK_STALE(arena, ref_of(0, 0, 0));
    CHECK_STALE(arena, ref_of(0, 0, 16));
    CHECK_STALE(arena, ref_of(2, 0, 0));
    CHECK_STALE(arena, ref_of(ARENA_GENERATION_MAX, 0, 0));
    CHECK_STALE(arena, UINT64_MAX);
    arena_fixture_close(&f);
}

static void test_stale_reference_after_reset_and_clear(void) {
    ArenaFixture f;
    Arena *arena = arena_fixture_default(&f);
    ArenaRef first = arena_alloc_ref(arena, 16, 16);
    CHECK_STATUS(arena_reset(arena), CORRAL_OK);
    CHECK_STALE(arena, first);
    ArenaRef second = arena_alloc_ref(arena, 16, 16);
    CHECK_STALE(arena, first);
    CHECK_SPOT(arena, arena_resolve(arena, second), 0, 0);
    CHECK_STATUS(arena_clear(arena), CORRAL_OK);
    CHECK_STALE(arena, second);
    ArenaRef third = arena_alloc_ref(arena, 16, 16);
    CHECK_STALE(arena, first);
    CHECK_STALE(arena, second);
    CHECK_SPOT(arena, arena_resolve(arena, third), 0, 0);
    arena_fixture_close(&f);
}

static void test_generation_wraps_after_16383_resets(void) {
    ArenaFixture f;
    Arena *arena = arena_fixture_default(&f);
    ArenaRef old = arena_alloc_ref(arena, 16, 16);
    for (size_t i = 0; i < ARENA_GENERATION_MAX - 1 && test_failures() == 0; i++) {
        CHECK_STATUS(arena_reset(arena), CORRAL_OK);
        CHECK_TRUE(arena_alloc(arena, 16) != NULL);
        CHECK_STALE(arena, old);
        CHECK_TRUE(arena->control.generation != 0);
    }
    CHECK_EQ_U64(arena->control.generation, ARENA_GENERATION_MAX);
    CHECK_STATUS(arena_check(arena), CORRAL_OK);
    CHECK_STATUS(arena_reset(arena), CORRAL_OK);
    CHECK_EQ_U64(arena->control.generation, 1);
    CHECK_TRUE(arena_alloc(arena, 16) != NULL);
    CHECK_SPOT(arena, arena_resolve(arena, old), 0, 0); /* as the header says: taken for a fresh one */
    arena_fixture_close(&f);
}

static void test_unused_retained_chunk_has_no_references(void) {
    ArenaFixture f;
    Arena *arena = arena_fixture_default(&f);
    CHECK_SPOT(arena, arena_alloc(arena, 4 * KIB), 0, 0);
    const char *block = arena_alloc(arena, 4 * KIB);
    CHECK_SPOT(arena, block, 1, 0);
    CHECK_STATUS(arena_reset(arena), CORRAL_OK);
    CHECK_STALE(arena, ref_of(2, 1, 0));
    CHECK_STALE(arena, ref_of(2, 1, 16));
    CHECK_FOREIGN(arena, block + 16);
    CHECK_SPOT(arena, arena_alloc(arena, 4 * KIB), 0, 0);
    CHECK_STALE(arena, ref_of(2, 1, 0));
    CHECK_SPOT(arena, arena_alloc(arena, 4 * KIB), 1, 0);
    CHECK_EQ_U64(arena_ref(arena, block), ref_of(2, 1, 0));
    CHECK_EQ_PTR(arena_resolve(arena, ref_of(2, 1, 0)), block);
    arena_fixture_close(&f);
}

static void test_foreign_pointer_has_no_reference(void) {
    static int elsewhere;
    ArenaFixture f;
    Arena *arena = arena_fixture_default(&f);
    Arena *other = arena_create_default(f.base.pool);
    REQUIRE_TRUE(other != NULL);
    char *block = arena_alloc(arena, 4 * KIB);
    char *side = arena_alloc(arena, 50 * KIB);
    REQUIRE_TRUE(block != NULL && side != NULL);
    CHECK_FOREIGN(arena, NULL);
    CHECK_FOREIGN(arena, &elsewhere);
    CHECK_FOREIGN(arena, arena);
    CHECK_FOREIGN(arena, f.base.pool);
    CHECK_FOREIGN(arena, arena_alloc(other, 16));
    CHECK_FOREIGN(other, block);
    CHECK_FOREIGN(arena, pool_alloc(f.base.pool, 16));
    CHECK_FOREIGN(arena, block - 1);
    CHECK_FOREIGN(arena, side - 1);
    CHECK_FOREIGN(arena, (const void *)UINTPTR_MAX);
    CHECK_SPOT(arena, arena_alloc(arena, 100), 2, 0);
    CHECK_FOREIGN(arena, (char *)chunk_view(arena, 2).base + 113); /* free space */
    CHECK_STATUS(arena_reset(arena), CORRAL_OK);
    CHECK_FOREIGN(arena, side);
    CHECK_STATUS(arena_clear(arena), CORRAL_OK);
    CHECK_FOREIGN(arena, side);
    CHECK_STATUS(arena_destroy(other), CORRAL_OK);
    CHECK_STATUS(arena_check(arena), CORRAL_OK);
    fixture_close(&f.base); /* takes the arena and the block along */
}

static void test_refused_references_change_nothing(void) {
    ArenaFixture f;
    Arena *arena = arena_fixture_default(&f);
    CHECK_TRUE(arena_alloc(arena, 100) != NULL);
    ArenaPicture before = arena_picture(arena);
    CHECK_STALE(arena, UINT64_MAX);
    CHECK_FOREIGN(arena, NULL);
    CHECK_EQ_U64(arena_alloc_ref(arena, SIZE_MAX, 16), 0);
    CHECK_EQ_U64(arena_alloc_ref(arena, 16, 0), 0);
    CHECK_UNCHANGED(arena, &before);
    arena_fixture_close(&f);
}

/* --- forged references -------------------------------------------------------------------------------------------- */

/* Sidesteps arena_resolve(): is the address within the used bytes of a chunk? Its end counts for blocks of no bytes. */
static bool lies_in_used_memory(const Arena *arena, const unsigned char *at, bool *readable) {
    for (size_t i = 0; i < arena_chunk_count(arena); i++) {
        ChunkView view = chunk_view(arena, i);
        if ((uintptr_t)at - view.base <= view.used) {
            *readable = (uintptr_t)at - view.base < view.used;
            return true;
        }
    }
    return false;
}

static void try_forged(Arena *arena, ArenaRef ref, size_t *hits) {
    const unsigned char *at = arena_resolve(arena, ref);
    if (at == NULL) {
        CHECK_STATUS(arena_last_status(arena), CORRAL_STALE_REF);
        return;
    }
    bool readable = false;
    CHECK_TRUE(lies_in_used_memory(arena, at, &readable));
    CHECK_EQ_U64(ref >> ARENA_REF_GENERATION_SHIFT, arena->control.generation);
    if (readable) {
        volatile unsigned char byte = *at; /* poisoned when it were not allocated */
        (void)byte;
        (*hits)++;
    }
}

/* An arena that poisons, so that reading what was not handed out is reported; entered, side and free chunks. */
static Arena *with_all_kinds_of_chunks(ArenaFixture *f) {
    ArenaConfig config = arena_config_default();
    config.poison = true;
    Arena *arena = arena_fixture_with(f, &config);
    for (size_t round = 0; round < 2; round++) {
        for (size_t i = 0; i < 40; i++) {
            unsigned char *block = arena_alloc(arena, 1024);
            CHECK_TRUE(block != NULL);
            memset(block, 1, 1024);
            CHECK_TRUE(arena_calloc(arena, 1, i % 10 == 0 ? 100000 : 16) != NULL);
        }
        CHECK_STATUS(round == 0 ? arena_reset(arena) : CORRAL_OK, CORRAL_OK);
        if (round == 0) {
            CHECK_TRUE(arena_calloc(arena, 1, 5000) != NULL);
        }
    }
    return arena;
}

static void test_random_references_do_no_harm(void) {
    ArenaFixture f;
    Arena *arena = with_all_kinds_of_chunks(&f);
    uint64_t random = 7;
    size_t hits = 0;
    for (size_t i = 0; i < test_scaled(200000) && test_failures() == 0; i++) {
        try_forged(arena, test_random(&random), &hits);
    }
    arena_fixture_close(&f);
}

/* The generation is right and the chunk may exist: the offset decides. */
static void test_forged_references_reach_used_memory_only(void) {
    ArenaFixture f;
    Arena *arena = with_all_kinds_of_chunks(&f);
    uint64_t random = 8;
    size_t hits = 0;
    for (size_t i = 0; i < test_scaled(200000) && test_failures() == 0; i++) {
        size_t chunk = test_random_below(&random, arena_chunk_count(arena) + 2);
        size_t offset = test_random_below(&random, 130000);
        try_forged(arena, ref_of(arena->control.generation, chunk, offset), &hits);
    }
    CHECK_TRUE(hits > 1000);
    arena_fixture_close(&f);
}

TEST_MAIN(TEST_CASE(test_reference_is_generation_chunk_offset), TEST_CASE(test_ref_round_trip),
          TEST_CASE(test_alloc_ref_places_like_alloc), TEST_CASE(test_ref_bias_turns_the_cursor_into_a_reference),
          TEST_CASE(test_references_stored_in_arena_memory),
          TEST_CASE(test_reference_of_no_bytes_at_the_end_of_a_chunk), TEST_CASE(test_null_reference_refused),
          TEST_CASE(test_reference_out_of_range), TEST_CASE(test_stale_reference_after_reset_and_clear),
          TEST_CASE(test_generation_wraps_after_16383_resets), TEST_CASE(test_unused_retained_chunk_has_no_references),
          TEST_CASE(test_foreign_pointer_has_no_reference), TEST_CASE(test_refused_references_change_nothing),
          TEST_CASE(test_random_references_do_no_harm), TEST_CASE(test_forged_references_reach_used_memory_only))
