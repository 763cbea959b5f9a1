/* SPDX-License-Identifier: Apache-2.0
 * slot_chunks.c - chunks of large values, and their free lists by size class.
 * Layer: structures. May include: arena/, mempool/, base/.
 *
 * A free chunk is remembered by the slot that its value had, which is books of the pool: a link in the chunk itself
 * could be overwritten through a stale view. So a free chunk costs nothing more, and the next value of its class takes
 * chunk and slot together. */
#include "arena/arena_parts.h"
#include "base/align.h"
#include "base/check.h"
#include "base/poison.h"
#include "mempool/pool_extension.h"
#include "slot_pool_parts.h"

#define SMALL_STEP 16u
#define SMALL_MAX 128u   /* up to here classes are SMALL_STEP apart */
#define SMALL_MAX_LOG 7u /* its logarithm */
#define SMALL_CLASSES 7u /* 32, 48, .. 128 bytes */
#define CLASSES_LOG 3u   /* beyond, 8 classes divide each doubling */
#define CHUNK_BLOCK_BYTES ((size_t)64 << 10)

static_assert((1u << SMALL_MAX_LOG) == SMALL_MAX && SMALL_MAX / SMALL_STEP - 1 == SMALL_CLASSES, "small classes");
static_assert(SLOT_SIZE_CLASSES == SMALL_CLASSES + ((30u - SMALL_MAX_LOG) << CLASSES_LOG), "a class for 1 GiB");
static_assert(SLOT_VALUE_MAX == (size_t)1 << 30, "the largest class");

uint32_t slot_class_of(size_t size) {
    CHECK(size > SLOT_INLINE_MAX && size <= SLOT_VALUE_MAX);
    uint32_t last = (uint32_t)size - 1;
    uint32_t size_class = last / SMALL_STEP - 1;
    if (size > SMALL_MAX) {
        uint32_t log = floor_log2(last);
        uint32_t part = (last - (UINT32_C(1) << log)) >> (log - CLASSES_LOG);
        size_class = SMALL_CLASSES + ((log - SMALL_MAX_LOG) << CLASSES_LOG) + part;
    }
    CHECK(size_class < SLOT_SIZE_CLASSES);
    CHECK(slot_class_capacity(size_class) >= size);
    CHECK(slot_class_capacity(size_class) - size <= (size / 8 > 15 ? size / 8 : 15)); /* the waste that is promised */
    return size_class;
}

size_t slot_class_capacity(uint32_t size_class) {
    if (size_class < SMALL_CLASSES) {
        return (size_t)(size_class + 2) * SMALL_STEP;
    }
    uint32_t beyond = size_class - SMALL_CLASSES;
    uint32_t log = SMALL_MAX_LOG + (beyond >> CLASSES_LOG);
    size_t part = (beyond & ((1u << CLASSES_LOG) - 1)) + 1;
    return ((size_t)1 << log) + (part << (log - CLASSES_LOG));
}

void slot_count_large(SlotRegionEntry *region, const Slot *slot, bool in) {
    uint64_t capacity = slot_class_capacity(slot->as.chunk.size_class);
    uint64_t sign = in ? 1 : UINT64_MAX; /* + 1 or - 1 */
    region->large_live += sign;
    region->large_bytes += sign * slot->as.chunk.size;
    region->chunk_bytes += sign * capacity;
}

/* Bytes of a region's first block, which is to hold a chunk of `capacity` bytes: less than usual where limits leave
 * less, and the chunk alone where that is all that they leave. */
static size_t first_block(const Arena *anchor, size_t capacity) {
    uint64_t room = limit_room(anchor, false) & ~(uint64_t)anchor->control.align_mask;
    if (capacity > CHUNK_BLOCK_BYTES) {
        return room >= capacity && room - capacity < CHUNK_BLOCK_BYTES ? capacity : CHUNK_BLOCK_BYTES;
    }
    return capacity <= room && room < CHUNK_BLOCK_BYTES ? (size_t)room : CHUNK_BLOCK_BYTES;
}

/* A region's arena. Of its own limit the pool tells only that it refuses, so smaller first blocks are tried then. */
static Arena *make_arena(const SlotPool *slots, size_t block, size_t capacity, CorralStatus *status) {
    ArenaConfig config = structure_arena_config(slots->head.arena);
    config.initial_size = block;
    config.maximum_size = block > CHUNK_BLOCK_BYTES ? block : CHUNK_BLOCK_BYTES;
    config.status = status;
    Arena *arena = arena_create_with(slots->head.pool, &config);
    while (*status == CORRAL_LIMIT_REACHED && config.initial_size > capacity) {
        size_t half = align_up(config.initial_size / 2, ARENA_ALIGNMENT);
        config.initial_size = half > capacity ? half : capacity;
        arena = arena_create_with(slots->head.pool, &config);
    }
    if (arena != NULL && block > CHUNK_BLOCK_BYTES) { /* what follows are blocks as usual */
        arena->initial_size = arena->target = arena->maximum_size = CHUNK_BLOCK_BYTES;
    }
    return arena;
}

/* Makes the arena and the lists of a region that has none. */
static CorralStatus ready(SlotPool *slots, SlotRegionEntry *region, size_t block, size_t capacity) {
    uint32_t *bins = pool_books_take(slots->head.pool, SLOT_SIZE_CLASSES * sizeof *bins);
    if (bins == NULL) {
        return CORRAL_NO_MEMORY;
    }
    CorralStatus status;
    region->arena = make_arena(slots, block, capacity, &status);
    if (region->arena == NULL) {
        pool_books_give(slots->head.pool, bins, SLOT_SIZE_CLASSES * sizeof *bins);
        return status;
    }
    region->bins = bins;
    return CORRAL_OK;
}

/* A free slot with a new chunk. */
static uint32_t make_chunk(SlotPool *slots, SlotRegionEntry *region, uint32_t size_class, CorralStatus *status) {
    uint32_t place = slot_take(slots, region, status);
    if (place == 0) {
        return 0;
    }
    void *chunk = arena_alloc(region->arena, slot_class_capacity(size_class));
    if (chunk == NULL) {
        *status = arena_last_status(region->arena);
        slot_give(slots, region, place);
        return 0;
    }
    Slot *slot = slot_at(slots, place);
    slot->as.chunk.address = (uint64_t)(uintptr_t)chunk;
    slot->as.chunk.size_class = size_class;
    slots->totals->large_puts++;
    return place;
}

/* Undoes ready() in a region that has no chunk. */
static void unready(SlotPool *slots, SlotRegionEntry *region) {
    arena_destroy(region->arena);
    pool_books_give(slots->head.pool, region->bins, SLOT_SIZE_CLASSES * sizeof *region->bins);
    region->arena = NULL;
    region->bins = NULL;
}

/* The same in a region without an arena, which begins with a block of `block` bytes; a failure leaves it without. */
static uint32_t make_first_chunk(SlotPool *slots, SlotRegionEntry *region, uint32_t size_class, size_t block,
                                 size_t capacity, CorralStatus *status) {
    *status = ready(slots, region, block, capacity);
    uint32_t place = *status == CORRAL_OK ? make_chunk(slots, region, size_class, status) : 0;
    if (place == 0 && region->arena != NULL) {
        unready(slots, region);
    }
    return place;
}

/* The same, when the region may have neither a free slot nor an arena. A large value has a block of its own, behind the
 * usual first one; where the pool's limit leaves no room for both, its own is the first. */
static uint32_t make_chunk_with_room(SlotPool *slots, SlotRegionEntry *region, uint32_t size_class,
                                     CorralStatus *status) {
    if (region->arena != NULL) {
        return make_chunk(slots, region, size_class, status);
    }
    const Arena *anchor = slots->head.arena;
    size_t capacity = slot_class_capacity(size_class) + (anchor->debug != NULL ? ARENA_GUARD_BYTES : 0);
    size_t usual = first_block(anchor, capacity);
    uint32_t place = make_first_chunk(slots, region, size_class, usual, capacity, status);
    if (place == 0 && *status == CORRAL_LIMIT_REACHED && usual < capacity) {
        place = make_first_chunk(slots, region, size_class, capacity, capacity, status);
    }
    return place;
}

uint32_t slot_take_chunk(SlotPool *slots, SlotRegionEntry *region, size_t size, CorralStatus *status) {
    uint32_t size_class = slot_class_of(size);
    uint32_t place = region->bins != NULL ? region->bins[size_class] : 0;
    if (place == 0) {
        return make_chunk_with_room(slots, region, size_class, status);
    }
    Slot *slot = slot_at(slots, place);
    region->bins[size_class] = slot->as.chunk.size;
    region->free_bytes -= slot_class_capacity(size_class);
    if (region->arena->poison) {
        memory_open((void *)(uintptr_t)slot->as.chunk.address, slot_class_capacity(size_class));
    }
    slots->totals->large_puts++;
    slots->totals->reused++;
    return place;
}

void slot_give_chunk(SlotPool *slots, SlotRegionEntry *region, uint32_t place) {
    Slot *slot = slot_at(slots, place);
    uint32_t size_class = slot->as.chunk.size_class;
    slot_become(slot, SLOT_CHUNK);
    slot->as.chunk.size = region->bins[size_class];
    region->bins[size_class] = place;
    region->free_bytes += slot_class_capacity(size_class);
    if (region->arena->poison) {
        memory_close((void *)(uintptr_t)slot->as.chunk.address, slot_class_capacity(size_class));
    }
}
