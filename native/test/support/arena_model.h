/* SPDX-License-Identifier: Apache-2.0
 * arena_model.h - an arena as simple as it can be: every chunk is visited for every question. Layer: test support. May
 * include: arena.h. */
#ifndef CORRAL_TEST_SUPPORT_ARENA_MODEL_H
#define CORRAL_TEST_SUPPORT_ARENA_MODEL_H

#include <string.h>

#include "corral/arena.h"
#include "support/test.h"

#define MODEL_CHUNKS_MAX 4096
#define NO_CHUNK SIZE_MAX

typedef struct ModelChunk {
    uint64_t capacity; /* 0: trimmed */
    uint64_t used;     /* 0 while not entered */
    bool entered;      /* since the last reset */
    bool fell_back;
} ModelChunk;

/* Invariant: chunks[current] is entered; used <= capacity in each. */
typedef struct Model {
    uint64_t alignment, initial, maximum, target, limit, retain;
    ArenaExhausted exhausted;
    bool fixed;
    size_t count; /* of chunks */
    size_t current;
    size_t last_entered; /* largest index since the last reset */
    ModelChunk chunks[MODEL_CHUNKS_MAX];
    ArenaStats stats; /* resets, count, peaks and growth are kept here; the rest is summed up when asked */
} Model;

/* Where a request goes. `fresh`: into a chunk that has to be acquired, of that capacity. */
typedef struct Plan {
    CorralStatus status;
    size_t chunk;
    uint64_t offset;
    uint64_t rounded;
    bool fresh;
    bool fell_back;
    uint64_t capacity;
} Plan;

static inline uint64_t round_up(uint64_t value, uint64_t alignment) {
    return (value + alignment - 1) / alignment * alignment;
}

static inline uint64_t larger(uint64_t a, uint64_t b) {
    return a > b ? a : b;
}

/* What the next chunk would have without limits and large requests. */
static inline uint64_t model_doubled(const Model *model) {
    return model->target * 2 > model->maximum ? model->maximum : model->target * 2;
}

static inline void model_add_chunk(Model *model, uint64_t capacity) {
    model->chunks[model->count++] = (ModelChunk){.capacity = capacity};
    unsigned bin = 0;
    while (capacity >> (bin + 1) != 0) {
        bin++;
    }
    model->stats.growth[bin]++;
}

/* Sums up what can be summed up, and raises the peaks. */
static inline void model_refresh(Model *model) {
    ArenaStats *stats = &model->stats;
    stats->allocated = stats->used = stats->chunks = stats->fell_back = 0;
    for (size_t i = 0; i < model->count; i++) {
        const ModelChunk *chunk = &model->chunks[i];
        stats->allocated += chunk->capacity;
        stats->used += chunk->used;
        stats->chunks += chunk->capacity != 0 ? 1 : 0;
        stats->fell_back += chunk->fell_back ? chunk->capacity : 0;
    }
    stats->waste = stats->allocated - stats->used;
    stats->peak_used = larger(stats->peak_used, stats->used);
    stats->peak_allocated = larger(stats->peak_allocated, stats->allocated);
}

static inline void model_init(Model *model, const ArenaConfig *config) {
    memset(model, 0, sizeof *model);
    model->alignment = config->alignment;
    model->initial = model->target = round_up(config->initial_size, config->alignment);
    model->maximum = round_up(config->maximum_size, config->alignment);
    model->fixed = config->fixed;
    model->limit = config->limit;
    model->retain = config->retain;
    model->exhausted = config->exhausted;
    model_add_chunk(model, model->initial);
    model->chunks[0].entered = true;
    model_refresh(model);
}

/* The offset of a block at `alignment` in a chunk that has `used` bytes; `base` is the chunk's address. */
static inline uint64_t aligned_offset(uint64_t base, uint64_t used, uint64_t alignment) {
    return round_up(base + used, alignment) - base;
}

static inline uint64_t chunk_base(const Arena *arena, size_t index) {
    void *base = NULL;
    size_t capacity, used;
    CHECK_STATUS(arena_chunk(arena, index, &base, &capacity, &used), CORRAL_OK);
    return (uint64_t)(uintptr_t)base;
}

/* How large a chunk is acquired, or why none is. */
static inline void model_plan_chunk(const Model *model, Plan *plan) {
    uint64_t least = larger(plan->rounded, model->alignment);
    uint64_t room = (model->limit - (model->stats.allocated - model->stats.fell_back)) / model->alignment;
    room = model->limit == SIZE_MAX ? SIZE_MAX : room * model->alignment;
    plan->fresh = true;
    plan->chunk = model->count;
    plan->capacity = larger(least, model_doubled(model)) < room ? larger(least, model_doubled(model)) : room;
    plan->status = model->fixed || model->exhausted == ARENA_FAIL ? CORRAL_ARENA_FULL
                   : least > room                                 ? CORRAL_LIMIT_REACHED
                                                                  : CORRAL_OK;
    if (plan->status != CORRAL_OK && model->exhausted == ARENA_FALL_BACK) {
        plan->status = CORRAL_OK;
        plan->fell_back = true;
        plan->capacity = least;
    }
}

static inline Plan model_plan(const Model *model, const Arena *arena, uint64_t size, uint64_t alignment) {
    Plan plan = {.status = CORRAL_OK, .chunk = NO_CHUNK};
    if (alignment == 0 || (alignment & (alignment - 1)) != 0 || alignment > ARENA_ALIGNMENT_MAX) {
        plan.status = CORRAL_BAD_ALIGNMENT;
        return plan;
    }
    if (size > ARENA_SIZE_LIMIT) {
        plan.status = CORRAL_SIZE_LIMIT;
        return plan;
    }
    plan.rounded = round_up(size, model->alignment);
    alignment = larger(alignment, model->alignment);
    for (size_t step = 0; step <= model->count; step++) { /* the current chunk first, then the others in order */
        size_t index = step == 0 ? model->current : step - 1;
        const ModelChunk *chunk = &model->chunks[index];
        if (step != 0 && (chunk->entered || chunk->capacity == 0)) {
            continue;
        }
        uint64_t offset = aligned_offset(chunk_base(arena, index), chunk->used, alignment);
        if (offset + plan.rounded <= chunk->capacity) {
            plan.chunk = index;
            plan.offset = offset;
            return plan;
        }
    }
    model_plan_chunk(model, &plan);
    return plan;
}

static inline void model_commit(Model *model, const Plan *plan, uint64_t size) {
    if (plan->fresh) {
        model_add_chunk(model, plan->capacity);
        model->chunks[plan->chunk].fell_back = plan->fell_back;
        bool grown = !plan->fell_back && plan->capacity >= model_doubled(model);
        model->target = grown ? model_doubled(model) : model->target;
    }
    ModelChunk *chunk = &model->chunks[plan->chunk];
    if (plan->chunk != model->current || size != 0) {
        chunk->used = plan->offset + plan->rounded;
    }
    chunk->entered = true;
    model->last_entered = larger(model->last_entered, plan->chunk);
    const ModelChunk *current = &model->chunks[model->current];
    if (chunk->capacity - chunk->used >= current->capacity - current->used) {
        model->current = plan->chunk;
    }
    model->stats.count++;
    model_refresh(model);
}

static inline void model_trim(Model *model, uint64_t keep) {
    bool trimmed = false;
    for (size_t i = model->count; --i > 0 && model->stats.allocated > keep;) {
        ModelChunk *chunk = &model->chunks[i];
        if (chunk->capacity == 0 || chunk->entered) {
            continue;
        }
        *chunk = (ModelChunk){0};
        model->count -= i == model->count - 1 && i > model->last_entered ? 1 : 0;
        trimmed = true;
        model_refresh(model);
    }
    size_t last = model->count - 1;
    while (model->chunks[last].capacity == 0) {
        last--;
    }
    uint64_t left = larger(model->chunks[last].capacity, model->initial);
    model->target = trimmed && left < model->target ? left : model->target;
}

/* Without what was trimmed or fell back, the others move up. */
static inline void model_squeeze(Model *model) {
    size_t kept = 0;
    for (size_t i = 0; i < model->count; i++) {
        if (model->chunks[i].capacity != 0 && !model->chunks[i].fell_back) {
            model->chunks[kept++] = model->chunks[i];
        }
    }
    model->count = kept;
}

static inline void model_reset(Model *model, bool clear) {
    model_squeeze(model);
    for (size_t i = 0; i < model->count; i++) {
        model->chunks[i].used = 0;
        model->chunks[i].entered = i == 0;
    }
    model->current = 0;
    model->last_entered = 0;
    model->stats.count = 0;
    model->stats.resets++;
    model_refresh(model);
    model_trim(model, clear ? 0 : model->retain);
    if (clear) {
        model->target = model->initial;
    }
}

#endif
