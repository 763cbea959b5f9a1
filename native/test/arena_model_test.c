/* SPDX-License-Identifier: Apache-2.0
 * arena_model_test.c - random programs run on an arena and, side by side, on a model of where blocks have to lie.
 *
 * The model knows chunks as numbers only: capacity, used, entered since the last reset. It searches from the start each
 * time and keeps no cursor, so it shares no shortcut with the arena. A mark of the model is a copy of all of it. Every
 * place, statistic and chunk has to agree, and which marks are valid. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "corral/arena.h"
#include "support/arena_model.h"
#include "support/arena_retry.h"
#include "support/fake_pages.h"
#include "support/test.h"

#define MODEL_BLOCKS_MAX 4096
#define MODEL_MARKS_MAX 24

typedef struct ModelBlock {
    unsigned char *pointer;
    size_t size;
    unsigned char byte;
} ModelBlock;

/* A mark or scope that was taken. Those without an allocation between them share an entry. */
typedef struct ModelMark {
    ArenaMark mark;
    bool valid;
    uint64_t entry; /* counts up */
    uint64_t allocations;
    size_t block_count;
    size_t count; /* of chunks */
    size_t current;
    ModelChunk chunks[MODEL_CHUNKS_MAX];
} ModelMark;

/* One arena with its model and the blocks that are alive in it. */
typedef struct Pair {
    Arena *arena;
    Model model;
    size_t block_count;
    ModelBlock blocks[MODEL_BLOCKS_MAX];
    size_t mark_count; /* records in use, valid or not */
    ModelMark marks[MODEL_MARKS_MAX];
    uint64_t entries;
    uint64_t random;
    FakePages *fake;
    bool limited; /* the pool has a limit */
} Pair;

/* --- side by side ------------------------------------------------------------------------------------------------- */

static void compare_statistics(const Pair *pair) {
    ArenaStats stats;
    CHECK_STATUS(arena_stats(pair->arena, &stats), CORRAL_OK);
    const ArenaStats *expected = &pair->model.stats;
    CHECK_EQ_U64(stats.allocated, expected->allocated);
    CHECK_EQ_U64(stats.used, expected->used);
    CHECK_EQ_U64(stats.waste, expected->waste);
    CHECK_EQ_U64(stats.chunks, expected->chunks);
    CHECK_EQ_U64(stats.fell_back, expected->fell_back);
    CHECK_EQ_U64(stats.count, expected->count);
    CHECK_EQ_U64(stats.peak_used, expected->peak_used);
    CHECK_EQ_U64(stats.peak_allocated, expected->peak_allocated);
    CHECK_EQ_U64(stats.resets, expected->resets);
    CHECK_TRUE(memcmp(stats.growth, expected->growth, sizeof stats.growth) == 0);
}

static void compare_chunks(const Pair *pair) {
    for (size_t i = 0; i < pair->model.count; i++) {
        void *base;
        size_t capacity = 0, used = 0;
        CorralStatus status = arena_chunk(pair->arena, i, &base, &capacity, &used);
        CHECK_STATUS(status, pair->model.chunks[i].capacity == 0 ? CORRAL_INVALID_ARGUMENT : CORRAL_OK);
        CHECK_EQ_U64(capacity, pair->model.chunks[i].capacity);
        CHECK_EQ_U64(used, pair->model.chunks[i].used);
    }
    CHECK_STATUS(arena_check(pair->arena), CORRAL_OK);
}

static void compare_blocks(const Pair *pair) {
    for (size_t i = 0; i < pair->block_count; i++) {
        const ModelBlock *block = &pair->blocks[i];
        bool same = true;
        for (size_t at = 0; at < block->size; at++) {
            same = same && block->pointer[at] == block->byte;
        }
        CHECK_TRUE(same);
    }
}

static void keep_block(Pair *pair, unsigned char *pointer, size_t size) {
    if (size == 0 || size > 4096 || pair->block_count == MODEL_BLOCKS_MAX) {
        return;
    }
    unsigned char byte = (unsigned char)(pair->block_count * 7 + 1);
    memset(pointer, byte, size);
    pair->blocks[pair->block_count++] = (ModelBlock){pointer, size, byte};
}

static void compare_place(const Pair *pair, const Plan *plan, const unsigned char *pointer, size_t size,
                          size_t alignment) {
    CHECK_EQ_U64((uintptr_t)pointer - chunk_base(pair->arena, plan->chunk), plan->offset);
    CHECK_EQ_U64((uintptr_t)pointer % larger(alignment, pair->model.alignment), 0);
    if (size == 0) {
        return;
    }
    ArenaRef ref = arena_ref(pair->arena, pointer);
    CHECK_EQ_U64(ref >> ARENA_REF_CHUNK_SHIFT & ARENA_REF_CHUNK_MASK, plan->chunk);
    CHECK_EQ_U64(ref & ARENA_REF_OFFSET_MASK, plan->offset);
    CHECK_EQ_PTR(arena_resolve(pair->arena, ref), pointer);
}

/* Below the pool's limit there may be room for a smaller chunk only. */
static void adopt_capacity(const Pair *pair, Plan *plan) {
    uint64_t capacity = plan->fresh && pair->limited ? arena_total_allocated(pair->arena) : 0;
    if (capacity != 0) {
        capacity -= pair->model.stats.allocated;
        CHECK_TRUE(plan->rounded <= capacity && capacity <= plan->capacity);
        plan->capacity = capacity;
    }
}

static void allocate(Pair *pair, size_t size, size_t alignment) {
    bool aligned = alignment != 1 || test_random_below(&pair->random, 8) == 0;
    Plan plan = model_plan(&pair->model, pair->arena, size, alignment);
    if (plan.fresh && pair->model.count == MODEL_CHUNKS_MAX) {
        return;
    }
    bool page_fails = test_random_below(&pair->random, 16) == 0;
    pair->fake->fail_at = page_fails ? pair->fake->reserve_calls + 1 : 0;
    unsigned char *pointer =
        aligned ? arena_alloc_aligned(pair->arena, size, alignment) : arena_alloc(pair->arena, size);
    CorralStatus status = arena_last_status(pair->arena);
    if (pointer != NULL) {
        CHECK_STATUS(plan.status, CORRAL_OK);
        adopt_capacity(pair, &plan);
        model_commit(&pair->model, &plan, size);
        compare_place(pair, &plan, pointer, size, alignment);
        keep_block(pair, pointer, size);
    } else if (plan.status != CORRAL_OK) {
        CHECK_STATUS(status, plan.status);
    } else {
        CHECK_TRUE(plan.fresh && (status == CORRAL_LIMIT_REACHED || (status == CORRAL_NO_MEMORY && page_fails)));
    }
}

/* Mostly small; often around the present chunk sizes; sometimes none, huge or impossible. */
static size_t random_size(Pair *pair) {
    uint64_t *random = &pair->random;
    const Model *model = &pair->model;
    const ModelChunk *current = &model->chunks[model->current];
    size_t near = test_random_below(random, 33);
    switch (test_random_below(random, 16)) {
    case 0:
        return 0;
    case 1:
        return (size_t)model->target * 2 + near - 16;
    case 2:
        return (size_t)(current->capacity - current->used) + near;
    case 3:
        return (size_t)(current->capacity - current->used) / 2 + near;
    case 4:
        return (size_t)model->chunks[test_random_below(random, model->count)].capacity - near % model->alignment;
    case 5:
        return test_random_below(random, 16) == 0 ? SIZE_MAX - near : (size_t)model->maximum + near;
    case 6:
        return test_random_below(random, (size_t)model->maximum * 2);
    default:
        return test_random_below(random, 200);
    }
}

static size_t random_alignment(Pair *pair) {
    size_t choice = test_random_below(&pair->random, 32);
    if (choice < 24) {
        return 1;
    }
    return choice < 31 ? (size_t)1 << test_random_below(&pair->random, choice == 24 ? 17 : 8)
                       : test_random_below(&pair->random, 100);
}

/* --- marks -------------------------------------------------------------------------------------------------------- */

/* The valid mark that was taken last; NULL: none. */
static const ModelMark *last_mark(const Pair *pair) {
    const ModelMark *last = NULL;
    for (size_t i = 0; i < pair->mark_count; i++) {
        const ModelMark *at = &pair->marks[i];
        last = at->valid && (last == NULL || at->entry > last->entry) ? at : last;
    }
    return last;
}

/* A record not used yet, or a stale one; NULL when all are valid. */
static ModelMark *free_record(Pair *pair) {
    if (pair->mark_count < MODEL_MARKS_MAX) {
        return &pair->marks[pair->mark_count++];
    }
    size_t first = test_random_below(&pair->random, MODEL_MARKS_MAX);
    for (size_t i = 0; i < MODEL_MARKS_MAX; i++) {
        ModelMark *at = &pair->marks[(first + i) % MODEL_MARKS_MAX];
        if (!at->valid) {
            return at;
        }
    }
    return NULL;
}

static void record_mark(Pair *pair, ArenaMark mark, uint64_t entry) {
    for (size_t i = 0; i < pair->mark_count; i++) {
        CHECK_TRUE(pair->marks[i].mark.id != mark.id);
    }
    const Model *model = &pair->model;
    ModelMark *record = free_record(pair);
    if (record == NULL) { /* so that the model knows all valid marks */
        CHECK_STATUS(arena_close_scope(pair->arena, mark), CORRAL_OK);
        return;
    }
    record->mark = mark;
    record->valid = true;
    record->entry = entry;
    record->allocations = model->stats.count;
    record->block_count = pair->block_count;
    record->count = model->count;
    record->current = model->current;
    memcpy(record->chunks, model->chunks, model->count * sizeof(ModelChunk));
}

static void take_mark(Pair *pair, bool scope) {
    const ModelMark *last = last_mark(pair);
    bool shares = !scope && last != NULL && last->allocations == pair->model.stats.count;
    bool page_fails = test_random_below(&pair->random, 16) == 0;
    pair->fake->fail_at = page_fails ? pair->fake->reserve_calls + 1 : 0;
    ArenaMark mark = scope ? arena_open_scope(pair->arena) : arena_mark(pair->arena);
    if (mark.arena == NULL) {
        CorralStatus status = arena_last_status(pair->arena);
        CHECK_TRUE(!shares && (status == CORRAL_LIMIT_REACHED || (status == CORRAL_NO_MEMORY && page_fails)));
    } else if (shares) {
        CHECK_EQ_U64(mark.id, last->mark.id);
    } else {
        record_mark(pair, mark, ++pair->entries);
    }
}

/* The marks from `entry` on become stale. */
static void end_marks(Pair *pair, uint64_t entry) {
    for (size_t i = 0; i < pair->mark_count; i++) {
        pair->marks[i].valid = pair->marks[i].valid && pair->marks[i].entry < entry;
    }
}

static void model_rewind(Pair *pair, const ModelMark *mark, bool keep_mark) {
    Model *model = &pair->model;
    for (size_t i = 0; i < model->count; i++) {
        model->chunks[i].used = i < mark->count ? mark->chunks[i].used : 0;
        model->chunks[i].entered = i < mark->count && mark->chunks[i].entered;
    }
    model->current = mark->current;
    model->stats.count = mark->allocations;
    pair->block_count = mark->block_count;
    model_refresh(model);
    end_marks(pair, mark->entry + keep_mark);
}

/* To a mark of `owner`, valid or not, which may be the pair itself. */
static void rewind_to(Pair *pair, const Pair *owner, bool keep_mark) {
    const ModelMark *mark = &owner->marks[test_random_below(&pair->random, owner->mark_count)];
    bool valid = owner == pair && mark->valid;
    compare_blocks(pair);
    CorralStatus status = (keep_mark ? arena_rewind : arena_close_scope)(pair->arena, mark->mark);
    CHECK_STATUS(status, valid ? CORRAL_OK : CORRAL_STALE_MARK);
    if (valid) {
        model_rewind(pair, mark, keep_mark);
        compare_chunks(pair);
    }
}

static void step(Pair *pair, const Pair *other) {
    size_t choice = test_random_below(&pair->random, 200);
    if (choice < 3) {
        compare_blocks(pair);
        compare_chunks(pair);
        CHECK_STATUS(choice == 0 ? arena_clear(pair->arena) : arena_reset(pair->arena), CORRAL_OK);
        model_reset(&pair->model, choice == 0);
        pair->block_count = 0;
        end_marks(pair, 0);
    } else if (choice < 15) {
        take_mark(pair, choice < 6);
    } else if (choice < 24 && pair->mark_count != 0 && other->mark_count != 0) {
        rewind_to(pair, choice < 16 ? other : pair, choice < 21);
    } else if (choice < 27) {
        size_t keep = test_random_below(&pair->random, (size_t)pair->model.stats.allocated * 2);
        CHECK_STATUS(arena_trim(pair->arena, keep), CORRAL_OK);
        model_trim(&pair->model, keep);
    } else {
        size_t size = random_size(pair);
        allocate(pair, size, random_alignment(pair));
    }
    compare_statistics(pair);
}

static ArenaConfig random_config(uint64_t *random, bool poison) {
    ArenaConfig config = arena_config_default();
    config.alignment = test_random_below(random, 2) == 0 ? 8 : 16;
    config.initial_size = 1 + test_random_below(random, (size_t)1 << (4 + test_random_below(random, 9)));
    config.maximum_size =
        config.initial_size + test_random_below(random, (size_t)1 << (4 + test_random_below(random, 13)));
    config.fixed = test_random_below(random, 8) == 0;
    config.exhausted = (ArenaExhausted)test_random_below(random, 3);
    if (test_random_below(random, 3) == 0) {
        config.limit = config.initial_size + 16 + test_random_below(random, 1 << 17);
    }
    if (test_random_below(random, 3) == 0) {
        config.retain = test_random_below(random, 1 << 15);
    }
    config.poison = poison;
    return config;
}

/* Two arenas of one pool, with steps in turn. */
static void run_program(uint64_t seed, size_t steps, bool poison) {
    static Pair pairs[2];
    FakePages fake;
    fake_pages_open(&fake);
    PoolConfig pool_config = pool_config_default();
    uint64_t random = seed;
    pool_config.source = &fake.source;
    pool_config.region_size = POOL_GRANULE;
    pool_config.limit = test_random_below(&random, 4) == 0 ? (size_t)1 << 20 : SIZE_MAX;
    Pool *pool = pool_create_with(&pool_config);
    for (size_t i = 0; i < 2; i++) {
        ArenaConfig config = random_config(&random, poison);
        pairs[i].arena = arena_create_with(pool, &config);
        pairs[i].random = test_random(&random);
        pairs[i].fake = &fake;
        pairs[i].limited = pool_config.limit != SIZE_MAX;
        pairs[i].block_count = 0;
        pairs[i].mark_count = 0;
        pairs[i].entries = 0;
        model_init(&pairs[i].model, &config);
    }
    CHECK_TRUE(pairs[0].arena != NULL && pairs[1].arena != NULL);
    for (size_t i = 0; i < steps && test_failures() == 0; i++) {
        size_t turn = test_random_below(&random, 2);
        step(&pairs[turn], &pairs[1 - turn]);
    }
    for (size_t i = 0; i < 2; i++) {
        compare_blocks(&pairs[i]);
        compare_chunks(&pairs[i]);
        CHECK_STATUS(arena_destroy(pairs[i].arena), CORRAL_OK);
    }
    CHECK_STATUS(pool_check(pool), CORRAL_OK);
    CHECK_STATUS(pool_destroy(pool), CORRAL_OK);
    fake_pages_close(&fake);
    if (test_failures() != 0) {
        test_fail(__FILE__, __LINE__, "seed %" PRIu64 ", %zu steps, window %s", seed, steps,
                  poison ? "closed" : "open");
    }
}

static void run_programs(bool poison) {
    for (uint64_t seed = 1; seed <= test_scaled(60) && test_failures() == 0; seed++) {
        run_program(seed, 2000, poison);
    }
}

static void test_random_programs_agree_with_the_model(void) {
    run_programs(false);
}

static void test_random_programs_agree_with_the_model_in_a_closed_window(void) {
    run_programs(true);
}

TEST_MAIN(TEST_CASE(test_random_programs_agree_with_the_model),
          TEST_CASE(test_random_programs_agree_with_the_model_in_a_closed_window))
