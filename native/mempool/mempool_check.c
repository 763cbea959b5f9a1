/* SPDX-License-Identifier: Apache-2.0
 * mempool_check.c - verifies the invariants that mempool_parts.h states, and that the books agree with each other.
 * Layer: mempool. May include: pages/, base/. Threads: under Pool.lock. */
#include "mempool/pool_extension.h"
#include "mempool_cache.h"
#include "mempool_debug.h"

/* Sums over everything that was visited. */
typedef struct Walk {
    uint64_t regions;
    uint64_t bytes;
    uint64_t pinned_regions;
    uint64_t pinned_bytes;
    uint64_t kept;
    uint64_t kept_unpinned;
    uint64_t live_blocks;
    uint64_t cached_blocks; /* slots that lie in some cache */
    uint64_t quarantined_blocks;
    uint64_t in_use;
    uint64_t granules_mapped; /* of class spans */
    uint64_t meta_bytes;      /* of the descriptions */
    uint64_t spans_with_room; /* of classes */
    uint64_t binned;          /* regions that belong in a bin or in free_dedicated */
} Walk;

/* Bits behind the last one of a whole number of words are looked at, too. */
static size_t count_set(const uint64_t *words, size_t bits) {
    size_t count = 0;
    for (size_t i = 0; i < bitmap_words(bits); i++) {
        for (uint64_t word = words[i]; word != 0; word &= word - 1) {
            count += word == UINT64_MAX ? WORD_BITS : 1;
            word = word == UINT64_MAX ? 1 : word;
        }
    }
    return count;
}

static bool link_is_sound(const Link *link) {
    return link->next->previous == link && link->previous->next == link;
}

/* --- one span, one region ----------------------------------------------------------------------------------------- */

static bool slots_are_sound(const Span *span) {
    for (uint32_t word = 0; word < span->first_word; word++) {
        if (span->used_bits[word] != UINT64_MAX) {
            return false;
        }
    }
    uint64_t last_word = span->used_bits[bitmap_words(span->slots) - 1];
    bool none_behind = span->slots % WORD_BITS == 0 || last_word >> span->slots % WORD_BITS == 0;
    return span->first_word < bitmap_words(span->slots) && span->used != 0 && none_behind &&
           count_set(span->used_bits, span->slots) == span->used;
}

static bool cut_is_sound(const Pool *pool, const Span *span) {
    if (span->class_index == CLASS_NONE) {
        return span->slots == 1 && span->states == NULL && link_is_alone(&span->room) &&
               slot_state_now(span, 0) >= SLOT_QUARANTINED;
    }
    if (span->class_index >= CLASSES || span->region->dedicated) {
        return false;
    }
    const SizeClass *class = &pool->classes[span->class_index];
    return span->slots == class->slots && span->slot_bytes == class->slot_bytes && span->granules == class->granules &&
           span->units == class->units && span->inverse == class->inverse &&
           atomic_load_explicit(&span->start, memory_order_relaxed) == (uintptr_t)span_start(span) &&
           link_is_alone(&span->room) == (span->used == span->slots);
}

static bool states_are_sound(const Span *span) {
    for (uint32_t slot = 0; span->states != NULL && slot < span->slots; slot++) {
        if (bitmap_get(span->used_bits, slot) == (slot_state_now(span, slot) == SLOT_FREE)) {
            return false;
        }
    }
    return true;
}

bool pool_span_is_sound(const Pool *pool, const Span *span) {
    return cut_is_sound(pool, span) && link_is_sound(&span->room) && slots_are_sound(span) && states_are_sound(span) &&
           span->granules != 0 && span->slots * span->slot_bytes <= span->granules * granule_bytes(span->region) &&
           span->first_granule + span->granules <= span->region->granules;
}

static bool granule_is_sound(const Region *region, uint32_t g) {
    const Span *span = region->spans[g];
    if (span == NULL) {
        return bitmap_get(region->free_bits, g);
    }
    return !bitmap_get(region->free_bits, g) && span->region == region && span->first_granule <= g &&
           g < span->first_granule + span->granules;
}

static bool frame_is_sound(const Pool *pool, const Region *region) {
    bool is_shared = region->bytes == pool->region_size && region->granules == pool->region_granules;
    return (region->dedicated ? region->granules == 1 : is_shared) &&
           (!region->discarded || (region_is_free(region) && region->pins != 0)) &&
           ((uintptr_t)region->base & (pool->region_size - 1)) == 0 && pool_region_find(pool, region->base) == region &&
           link_is_sound(&region->all) && link_is_sound(&region->bin) &&
           link_is_alone(&region->bin) == (region->longest_free == 0);
}

bool pool_region_is_sound(const Pool *pool, const Region *region) {
    for (uint32_t g = 0; g < region->granules; g++) {
        if (!granule_is_sound(region, g)) {
            return false;
        }
    }
    return frame_is_sound(pool, region) && count_set(region->free_bits, region->granules) == region->free_granules &&
           pool_longest_free(region) == region->longest_free;
}

/* --- the walk ----------------------------------------------------------------------------------------------------- */

static void sum_class_span(const Pool *pool, Walk *walk, const Span *span) {
    uint64_t live = 0;
    for (uint32_t slot = 0; slot < span->slots; slot++) {
        uint8_t state = slot_state_now(span, slot);
        live += state_is_live(state);
        walk->cached_blocks += state == SLOT_CACHED;
        walk->quarantined_blocks += state == SLOT_QUARANTINED;
    }
    walk->live_blocks += live;
    walk->in_use += live * span->slot_bytes;
    walk->meta_bytes += pool_meta_rounded(span_meta_bytes(&pool->classes[span->class_index]));
    walk->spans_with_room += span->used < span->slots;
    walk->granules_mapped += span->granules;
}

static void sum_span(const Pool *pool, Walk *walk, const Span *span) {
    if (span->class_index != CLASS_NONE) {
        sum_class_span(pool, walk, span);
        return;
    }
    bool live = state_is_live(slot_state_now(span, 0));
    walk->live_blocks += live;
    walk->quarantined_blocks += !live;
    walk->in_use += live ? span->slot_bytes : 0;
    walk->meta_bytes += pool_meta_rounded(RUN_META_BYTES);
}

static void sum_region(Walk *walk, const Region *region) {
    walk->regions++;
    walk->bytes += region->bytes;
    walk->pinned_regions += region->pins != 0;
    walk->pinned_bytes += region->pins != 0 ? region->bytes : 0;
    walk->kept += region_is_kept(region) ? region->bytes : 0;
    walk->kept_unpinned += region_is_kept(region) && region->pins == 0 ? region->bytes : 0;
    walk->meta_bytes += pool_meta_rounded(pool_region_meta_bytes(region->granules));
    walk->binned += region->longest_free != 0;
}

static bool is_mapped(const Pool *pool, const Span *span) {
    return span->class_index == CLASS_NONE || pool_map_find(pool->map, (uintptr_t)span_start(span)).span == span;
}

static bool visit_region(const Pool *pool, const Region *region, Walk *walk) {
    if (!pool_region_is_sound(pool, region)) {
        return false;
    }
    sum_region(walk, region);
    for (uint32_t g = 0; g < region->granules; g++) {
        const Span *span = region->spans[g];
        if (span == NULL || span->first_granule != g) {
            continue;
        }
        if (!pool_span_is_sound(pool, span) || !states_are_sound(span) || !is_mapped(pool, span)) {
            return false;
        }
        sum_span(pool, walk, span);
    }
    return true;
}

static bool visit_regions(const Pool *pool, Walk *walk) {
    for (const Link *link = pool->regions.next; link != &pool->regions; link = link->next) {
        if (walk->regions == pool->stats.regions || !visit_region(pool, LINK_OWNER(Region, all, link), walk)) {
            return false;
        }
    }
    return true;
}

/* --- lists against the walk: every member belongs, and there are as many as should be ----------------------------- */

static bool classes_are_sound(const Pool *pool, const Walk *walk) {
    uint64_t listed = 0;
    for (uint32_t i = 0; i < CLASSES; i++) {
        const Link *head = &pool->classes[i].with_room;
        for (const Link *link = head->next; link != head; link = link->next) {
            const Span *span = LINK_OWNER(Span, room, link);
            if (++listed > walk->spans_with_room || span->class_index != i || span->used == span->slots) {
                return false;
            }
        }
    }
    return listed == walk->spans_with_room;
}

static bool bin_is_sound(const Link *head, bool dedicated, uint32_t bin, uint64_t most, uint64_t *listed) {
    for (const Link *link = head->next; link != head; link = link->next) {
        const Region *region = LINK_OWNER(Region, bin, link);
        bool belongs = region->dedicated == dedicated && (dedicated || pool_bin_of(region->longest_free) == bin);
        if (++*listed > most || !belongs) {
            return false;
        }
    }
    return true;
}

static bool bins_are_sound(const Pool *pool, const Walk *walk) {
    uint64_t listed = 0;
    for (uint32_t bin = 0; bin < BIN_COUNT; bin++) {
        bool filled = (pool->bins_filled >> bin & 1) != 0;
        if (filled == link_is_alone(&pool->bins[bin]) ||
            !bin_is_sound(&pool->bins[bin], false, bin, walk->binned, &listed)) {
            return false;
        }
    }
    return bin_is_sound(&pool->free_dedicated, true, 0, walk->binned, &listed) && listed == walk->binned;
}

/* --- caches ------------------------------------------------------------------------------------------------------- */

/* What the caches hold, and what their bookkeeping takes. */
typedef struct Caches {
    uint64_t blocks;
    uint64_t meta_bytes;
    uint64_t others; /* caches that some other thread may be using now */
} Caches;

/* Where the owner puts things moves without the lock, but always between the bin's ends. */
static bool bin_of_cache_is_sound(const SizeClass *class, const Bin *bin) {
    const Entry *top = bin_top(bin);
    return bin->bottom <= top && top <= bin->end && bin->end - bin->bottom <= (ptrdiff_t) class->bin_most &&
           (bin->end == bin->bottom) == (bin->bottom == NULL);
}

static bool cache_is_sound(const Pool *pool, const Cache *cache, Caches *caches) {
    uint64_t blocks = 0;
    for (uint32_t i = 0; i < CLASSES; i++) {
        const Bin *bin = &cache->bins[i];
        if (!bin_of_cache_is_sound(&pool->classes[i], bin)) {
            return false;
        }
        blocks += (uint64_t)(bin_top(bin) - bin->bottom);
        caches->meta_bytes += bin->bottom != NULL ? pool_meta_rounded(pool->classes[i].bin_most * sizeof(Entry)) : 0;
    }
    caches->blocks += blocks;
    caches->meta_bytes += pool_meta_rounded(sizeof *cache);
    return cache->pool == pool && (!cache->idle || blocks == 0);
}

static bool caches_are_sound(const Pool *pool, const Cache *own, Caches *caches) {
    for (const Cache *cache = pool->caches; cache != NULL; cache = cache->next) {
        if (!cache_is_sound(pool, cache, caches)) {
            return false;
        }
        caches->others += cache != own && !cache->idle;
    }
    return true;
}

static uint64_t spare_bytes(const Pool *pool) {
    uint64_t bytes = 0;
    for (uint32_t i = 0; i < CLASSES; i++) {
        const SizeClass *class = &pool->classes[i];
        for (const Link *link = class->spare.next; link != &class->spare; link = link->next) {
            bytes += pool_meta_rounded(span_meta_bytes(class));
        }
    }
    return bytes;
}

static uint64_t map_bytes(const Pool *pool) {
    uint64_t bytes = 0;
    for (const SpanMap *map = pool->map; map != NULL; map = map->older) {
        bytes += pool_meta_rounded(pool_map_bytes(map));
    }
    return bytes;
}

/* --- the whole ---------------------------------------------------------------------------------------------------- */

static bool meta_is_sound(const Pool *pool, const Walk *walk, const Caches *caches) {
    uint64_t bytes = 0;
    for (const MetaRegion *region = pool->meta.newest; region != NULL; region = region->older) {
        bytes += region->bytes;
    }
    uint64_t table = pool_meta_rounded(pool_table_meta_bytes(pool->table.buckets));
    uint64_t described = walk->meta_bytes + table + map_bytes(pool) + spare_bytes(pool) + caches->meta_bytes;
    described += pool->debug != NULL ? pool_debug_meta_bytes(pool) : 0;
    return bytes == pool->stats.metadata && pool->meta.bump <= pool->meta.end &&
           pool->meta.live_bytes == described + pool->books_bytes;
}

static bool sums_agree(const Pool *pool, const Walk *walk) {
    const PoolStats *stats = &pool->stats;
    return stats->regions == walk->regions && pool->table.entries == walk->regions &&
           pool->table.entries <= pool->table.buckets && stats->reserved == walk->bytes + stats->metadata &&
           stats->pinned_regions == walk->pinned_regions && stats->pinned_bytes == walk->pinned_bytes &&
           pool->kept == walk->kept && walk->kept_unpinned <= pool->retain &&
           stats->live_blocks == stats->allocations - stats->frees && stats->reserved <= stats->peak_reserved &&
           pool->map->entries == walk->granules_mapped;
}

/* Exact when no other thread has a cache: another one may allocate and free meanwhile without the lock. */
static bool blocks_agree(Pool *pool, const Walk *walk, const Caches *caches) {
    if (caches->others != 0) {
        return true;
    }
    PoolStats stats;
    pool_caches_count(pool, &stats);
    size_t charged = atomic_load_explicit(&pool->charged, memory_order_relaxed);
    return stats.in_use == walk->in_use && stats.live_blocks == walk->live_blocks &&
           caches->blocks == walk->cached_blocks && stats.in_use <= pool->limit && stats.in_use <= stats.peak_in_use &&
           stats.live_blocks == stats.allocations - stats.frees &&
           (pool->limit == SIZE_MAX || charged >= stats.in_use); /* charged before, and discharged after */
}

CorralStatus pool_check(Pool *pool) {
    if (!pool_is_valid(pool)) {
        return CORRAL_INVALID_POOL;
    }
    Walk walk = {0};
    Caches caches = {0};
    const Cache *own = pool_cache_find(pool);
    os_lock_take(&pool->lock);
    bool sound = visit_regions(pool, &walk) && sums_agree(pool, &walk) && classes_are_sound(pool, &walk) &&
                 bins_are_sound(pool, &walk) && caches_are_sound(pool, own, &caches) &&
                 meta_is_sound(pool, &walk, &caches) && blocks_agree(pool, &walk, &caches) &&
                 pool_debug_agrees(pool, walk.live_blocks, walk.quarantined_blocks);
    os_lock_release(&pool->lock);
    if (!sound) {
        return CORRAL_CORRUPTED;
    }
    return pool->debug != NULL && !pool_debug_look(pool) ? CORRAL_DAMAGED : CORRAL_OK;
}
