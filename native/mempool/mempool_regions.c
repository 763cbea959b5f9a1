/* SPDX-License-Identifier: Apache-2.0
 * mempool_regions.c - regions: found by address, chosen by free row, kept or released.
 * Layer: mempool. May include: pages/, base/. Threads: under Pool.lock. */
#include "mempool_parts.h"

#include "base/align.h"
#include "base/check.h"
#include "base/poison.h"

#define TABLE_FIRST_BUCKETS 64
#define EXACT_BINS 32 /* bins[b]: the longest free row has b granules (b < EXACT_BINS); then one bin per doubling */
#define BIN_PROBES 4  /* regions of one bin that are looked at; only in the bins of a doubling can one be too small */
#define DEDICATED_PROBES 32 /* free dedicated regions that are looked at, the latest first */

/* --- the table ---------------------------------------------------------------------------------------------------- */

/* Fibonacci hashing: the keys are multiples of the region size, their high bits differ least. */
static size_t bucket_of(const Pool *pool, size_t buckets, const void *address) {
    uint64_t key = (uint64_t)((uintptr_t)address / pool->region_size);
    return (size_t)(key * UINT64_C(0x9E3779B97F4A7C15) >> 32) & (buckets - 1);
}

Region *pool_region_find(const Pool *pool, const void *address) {
    uintptr_t base = (uintptr_t)address & ~(uintptr_t)(pool->region_size - 1);
    Region *region = pool->table.heads[bucket_of(pool, pool->table.buckets, address)];
    while (region != NULL && (uintptr_t)region->base != base) {
        region = region->table_next;
    }
    return region;
}

static void table_put(const Pool *pool, RegionTable *table, Region *region) {
    Region **head = &table->heads[bucket_of(pool, table->buckets, region->base)];
    region->table_next = *head;
    *head = region;
    table->entries++;
}

static void table_remove(Pool *pool, Region *region) {
    Region **at = &pool->table.heads[bucket_of(pool, pool->table.buckets, region->base)];
    while (*at != region) {
        at = &(*at)->table_next;
    }
    *at = region->table_next;
    pool->table.entries--;
}

size_t pool_table_meta_bytes(size_t buckets) {
    return buckets * sizeof(Region *);
}

static bool table_is_full(const RegionTable *table) {
    return table->entries == table->buckets;
}

/* Doubles the buckets; the metadata for it has been made sure of. */
static void table_grow(Pool *pool) {
    RegionTable old = pool->table;
    RegionTable grown = {.buckets = old.buckets * 2};
    grown.heads = pool_meta_take(pool, pool_table_meta_bytes(grown.buckets));
    for (Link *link = pool->regions.next; link != &pool->regions; link = link->next) {
        table_put(pool, &grown, LINK_OWNER(Region, all, link));
    }
    pool->table = grown;
    pool_meta_give(pool, old.heads, pool_table_meta_bytes(old.buckets));
}

/* --- free rows and bins ------------------------------------------------------------------------------------------- */

typedef struct Row {
    uint32_t first;
    uint32_t length;
} Row;

/* The first row of at least `wanted` free granules; the longest one when there is none. */
static Row find_row(const Region *region, uint32_t wanted) {
    Row best = {0, 0};
    uint32_t length = 0;
    for (uint32_t g = 0; g < region->granules && best.length < wanted;) {
        uint64_t word = region->free_bits[g / WORD_BITS];
        bool whole_word = g % WORD_BITS == 0 && (word == 0 || word == UINT64_MAX);
        uint32_t step = whole_word ? WORD_BITS : 1;
        length = bitmap_get(region->free_bits, g) ? length + step : 0;
        g += step;
        if (length > best.length) {
            best = (Row){.first = g - length, .length = length};
        }
    }
    return best;
}

uint32_t pool_longest_free(const Region *region) {
    return find_row(region, UINT32_MAX).length;
}

uint32_t pool_bin_of(uint32_t longest_free) {
    return longest_free < EXACT_BINS ? longest_free : EXACT_BINS + floor_log2(longest_free) - floor_log2(EXACT_BINS);
}
static_assert(BIN_COUNT == EXACT_BINS + 10, "the last bin is for 1 GiB, 1 << 14 granules");

static void bin_leave(Pool *pool, Region *region) {
    uint32_t bin = pool_bin_of(region->longest_free);
    link_remove(&region->bin);
    if (!region->dedicated && link_is_alone(&pool->bins[bin])) {
        pool->bins_filled &= ~((uint64_t)1 << bin);
    }
}

static void bin_enter(Pool *pool, Region *region) {
    if (region->longest_free == 0) {
        return;
    }
    if (region->dedicated) {
        link_push(&pool->free_dedicated, &region->bin);
        return;
    }
    uint32_t bin = pool_bin_of(region->longest_free);
    link_push(&pool->bins[bin], &region->bin);
    pool->bins_filled |= (uint64_t)1 << bin;
}

/* After the region's free granules have changed. */
static void bin_update(Pool *pool, Region *region) {
    uint32_t longest = pool_longest_free(region);
    if (longest != region->longest_free) {
        bin_leave(pool, region);
        region->longest_free = longest;
        bin_enter(pool, region);
    }
}

/* To the end of its list: regions that still have their memory are reused first. */
static void bin_retreat(Pool *pool, Region *region) {
    Link *head = region->dedicated ? &pool->free_dedicated : &pool->bins[pool_bin_of(region->longest_free)];
    link_remove(&region->bin);
    link_push(head->previous, &region->bin);
}

static Region *probe_bin(const Link *bin, uint32_t granules) {
    const Link *link = bin->next;
    for (int i = 0; i < BIN_PROBES && link != bin; i++, link = link->next) {
        Region *region = LINK_OWNER(Region, bin, link);
        if (region->longest_free >= granules) {
            return region;
        }
    }
    return NULL;
}

/* The region whose longest row is the closest fit: wholly free regions are used last and can go back. */
static Region *find_shared(Pool *pool, uint32_t granules) {
    for (uint32_t bin = pool_bin_of(granules); bin < BIN_COUNT && pool->bins_filled >> bin != 0; bin++) {
        Region *region = probe_bin(&pool->bins[bin], granules);
        if (region != NULL) {
            return region;
        }
    }
    return NULL;
}

bool pool_region_suits(const Region *region, size_t bytes) {
    return region->bytes >= bytes && region->bytes - bytes <= bytes / 4;
}

static Region *find_dedicated(Pool *pool, const Shape *shape) {
    Region *best = NULL;
    const Link *link = pool->free_dedicated.next;
    for (int i = 0; i < DEDICATED_PROBES && link != &pool->free_dedicated; i++, link = link->next) {
        Region *region = LINK_OWNER(Region, bin, link);
        bool aligned = ((uintptr_t)region->base & (shape->alignment - 1)) == 0;
        if (aligned && pool_region_suits(region, shape->bytes) && (best == NULL || region->bytes < best->bytes)) {
            best = region;
        }
    }
    return best;
}

/* --- a region's life ---------------------------------------------------------------------------------------------- */

void pool_regions_init(Pool *pool) {
    link_init(&pool->regions);
    link_init(&pool->free_dedicated);
    for (size_t i = 0; i < BIN_COUNT; i++) {
        link_init(&pool->bins[i]);
    }
    pool->table.buckets = TABLE_FIRST_BUCKETS;
    pool->table.heads = pool_meta_take(pool, pool_table_meta_bytes(TABLE_FIRST_BUCKETS));
}

size_t pool_region_meta_bytes(uint32_t granules) {
    return sizeof(Region) + granules * sizeof(Span *) + bitmap_words(granules) * sizeof(uint64_t);
}

static Region *region_describe(Pool *pool, unsigned char *base, size_t bytes, bool dedicated) {
    uint32_t granules = dedicated ? 1 : pool->region_granules;
    Region *region = pool_meta_take(pool, pool_region_meta_bytes(granules));
    link_init(&region->bin);
    region->base = base;
    region->bytes = bytes;
    region->granules = granules;
    region->dedicated = dedicated;
    region->fresh = true;
    region->free_granules = granules;
    region->free_bits = (uint64_t *)(void *)&region->spans[granules];
    for (uint32_t g = 0; g < granules; g++) {
        bitmap_set(region->free_bits, g);
    }
    return region;
}

/* Metadata for a new region, and `meta_bytes` more; the table grows when it is full. */
static bool ensure_description(Pool *pool, bool dedicated, size_t meta_bytes) {
    bool grows = table_is_full(&pool->table);
    uint32_t granules = dedicated ? 1 : pool->region_granules;
    size_t table_bytes = grows ? pool_meta_rounded(pool_table_meta_bytes(pool->table.buckets * 2)) : 0;
    if (!pool_meta_ensure(pool, meta_bytes + table_bytes + pool_meta_rounded(pool_region_meta_bytes(granules)))) {
        return false;
    }
    if (grows) {
        table_grow(pool);
    }
    return true;
}

/* The pages come first: when the metadata cannot be had they go back, and nothing else has happened. */
static Region *region_new(Pool *pool, const Shape *shape, size_t meta_bytes) {
    size_t bytes = shape->dedicated ? shape->bytes : pool->region_size;
    size_t alignment = shape->dedicated ? shape->alignment : pool->region_size;
    unsigned char *base = pool_pages_reserve(pool, bytes, alignment);
    if (base == NULL) {
        return NULL;
    }
    if (!ensure_description(pool, shape->dedicated, meta_bytes)) {
        pool_pages_release(pool, base, bytes);
        return NULL;
    }
    Region *region = region_describe(pool, base, bytes, shape->dedicated);
    link_push(&pool->regions, &region->all);
    table_put(pool, &pool->table, region);
    bin_update(pool, region);
    pool->stats.regions++;
    pool->kept += bytes; /* until its first row is taken, a moment later */
    if (!shape->dedicated) {
        memory_close(base, bytes);
    }
    return region;
}

Region *pool_region_for(Pool *pool, const Shape *shape, size_t meta_bytes) {
    Region *region = shape->dedicated ? find_dedicated(pool, shape) : find_shared(pool, shape->granules);
    if (region == NULL) {
        return region_new(pool, shape, meta_bytes);
    }
    return pool_meta_ensure(pool, meta_bytes) ? region : NULL;
}

void pool_region_drop(Pool *pool, Region *region) {
    if (region_is_kept(region)) {
        pool->kept -= region->bytes;
    }
    link_remove(&region->all);
    bin_leave(pool, region);
    table_remove(pool, region);
    pool->stats.regions--;
    memory_open(region->base, region->bytes); /* the blocks' last owners may have left marks */
    pool_pages_release(pool, region->base, region->bytes);
    pool_meta_give(pool, region, pool_region_meta_bytes(region->granules));
}

static bool discard(Pool *pool, Region *region) {
    bool discarded = pool_pages_discard(pool, region->base, region->bytes);
    memory_close(region->base, region->bytes); /* all of it is free, whatever the source did to its marks */
    if (discarded) {
        region->discarded = true;
        pool->kept -= region->bytes;
        bin_retreat(pool, region);
    }
    return discarded;
}

size_t pool_region_give_back(Pool *pool, Region *region) {
    CHECK(region_is_kept(region));
    size_t bytes = region->bytes;
    if (region->pins != 0) {
        return discard(pool, region) ? bytes : 0;
    }
    pool_region_drop(pool, region);
    return bytes;
}

/* Decides about a region that has become wholly free: kept, or given back above `retain`. */
static void settle(Pool *pool, Region *region) {
    pool->kept += region->bytes;
    region->idle_since = pool->decay_ms != POOL_DECAY_NEVER ? pool->clock() : 0;
    if (pool->kept > pool->retain) {
        pool_region_give_back(pool, region);
    } else if (region->dedicated) {
        memory_close(region->base, region->bytes);
    }
}

void pool_region_take_row(Pool *pool, Region *region, Span *span) {
    if (region_is_kept(region)) {
        pool->kept -= region->bytes;
    }
    region->discarded = false;
    span->region = region;
    span->first_granule = find_row(region, span->granules).first;
    for (uint32_t g = span->first_granule; g < span->first_granule + span->granules; g++) {
        CHECK(bitmap_get(region->free_bits, g));
        bitmap_clear(region->free_bits, g);
        region->spans[g] = span;
    }
    region->free_granules -= span->granules;
    bin_update(pool, region);
}

void pool_region_give_row(Pool *pool, const Span *span) {
    Region *region = span->region;
    for (uint32_t g = span->first_granule; g < span->first_granule + span->granules; g++) {
        bitmap_set(region->free_bits, g);
        region->spans[g] = NULL;
    }
    region->free_granules += span->granules;
    bin_update(pool, region);
    CHECK_EXPENSIVE(region_is_free(region) || pool_region_is_sound(pool, region));
    if (region_is_free(region)) {
        settle(pool, region);
    }
}
