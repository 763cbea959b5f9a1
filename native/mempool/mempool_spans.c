/* SPDX-License-Identifier: Apache-2.0
 * mempool_spans.c - size classes, spans and the blocks in them.
 * Layer: mempool. May include: pages/, base/. Threads: under Pool.lock. */
#include "base/align.h"
#include "base/check.h"
#include "base/poison.h"
#include "mempool_cache.h"

#define FINE_MAX ((size_t)128) /* classes up to here are POOL_ALIGNMENT apart; above, eight to a doubling */
#define FINE_CLASSES 8         /* FINE_MAX / POOL_ALIGNMENT */
#define SPAN_GRANULES_MAX 8u   /* of a class span */
#define TAIL_SHARE 16          /* a span may leave one sixteenth of its bytes unused */

static_assert(FINE_CLASSES == FINE_MAX / POOL_ALIGNMENT, "fine classes");
static_assert(CLASS_COUNT == FINE_CLASSES + 8 * 8, "eight doublings from FINE_MAX to POOL_SMALL_MAX");
static_assert(FINE_MAX << 8 == POOL_SMALL_MAX, "eight doublings");

/* --- size classes ------------------------------------------------------------------------------------------------- */

/* X(n, c) is n times c; EIGHT(X, c) is that for the classes c to c + 7, one doubling. */
#define X1(c) c
#define X2(c) c, c
#define X4(c) X2(c), X2(c)
#define X8(c) X4(c), X4(c)
#define X16(c) X8(c), X8(c)
#define EIGHT(X, c) X(c), X((c) + 1), X((c) + 2), X((c) + 3), X((c) + 4), X((c) + 5), X((c) + 6), X((c) + 7)

const uint8_t pool_fine_classes[] = {EIGHT(X1, 0), EIGHT(X1, 8), EIGHT(X2, 16), EIGHT(X4, 24)};
const uint8_t pool_coarse_classes[] = {EIGHT(X1, 24), EIGHT(X1, 32), EIGHT(X2, 40),
                                       EIGHT(X4, 48), EIGHT(X8, 56), EIGHT(X16, 64)};
static_assert(sizeof pool_fine_classes == FINE_TABLE_MAX >> FINE_TABLE_SHIFT, "a class for every 16 bytes");
static_assert(sizeof pool_coarse_classes == POOL_SMALL_MAX >> COARSE_TABLE_SHIFT, "a class for every 128 bytes");

uint32_t pool_class_of(size_t size) {
    CHECK(size != 0 && size <= POOL_SMALL_MAX);
    return class_of(size);
}

size_t pool_class_bytes(uint32_t class_index) {
    CHECK(class_index < CLASSES);
    if (class_index == CLASS_GRANULE) {
        return POOL_GRANULE;
    }
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

static void class_init(SizeClass *class, size_t slot_bytes, uint32_t region_granules) {
    size_t slot_units = slot_bytes / POOL_ALIGNMENT;
    size_t most = BIN_BYTES / slot_bytes;
    most = most < BIN_MOST ? most : BIN_MOST;
    link_init(&class->with_room);
    link_init(&class->spare);
    class->slot_bytes = (uint32_t)slot_bytes;
    class->granules = span_granules(slot_bytes, region_granules);
    class->slots = (uint32_t)(class->granules * POOL_GRANULE / slot_bytes);
    class->units = (uint32_t)(class->slots * slot_units);
    class->inverse = (((uint64_t)1 << 32) + slot_units - 1) / slot_units;
    class->bin_most = (uint32_t)(most > BIN_LEAST ? most : BIN_LEAST);
    CHECK((uint64_t) class->units * slot_units < (uint64_t)1 << 32); /* the quotient of map_find() is exact */
}

void pool_classes_init(Pool *pool) {
    for (uint32_t i = 0; i < CLASSES; i++) {
        class_init(&pool->classes[i], pool_class_bytes(i), pool->region_granules);
    }
}

/* --- shapes ------------------------------------------------------------------------------------------------------- */

/* A size that is a multiple of a power of two has a class whose size is one too: either its class is exactly that size,
 * or the classes around it lie a multiple of that power apart. So rounding up is all that alignment takes. */
static Shape class_shape(const Pool *pool, uint32_t index) {
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
        return class_shape(pool, pool_class_of(rounded));
    }
    if (usable == POOL_GRANULE && pool->region_granules > 1) {
        return class_shape(pool, CLASS_GRANULE);
    }
    return usable <= pool->region_size / 2 ? run_shape(usable) : dedicated_shape(pool, usable, alignment);
}

/* --- spans -------------------------------------------------------------------------------------------------------- */

static Span *run_new(Pool *pool, const Shape *shape) {
    Region *region = pool_region_for(pool, shape, pool_meta_rounded(RUN_META_BYTES));
    if (region == NULL) {
        return NULL;
    }
    Span *run = pool_meta_take(pool, RUN_META_BYTES);
    link_init(&run->room);
    run->class_index = CLASS_NONE;
    run->slots = 1;
    run->slot_bytes = shape->usable;
    run->granules = shape->granules;
    pool_region_take_row(pool, region, run);
    return run;
}

/* What never changes while the span's memory lasts. */
static void describe(Span *span, const SizeClass *class, uint32_t class_index) {
    link_init(&span->room);
    span->inverse = class->inverse;
    span->states = (SlotState *)(void *)&span->used_bits[bitmap_words(class->slots)];
    span->units = class->units;
    span->class_index = class_index;
    span->slot_bytes = class->slot_bytes;
    span->slots = class->slots;
    span->granules = class->granules;
}

static Span *spare_or_new(Pool *pool, SizeClass *class) {
    if (!link_is_alone(&class->spare)) {
        Span *spare = LINK_OWNER(Span, room, class->spare.next);
        link_remove(&spare->room);
        return spare;
    }
    Span *span = pool_meta_take(pool, span_meta_bytes(class));
    describe(span, class, (uint32_t)(class - pool->classes));
    return span;
}

static Span *class_span_new(Pool *pool, const Shape *shape) {
    SizeClass *class = &pool->classes[shape->class_index];
    size_t growth = pool_map_growth(pool, class->granules);
    size_t own = link_is_alone(&class->spare) ? pool_meta_rounded(span_meta_bytes(class)) : 0;
    Region *region = pool_region_for(pool, shape, growth + own);
    if (region == NULL) {
        return NULL;
    }
    if (growth != 0) {
        pool_map_grow(pool, class->granules);
    }
    Span *span = spare_or_new(pool, class);
    pool_region_take_row(pool, region, span);
    atomic_store_explicit(&span->start, (uintptr_t)span_start(span), memory_order_relaxed);
    pool_map_put(pool, span);
    link_push(&class->with_room, &span->room);
    return span;
}

static void span_end(Pool *pool, Span *span) {
    link_remove(&span->room);
    if (span->class_index == CLASS_NONE) {
        pool_region_give_row(pool, span);
        pool_meta_give(pool, span, RUN_META_BYTES);
        return;
    }
    pool_map_remove(pool, span);
    pool_region_give_row(pool, span);
    span->region = NULL;
    span->holder = NULL;
    link_push(&pool->classes[span->class_index].spare, &span->room);
}

static Span *span_with_room(Pool *pool, Cache *cache, const Shape *shape) {
    if (shape->class_index == CLASS_NONE) {
        return run_new(pool, shape);
    }
    Span *span = pool_cache_span(pool, cache, shape->class_index, true);
    if (span == NULL) {
        span = class_span_new(pool, shape);
    }
    return span != NULL ? span : pool_cache_span(pool, cache, shape->class_index, false);
}

/* The span has room. Bits behind its last slot are never set, but a lower one is free. */
uint32_t pool_slot_take(Span *span) {
    uint32_t word = span->first_word;
    while (span->used_bits[word] == UINT64_MAX) {
        word++;
    }
    span->first_word = word;
    uint32_t slot = word * WORD_BITS + lowest_bit(~span->used_bits[word]);
    CHECK(slot < span->slots);
    bitmap_set(span->used_bits, slot);
    span->used++;
    if (span->used == span->slots) {
        link_remove(&span->room);
    }
    return slot;
}

uint64_t pool_slots_take(Span *span, uint32_t wanted, uint32_t *first) {
    uint32_t word = span->first_word;
    while (span->used_bits[word] == UINT64_MAX) {
        word++;
    }
    span->first_word = word;
    uint32_t left = span->slots - span->used;
    wanted = wanted < left ? wanted : left;
    uint64_t bits = 0;
    uint32_t count = 0;
    for (uint64_t room = ~span->used_bits[word]; room != 0 && count < wanted; room &= room - 1, count++) {
        bits |= room & (0 - room);
    }
    span->used_bits[word] |= bits;
    span->used += count;
    if (span->used == span->slots) {
        link_remove(&span->room);
    }
    *first = word * WORD_BITS;
    return bits;
}

void pool_slot_give(Pool *pool, Span *span, uint32_t slot) {
    bitmap_clear(span->used_bits, slot);
    if (span->states != NULL) {
        atomic_store_explicit(&span->states[slot], SLOT_FREE, memory_order_relaxed);
        if (span->used == span->slots) {
            link_push(&pool->classes[span->class_index].with_room, &span->room);
        }
    }
    span->used--;
    uint32_t word = slot / WORD_BITS;
    span->first_word = word < span->first_word ? word : span->first_word;
    if (span->used == 0) {
        span_end(pool, span);
    } else {
        CHECK_EXPENSIVE(pool_span_is_sound(pool, span));
    }
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

void *pool_block_take(Pool *pool, Cache *cache, const Shape *shape, uint8_t state, bool *zeroed) {
    Span *span = span_with_room(pool, cache, shape);
    if (span == NULL) {
        return NULL;
    }
    uint32_t slot = pool_slot_take(span);
    atomic_store_explicit(slot_state(span, slot), state, memory_order_release); /* release: as in cache_pop() */
    CHECK_EXPENSIVE(pool_span_is_sound(pool, span));
    unsigned char *block = span_start(span) + slot * span->slot_bytes;
    *zeroed = span->region->dedicated && span->region->fresh;
    if (!*zeroed) {
        memory_open(block, span->slot_bytes);
    }
    span->region->fresh = false;
    if (cache != NULL && span->states != NULL) {
        pool_cache_refill(pool, cache, span);
    }
    return block;
}

/* The marks come first: once the slot is free, or its region gone, the bytes are not ours. A dedicated region is marked
 * only if it stays, by mempool_regions.c: marks of gigabytes that are about to go would cost more than they tell. */
void pool_block_give(Pool *pool, const BlockRef *block) {
    Span *span = block->span;
    if (!span->region->dedicated) {
        memory_close(span_start(span) + block->slot * span->slot_bytes, span->slot_bytes);
    }
    pool_slot_give(pool, span, block->slot);
}

static BlockRef refused(CorralStatus status, const char *reason, Span *span) {
    return (BlockRef){.span = span, .status = status, .reason = reason};
}

/* Free memory remembers no blocks: any address there that could be a block's counts as one that was freed. */
static BlockRef in_free_granule(size_t offset) {
    return offset % POOL_ALIGNMENT == 0 ? refused(CORRAL_DOUBLE_FREE, "double-free", NULL)
                                        : refused(CORRAL_FOREIGN_POINTER, "foreign-pointer", NULL);
}

BlockRef pool_slot_find(const Pool *pool, const void *address) {
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
    return (BlockRef){.span = span, .slot = slot, .state = slot_state_now(span, slot), .status = CORRAL_OK};
}

BlockRef pool_block_find(const Pool *pool, const void *address) {
    BlockRef found = pool_slot_find(pool, address);
    if (found.status == CORRAL_OK && !state_is_live(found.state)) {
        return refused(CORRAL_DOUBLE_FREE, "double-free", found.span);
    }
    return found;
}

BlockRef pool_block_find_as(const Pool *pool, const void *address, uint8_t state) {
    BlockRef found = pool_block_find(pool, address);
    if (found.status == CORRAL_OK && found.state != state) {
        return refused(CORRAL_FOREIGN_POINTER, state == SLOT_LIVE ? "chunk-of-an-arena" : "no-chunk", found.span);
    }
    return found;
}
