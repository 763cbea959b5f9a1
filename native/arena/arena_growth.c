/* SPDX-License-Identifier: Apache-2.0
 * arena_growth.c - how an arena gets more memory, and what limits it.
 * Layer: arena. May include: mempool.h, base/.
 *
 * Chunk sizes double up to the maximum; a request that is larger gets a chunk of its own size, which does not count as
 * growth. Where a limit leaves less room than that, the chunk is as large as the room. */
#include "arena/arena_parts.h"
#include "base/align.h"
#include "base/check.h"

/* --- limits ------------------------------------------------------------------------------------------------------- */

bool limit_counts(const Arena *limiter, bool fell_back) {
    return !fell_back || limiter->exhausted != ARENA_FALL_BACK;
}

/* The nearest arena above that has a limit. */
static Arena *next_limiter(const Arena *limiter) {
    return limiter->parent != NULL ? limiter->parent->limiter : NULL;
}

uint64_t limit_room(const Arena *arena, bool fell_back) {
    uint64_t room = UINT64_MAX;
    for (const Arena *at = arena->limiter; at != NULL; at = next_limiter(at)) {
        uint64_t left = at->limit - at->charged;
        if (limit_counts(at, fell_back) && left < room) {
            room = left;
        }
    }
    return room;
}

void limit_charge(Arena *arena, uint64_t capacity, bool fell_back) {
    for (Arena *at = arena->limiter; at != NULL; at = next_limiter(at)) {
        if (limit_counts(at, fell_back)) {
            CHECK(capacity <= at->limit - at->charged);
            at->charged += capacity;
        }
    }
}

void limit_discharge(Arena *arena, uint64_t capacity, bool fell_back) {
    for (Arena *at = arena->limiter; at != NULL; at = next_limiter(at)) {
        if (limit_counts(at, fell_back)) {
            CHECK(capacity <= at->charged);
            at->charged -= capacity;
        }
    }
}

/* --- growth ------------------------------------------------------------------------------------------------------- */

/* About half of a capacity that is larger than the request, but not less than the request (> 0). */
static size_t smaller_capacity(const Arena *arena, size_t capacity, size_t rounded) {
    size_t half = align_up(capacity / 2, (size_t)arena->control.align_mask + 1);
    return half > rounded ? half : rounded;
}

/* Acquires a chunk of the next size that fits below the limits. Of its own limit the pool tells only that it refuses,
 * so there smaller sizes are tried. */
static CorralStatus grow(Arena *arena, size_t rounded, size_t alignment, uint32_t *index) {
    if (arena->fixed || arena->exhausted == ARENA_FAIL) {
        return CORRAL_ARENA_FULL;
    }
    uint64_t room = limit_room(arena, false) & ~(uint64_t)arena->control.align_mask;
    if (rounded > room) {
        return CORRAL_LIMIT_REACHED;
    }
    uint32_t doubled = arena->target > arena->maximum_size / 2 ? arena->maximum_size : arena->target * 2;
    size_t capacity = rounded > doubled ? rounded : doubled;
    capacity = capacity > room ? (size_t)room : capacity;
    CorralStatus status = chunk_append(arena, capacity, alignment, false, index);
    while (status == CORRAL_LIMIT_REACHED && capacity > rounded) {
        capacity = smaller_capacity(arena, capacity, rounded);
        status = chunk_append(arena, capacity, alignment, false, index);
    }
    if (status == CORRAL_OK && capacity >= doubled) {
        arena->target = doubled;
    }
    return status;
}

/* Acquires a chunk for one request, which does not count against the arena's own limit. */
static CorralStatus fall_back(Arena *arena, size_t rounded, size_t alignment, uint32_t *index) {
    if (rounded > limit_room(arena, true)) {
        return CORRAL_LIMIT_REACHED;
    }
    return chunk_append(arena, rounded, alignment, true, index);
}

CorralStatus chunk_grow(Arena *arena, size_t rounded, size_t alignment, uint32_t *index) {
    if (rounded == 0) { /* a chunk has at least room for one block */
        rounded = (size_t)arena->control.align_mask + 1;
    }
    CorralStatus status = grow(arena, rounded, alignment, index);
    bool refused = status == CORRAL_ARENA_FULL || status == CORRAL_LIMIT_REACHED;
    return refused && arena->exhausted == ARENA_FALL_BACK ? fall_back(arena, rounded, alignment, index) : status;
}
