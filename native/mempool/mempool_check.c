/* SPDX-License-Identifier: Apache-2.0
 * mempool_check.c - verifies the invariants that mempool_parts.h states, and that the books agree with each other.
 * Layer: mempool. May include: pages/, base/. Threads: under Pool.lock. */
#include "mempool_parts.h"

#include "mempool/pool_extension.h"

/* Sums over everything that was visited. */
typedef struct Walk {
    uint64_t regions;
    uint64_t bytes;
    uint64_t pinned_regions;
    uint64_t pinned_bytes;
    uint64_t kept;
    uint64_t kept_unpinned;
    uint64_t live_blocks;
    uint64_t in_use;
    uint64_t meta_bytes;      /* of the descriptions */
    uint64_t spans_with_room; /* of classes */
    uint64_t binned;          /* regions that belong in a bin or in free_dedicated */
} Walk;

static size_t count_set(const uint64_t *words, size_t bits) {
    size_t count = 0;
    for (size_t bit = 0; bit < bits; bit++) {
        count += bitmap_get(words, bit);
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
    size_t words = bitmap_words(span->slots);
    return span->first_word < words && span->used != 0 && count_set(span->used_bits, span->slots) == span->used &&
           count_set(span->used_bits, words * WORD_BITS) == span->used;
}

static bool cut_is_sound(const Pool *pool, const Span *span) {
    if (span->class_index == CLASS_NONE) {
        return span->slots == 1 && link_is_alone(&span->room);
    }
    if (span->class_index >= CLASS_COUNT || span->region->dedicated) {
        return false;
    }
    const SizeClass *class = &pool->classes[span->class_index];
    return span->slots == class->slots && span->slot_bytes == class->slot_bytes && span->granules == class->granules &&
           link_is_alone(&span->room) == (span->used == span->slots);
}

bool pool_span_is_sound(const Pool *pool, const Span *span) {
    return cut_is_sound(pool, span) && link_is_sound(&span->room) && slots_are_sound(span) && span->granules != 0 &&
           span->slots * span->slot_bytes <= span->granules * granule_bytes(span->region) &&
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

static void sum_span(Walk *walk, const Span *span) {
    walk->live_blocks += span->used;
    walk->in_use += span->used * span->slot_bytes;
    walk->meta_bytes += pool_meta_rounded(span_meta_bytes(span->slots));
    walk->spans_with_room += span->class_index != CLASS_NONE && span->used < span->slots;
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
        if (!pool_span_is_sound(pool, span)) {
            return false;
        }
        sum_span(walk, span);
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
    for (uint32_t i = 0; i < CLASS_COUNT; i++) {
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

static bool meta_is_sound(const Pool *pool, const Walk *walk) {
    uint64_t bytes = 0;
    for (const MetaRegion *region = pool->meta.newest; region != NULL; region = region->older) {
        bytes += region->bytes;
    }
    uint64_t table = pool_meta_rounded(pool_table_meta_bytes(pool->table.buckets));
    return bytes == pool->stats.metadata && pool->meta.bump <= pool->meta.end &&
           pool->meta.live_bytes == walk->meta_bytes + table + pool->books_bytes;
}

static bool sums_agree(const Pool *pool, const Walk *walk) {
    const PoolStats *stats = &pool->stats;
    return stats->regions == walk->regions && pool->table.entries == walk->regions &&
           pool->table.entries <= pool->table.buckets && stats->reserved == walk->bytes + stats->metadata &&
           stats->pinned_regions == walk->pinned_regions && stats->pinned_bytes == walk->pinned_bytes &&
           pool->kept == walk->kept && walk->kept_unpinned <= pool->retain && stats->in_use == walk->in_use &&
           stats->in_use <= pool->limit && stats->live_blocks == walk->live_blocks &&
           stats->live_blocks == stats->allocations - stats->frees && stats->in_use <= stats->peak_in_use &&
           stats->reserved <= stats->peak_reserved;
}

CorralStatus pool_check(Pool *pool) {
    if (!pool_is_valid(pool)) {
        return CORRAL_INVALID_POOL;
    }
    Walk walk = {0};
    os_lock_take(&pool->lock);
    bool sound = visit_regions(pool, &walk) && sums_agree(pool, &walk) && classes_are_sound(pool, &walk) &&
                 bins_are_sound(pool, &walk) && meta_is_sound(pool, &walk);
    os_lock_release(&pool->lock);
    return sound ? CORRAL_OK : CORRAL_CORRUPTED;
}
