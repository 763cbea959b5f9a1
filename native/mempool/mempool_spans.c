/* SPDX-License-Identifier: Apache-2.0
 * mempool_spans.c - size classes, spans and the blocks in them.
 * Layer: mempool. May include: pages/, base/. Threads: under Pool.lock. */
#include "mempool_parts.h"

#include "base/align.h"
#include "base/check.h"
#include "base/poison.h"

#define FINE_MAX ((size_t)128) /* classes up to here are POOL_ALIGNMENT apart; above, eight to a doubling */
#define FINE_CLASSES 8         /* FINE_MAX / POOL_ALIGNMENT */
#define SPAN_GRANULES_MAX 8u   /* of a class span */
#define TAIL_SHARE 16          /* a span may leave one sixteenth of its bytes unused */

static_assert(FINE_CLASSES == FINE_MAX / POOL_ALIGNMENT, "fine classes");
static_assert(CLASS_COUNT == FINE_CLASSES + 8 * 8, "eight doublings from FINE_MAX to POOL_SMALL_MAX");
static_assert(FINE_MAX << 8 == POOL_SMALL_MAX, "eight doublings");

/* --- size classes ------------------------------------------------------------------------------------------------- */

uint32_t pool_class_of(size_t size) {
    CHECK(size != 0 && size <= POOL_SMALL_MAX);
    if (size <= FINE_MAX) {
        return (uint32_t)((size - 1) / POOL_ALIGNMENT);
    }
    unsigned log = floor_log2(size - 1); /* 2^log < size <= 2^(log + 1) */
    unsigned doubling = log - floor_log2(FINE_MAX);
    return (uint32_t)(FINE_CLASSES + 8 * doubling + ((size - 1) >> (log - 3)) - 8);
}

size_t pool_class_bytes(uint32_t class_index) {
    CHECK(class_index < CLASS_COUNT);
    if (class_index < FINE_CLASSES) {
        return (class_index + 1) * POOL_ALIGNMENT;
    }
    unsigned doubling = (class_index - FINE_CLASSES) / 8;
    size_t eighths = (class_index - FINE_CLASSES) % 8 + 9;
    return eighths * (FINE_MAX / 8) << doubling;
}

/* The fewest granules of which the slots leave at most 1/TAIL_SHARE unused; without such a number, those that leave the
 * smallest share. */
static uint32_t span_granules(size_t slot_bytes, uint32_t region_granules) {
    uint32_t most = region_granules < SPAN_GRANULES_MAX ? region_granules : SPAN_GRANULES_MAX;
    uint32_t best = 1;
    for (uint32_t granules = 1; granules <= most; granules++) {
        size_t tail = granules * POOL_GRANULE % slot_bytes;
        if (tail * TAIL_SHARE <= granules * POOL_GRANULE) {
            return granules;
        }
        if (tail * best < best * POOL_GRANULE % slot_bytes * granules) {
            best = granules;
        }
    }
    return best;
}

void pool_classes_init(Pool *pool) {
    for (uint32_t i = 0; i < CLASS_COUNT; i++) {
        SizeClass *class = &pool->classes[i];
        size_t slot_bytes = pool_class_bytes(i);
        link_init(&class->with_room);
        class->slot_bytes = (uint32_t)slot_bytes;
        class->granules = span_granules(slot_bytes, pool->region_granules);
        class->slots = (uint32_t)(class->granules * POOL_GRANULE / slot_bytes);
    }
}

/* --- shapes ------------------------------------------------------------------------------------------------------- */

/* A size that is a multiple of a power of two has a class whose size is one too: either its class is exactly that size,
 * or the classes around it lie a multiple of that power apart. So rounding up is all that alignment takes. */
static Shape class_shape(const Pool *pool, size_t rounded) {
    uint32_t index = pool_class_of(rounded);
    const SizeClass *class = &pool->classes[index];
    return (Shape){
        .usable = class->slot_bytes, .class_index = index, .slots = class->slots, .granules = class->granules};
}

static Shape run_shape(size_t usable) {
    uint32_t granules = (uint32_t)((usable + POOL_GRANULE - 1) / POOL_GRANULE);
    return (Shape){.usable = usable, .class_index = CLASS_NONE, .slots = 1, .granules = granules};
}

static Shape dedicated_shape(const Pool *pool, size_t usable, size_t alignment) {
    return (Shape){.usable = usable,
                   .bytes = align_up(usable, pool->source.page_size),
                   .alignment = alignment > pool->region_size ? alignment : pool->region_size,
                   .class_index = CLASS_NONE,
                   .slots = 1,
                   .granules = 1,
                   .dedicated = true};
}

Shape pool_shape_of(const Pool *pool, size_t size, size_t alignment) {
    size = size != 0 ? size : 1;
    size_t usable = align_up(size, RUN_UNIT);
    if (alignment > POOL_GRANULE) {
        return dedicated_shape(pool, usable, alignment);
    }
    size_t rounded = align_up(size, alignment);
    if (rounded <= POOL_SMALL_MAX) {
        return class_shape(pool, rounded);
    }
    return usable <= pool->region_size / 2 ? run_shape(usable) : dedicated_shape(pool, usable, alignment);
}

/* --- spans -------------------------------------------------------------------------------------------------------- */

static Span *span_new(Pool *pool, const Shape *shape) {
    size_t meta_bytes = span_meta_bytes(shape->slots);
    Region *region = pool_region_for(pool, shape, pool_meta_rounded(meta_bytes));
    if (region == NULL) {
        return NULL;
    }
    Span *span = pool_meta_take(pool, meta_bytes);
    link_init(&span->room);
    span->class_index = shape->class_index;
    span->slots = shape->slots;
    span->slot_bytes = shape->usable;
    span->granules = shape->granules;
    pool_region_take_row(pool, region, span);
    if (shape->class_index != CLASS_NONE) {
        link_push(&pool->classes[shape->class_index].with_room, &span->room);
    }
    return span;
}

static void span_end(Pool *pool, Span *span) {
    link_remove(&span->room);
    pool_region_give_row(pool, span);
    pool_meta_give(pool, span, span_meta_bytes(span->slots));
}

static Span *span_with_room(Pool *pool, const Shape *shape) {
    if (shape->class_index != CLASS_NONE) {
        const Link *head = &pool->classes[shape->class_index].with_room;
        if (!link_is_alone(head)) {
            return LINK_OWNER(Span, room, head->next);
        }
    }
    return span_new(pool, shape);
}

/* The span has room. Bits behind its last slot are never set, but a lower one is free. */
static uint32_t slot_take(Span *span) {
    uint32_t word = span->first_word;
    while (span->used_bits[word] == UINT64_MAX) {
        word++;
    }
    span->first_word = word;
    uint64_t free_bits = ~span->used_bits[word];
    uint32_t slot = word * WORD_BITS + floor_log2(free_bits & (0 - free_bits));
    CHECK(slot < span->slots);
    bitmap_set(span->used_bits, slot);
    span->used++;
    if (span->used == span->slots) {
        link_remove(&span->room);
    }
    return slot;
}

static void slot_give(Pool *pool, Span *span, uint32_t slot) {
    bitmap_clear(span->used_bits, slot);
    if (span->used == span->slots && span->class_index != CLASS_NONE) {
        link_push(&pool->classes[span->class_index].with_room, &span->room);
    }
    span->used--;
    uint32_t word = slot / WORD_BITS;
    span->first_word = word < span->first_word ? word : span->first_word;
}

bool pool_span_fits(const Span *span, const Shape *shape) {
    if (span->class_index != shape->class_index || span->region->dedicated != shape->dedicated) {
        return false;
    }
    return shape->dedicated ? pool_region_suits(span->region, shape->bytes) : span->granules == shape->granules;
}

void pool_span_resize(Span *span, size_t usable) {
    unsigned char *start = span_start(span);
    if (usable > span->slot_bytes) {
        memory_open(start + span->slot_bytes, usable - span->slot_bytes);
    } else if (usable < span->slot_bytes) {
        memory_close(start + usable, span->slot_bytes - usable);
    }
    span->slot_bytes = usable;
}

/* --- blocks ------------------------------------------------------------------------------------------------------- */

void *pool_block_take(Pool *pool, const Shape *shape, bool *zeroed) {
    Span *span = span_with_room(pool, shape);
    if (span == NULL) {
        return NULL;
    }
    uint32_t slot = slot_take(span);
    CHECK_EXPENSIVE(pool_span_is_sound(pool, span));
    unsigned char *block = span_start(span) + slot * span->slot_bytes;
    *zeroed = span->region->dedicated && span->region->fresh;
    if (!*zeroed) {
        memory_open(block, span->slot_bytes);
    }
    span->region->fresh = false;
    return block;
}

/* The marks come first: once the slot is free, or its region gone, the bytes are not ours. A dedicated region is marked
 * only if it stays, by mempool_regions.c: marks of gigabytes that are about to go would cost more than they tell. */
void pool_block_give(Pool *pool, const BlockRef *block) {
    Span *span = block->span;
    if (!span->region->dedicated) {
        memory_close(span_start(span) + block->slot * span->slot_bytes, span->slot_bytes);
    }
    slot_give(pool, span, block->slot);
    if (span->used == 0) {
        span_end(pool, span);
    } else {
        CHECK_EXPENSIVE(pool_span_is_sound(pool, span));
    }
}

static BlockRef refused(CorralStatus status, const char *reason, Span *span) {
    return (BlockRef){.span = span, .status = status, .reason = reason};
}

/* Free memory remembers no blocks: any address there that could be a block's counts as one that was freed. */
static BlockRef in_free_granule(size_t offset) {
    return offset % POOL_ALIGNMENT == 0 ? refused(CORRAL_DOUBLE_FREE, "double-free", NULL)
                                        : refused(CORRAL_FOREIGN_POINTER, "foreign-pointer", NULL);
}

BlockRef pool_block_find(const Pool *pool, const void *address) {
    const Region *region = pool_region_find(pool, address);
    size_t offset = region != NULL ? (size_t)((uintptr_t)address - (uintptr_t)region->base) : 0;
    if (region == NULL || offset >= region->bytes) {
        return refused(CORRAL_FOREIGN_POINTER, "foreign-pointer", NULL);
    }
    Span *span = region->spans[offset / granule_bytes(region)];
    if (span == NULL) {
        return in_free_granule(offset);
    }
    size_t in_span = (size_t)((uintptr_t)address - (uintptr_t)span_start(span));
    uint32_t slot = (uint32_t)(in_span / span->slot_bytes);
    if (in_span % span->slot_bytes != 0 || slot >= span->slots) {
        return refused(CORRAL_FOREIGN_POINTER, "interior-pointer", span);
    }
    if (!bitmap_get(span->used_bits, slot)) {
        return refused(CORRAL_DOUBLE_FREE, "double-free", span);
    }
    return (BlockRef){.span = span, .slot = slot, .status = CORRAL_OK};
}
