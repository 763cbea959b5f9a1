/* SPDX-License-Identifier: Apache-2.0
 * arena_oom_test.c - every way to need memory, rerun with the n-th page request failing, n = 1, 2, ...: a request that
 * fails says NO_MEMORY, changes nothing, spoils no block, and succeeds when it is repeated with memory there. */
#include <stdio.h>
#include <stdlib.h>

#include "support/arena_fixture.h"
#include "support/test.h"

/* --- one run ------------------------------------------------------------------------------------------------------ */

enum { BLOCKS_MAX = 512 };

typedef struct Block {
    unsigned char *bytes;
    size_t size;
    unsigned char seed;
} Block;

typedef struct Run {
    const FakePages *pages;
    Pool *pool;
    Arena *arena;
    bool succeeded; /* no request failed so far */
    Block blocks[BLOCKS_MAX];
    size_t block_count;
} Run;

typedef void *(*Request)(Arena *arena, size_t size, size_t alignment);

/* The text or the zeros that some requests write are not overwritten. */
static void remember(Run *run, unsigned char *bytes, size_t size, bool fill) {
    Block block = {.bytes = bytes, .size = size, .seed = (unsigned char)(run->block_count + 1)};
    if (fill && run->block_count < BLOCKS_MAX) {
        memset(bytes, block.seed, size);
        run->blocks[run->block_count++] = block;
    }
}

static void verify(const Run *run) {
    for (size_t i = 0; i < run->block_count; i++) {
        const Block *block = &run->blocks[i];
        bool kept = block->size == 0 ||
                    (block->bytes[0] == block->seed && memcmp(block->bytes, block->bytes + 1, block->size - 1) == 0);
        CHECK_TRUE(kept);
    }
}

/* One request. When only one page call fails, the same request has to succeed at the second attempt. */
static void take(Run *run, Request request, size_t size, size_t alignment) {
    ArenaPicture before = arena_picture(run->arena);
    bool fill = request == arena_alloc_aligned;
    unsigned char *bytes = request(run->arena, size, alignment);
    if (bytes == NULL) {
        run->succeeded = false;
        CHECK_STATUS(arena_last_status(run->arena), CORRAL_NO_MEMORY);
        CHECK_UNCHANGED(run->arena, &before);
        CHECK_STATUS(pool_check(run->pool), CORRAL_OK);
        bytes = request(run->arena, size, alignment);
        CHECK_TRUE(bytes != NULL || run->pages->fail_from);
    }
    if (bytes != NULL) {
        remember(run, bytes, size, fill);
        CHECK_EQ_U64((uintptr_t)bytes % alignment, 0);
        CHECK_EQ_U64(arena_allocation_count(run->arena), before.control.count + 1);
    }
    CHECK_STATUS(arena_check(run->arena), CORRAL_OK);
}

/* Takes back all blocks by reset or clear. */
static void take_back(Run *run, CorralStatus (*how)(Arena *arena)) {
    verify(run);
    CHECK_STATUS(how(run->arena), CORRAL_OK);
    CHECK_STATUS(arena_check(run->arena), CORRAL_OK);
    run->block_count = 0;
}

typedef struct Scenario {
    ArenaConfig config;
    void (*play)(Run *run);
} Scenario;

/* Small regions that are not kept, so that much of what is asked for needs pages. */
static Pool *create_pool(const FakePages *pages) {
    CorralStatus status = CORRAL_CORRUPTED;
    PoolConfig config = pool_config_default();
    config.source = &pages->source;
    config.region_size = POOL_GRANULE;
    config.retain = 0;
    config.status = &status;
    Pool *pool = pool_create_with(&config);
    CHECK_STATUS(status, pool != NULL ? CORRAL_OK : CORRAL_NO_MEMORY);
    return pool;
}

static bool play_scenario(FakePages *pages, void *context) {
    const Scenario *scenario = context;
    static Run run;
    run = (Run){.pages = pages, .pool = create_pool(pages), .succeeded = true};
    if (run.pool == NULL) {
        return false;
    }
    CorralStatus status = CORRAL_CORRUPTED;
    ArenaConfig config = scenario->config;
    config.status = &status;
    run.arena = arena_create_with(run.pool, &config);
    CHECK_STATUS(status, run.arena != NULL ? CORRAL_OK : CORRAL_NO_MEMORY);
    run.succeeded = run.arena != NULL;
    if (run.arena != NULL) {
        scenario->play(&run);
        verify(&run);
        CHECK_STATUS(arena_destroy(run.arena), CORRAL_OK);
    }
    CHECK_STATUS(pool_check(run.pool), CORRAL_OK);
    CHECK_STATUS(pool_destroy(run.pool), CORRAL_OK);
    return run.succeeded;
}

static void rerun_with(const ArenaConfig *config, void (*play)(Run *run), size_t least) {
    Scenario scenario = {.config = config != NULL ? *config : arena_config_default(), .play = play};
    size_t runs = for_each_failing_page(play_scenario, &scenario);
    printf("%zu runs, ", runs);
    CHECK_TRUE(runs >= least);
}

/* --- requests ----------------------------------------------------------------------------------------------------- */

static void *by_calloc(Arena *arena, size_t size, size_t alignment) {
    (void)alignment;
    return arena_calloc(arena, 1, size);
}

static void *by_alloc(Arena *arena, size_t size, size_t alignment) {
    (void)alignment;
    return arena_alloc(arena, size);
}

static void *by_ref(Arena *arena, size_t size, size_t alignment) {
    ArenaRef ref = arena_alloc_ref(arena, size, alignment);
    return ref != 0 ? arena_resolve(arena, ref) : NULL;
}

static void *by_strdup(Arena *arena, size_t size, size_t alignment) {
    (void)alignment;
    char *text = malloc(size);
    if (text == NULL) {
        return NULL;
    }
    memset(text, 't', size - 1);
    text[size - 1] = '\0';
    char *copy = size % 2 == 0 ? arena_strdup(arena, text) : arena_strndup(arena, text, size);
    CHECK_TRUE(copy == NULL || strcmp(copy, text) == 0);
    free(text);
    return copy;
}

static void *by_sprintf(Arena *arena, size_t size, size_t alignment) {
    (void)alignment;
    return arena_sprintf(arena, "%*d", (int)size, 7);
}

/* --- scenarios ---------------------------------------------------------------------------------------------------- */

static void play_growth(Run *run) {
    for (size_t round = 0; round < 3; round++) {
        for (size_t i = 0; i < 30; i++) {
            take(run, arena_alloc_aligned, 3000, 1);
            take(run, arena_alloc_aligned, 16, 1);
            take(run, arena_alloc_aligned, i % 5 == 0 ? 100000 + i : 0, 1);
        }
        take_back(run, round % 2 == 0 ? arena_reset : arena_clear);
    }
}

static void test_growth_without_memory(void) {
    rerun_with(NULL, play_growth, 40);
}

static void play_many_chunks(Run *run) {
    for (size_t i = 0; i < 70; i++) {
        take(run, arena_alloc_aligned, 40000, 1);
    }
    take_back(run, arena_reset);
    for (size_t i = 0; i < 80; i++) {
        take(run, arena_alloc_aligned, 39000, 1);
    }
}

static void test_more_chunks_than_the_control_block_without_memory(void) {
    rerun_with(NULL, play_many_chunks, 150);
}

static void play_alignment(Run *run) {
    for (size_t alignment = 1; alignment <= ARENA_ALIGNMENT_MAX; alignment *= 2) {
        take(run, arena_alloc_aligned, 5000, alignment);
        take(run, by_ref, 100, alignment);
    }
    take_back(run, arena_clear);
    take(run, arena_alloc_aligned, 16, ARENA_ALIGNMENT_MAX);
}

static void test_alignment_without_memory(void) {
    rerun_with(NULL, play_alignment, 20);
}

static void play_texts(Run *run) {
    static const size_t sizes[] = {1, 200, 256, 257, 5000, 40001, 100000, 100001, 3};
    for (size_t round = 0; round < 2; round++) {
        for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
            take(run, by_strdup, sizes[i], 1);
            take(run, by_sprintf, sizes[i], 1);
            take(run, by_calloc, sizes[i], 1);
            take(run, by_alloc, sizes[i], 1);
        }
        take_back(run, arena_clear);
    }
}

static void test_texts_without_memory(void) {
    rerun_with(NULL, play_texts, 30);
}

static void test_poisoning_arena_without_memory(void) {
    ArenaConfig config = arena_config_default();
    config.poison = true;
    rerun_with(&config, play_growth, 40);
    rerun_with(&config, play_texts, 30);
}

static void play_within_one_chunk(Run *run) {
    for (size_t i = 0; i < 100; i++) {
        take(run, arena_alloc_aligned, 1000, 16);
    }
    CHECK_TRUE(arena_alloc(run->arena, 100000) == NULL);
    CHECK_STATUS(arena_last_status(run->arena), CORRAL_ARENA_FULL);
    take_back(run, arena_clear);
    take(run, arena_alloc_aligned, 1000, 16);
}

static void test_fixed_arena_without_memory(void) {
    ArenaConfig config = arena_config_default();
    config.initial_size = config.maximum_size = 110000;
    config.fixed = true;
    rerun_with(&config, play_within_one_chunk, 6);
}

/* More arenas than a slab holds; those that could not be created leave no trace. */
static void play_many_arenas(Run *run) {
    enum { ARENAS = 250 };
    Arena *arenas[ARENAS];
    CorralStatus status = CORRAL_CORRUPTED;
    ArenaConfig config = arena_config_default();
    config.initial_size = 10000;
    config.maximum_size = 10000;
    config.status = &status;
    for (size_t i = 0; i < ARENAS; i++) {
        arenas[i] = arena_create_with(run->pool, &config);
        CHECK_STATUS(status, arenas[i] != NULL ? CORRAL_OK : CORRAL_NO_MEMORY);
        run->succeeded = run->succeeded && arenas[i] != NULL;
    }
    for (size_t i = 0; i < ARENAS; i++) {
        if (arenas[i] != NULL) {
            CHECK_STATUS(arena_check(arenas[i]), CORRAL_OK);
            CHECK_TRUE(arena_alloc(arenas[i], 10000) != NULL);
            CHECK_STATUS(arena_destroy(arenas[i]), CORRAL_OK);
        }
    }
}

static void test_many_arenas_without_memory(void) {
    rerun_with(NULL, play_many_arenas, 50);
}

TEST_MAIN(TEST_CASE(test_growth_without_memory), TEST_CASE(test_more_chunks_than_the_control_block_without_memory),
          TEST_CASE(test_alignment_without_memory), TEST_CASE(test_texts_without_memory),
          TEST_CASE(test_poisoning_arena_without_memory), TEST_CASE(test_fixed_arena_without_memory),
          TEST_CASE(test_many_arenas_without_memory))
