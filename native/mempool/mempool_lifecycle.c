/* SPDX-License-Identifier: Apache-2.0
 * mempool_lifecycle.c - the public functions on a pool as a whole, and pins.
 * Layer: mempool. May include: pages/, base/.
 * Threads: any; the last unpin of a destroyed pool may race with nothing but other unpins. */
#include <string.h>

#include "base/align.h"
#include "base/check.h"
#include "mempool/pool_extension.h"
#include "mempool_cache.h"
#include "mempool_debug.h"
#include "os_thread.h"

#define REGION_SIZE_MAX ((size_t)1 << 30)
#define DEFAULT_NAME "pool"

/* --- create ------------------------------------------------------------------------------------------------------- */

PoolConfig pool_config_default(void) {
    return (PoolConfig){.source = page_source_system(),
                        .name = DEFAULT_NAME,
                        .limit = SIZE_MAX,
                        .retain = POOL_RETAIN_DEFAULT,
                        .decay_ms = POOL_DECAY_DEFAULT,
                        .debug_quarantine = POOL_DEBUG_QUARANTINE_DEFAULT};
}

static bool source_is_valid(const PageSource *source) {
    return source != NULL && source->reserve != NULL && source->release != NULL && is_power_of_two(source->page_size) &&
           source->page_size <= REGION_SIZE_MAX;
}

/* The configured size, or else what suits the source. */
static size_t wanted_region_size(const PoolConfig *config) {
    size_t preferred = config->source->region_size != 0 ? config->source->region_size : POOL_REGION_DEFAULT;
    return config->region_size != 0 ? config->region_size : preferred;
}

static bool config_is_valid(const PoolConfig *config) {
    if (!source_is_valid(config->source)) {
        return false;
    }
    size_t size = wanted_region_size(config);
    return is_power_of_two(size) && size >= POOL_GRANULE && size <= REGION_SIZE_MAX;
}

static const PageSource *books_source(const PageSource *source) {
    return source->exposed ? page_source_system() : source;
}

/* Cuts at a character's start, so that what is left of UTF-8 is UTF-8. */
static void copy_name(char *to, const char *name) {
    size_t length = 0;
    while (length < POOL_NAME_MAX && name[length] != '\0') {
        length++;
    }
    while (length > 0 && ((unsigned char)name[length] & 0xC0) == 0x80) {
        length--;
    }
    memcpy(to, name, length);
    to[length] = '\0';
}

static bool init_locks(Pool *pool) {
    if (!os_lock_init(&pool->lock)) {
        return false;
    }
    if (!os_lock_init(&pool->extension_lock)) {
        os_lock_destroy(&pool->lock);
        return false;
    }
    return true;
}

/* Fills the first metadata region: its header, the pool, then blocks. A region cannot be smaller than a page. */
static void init_pool(Pool *pool, MetaRegion *first, size_t bytes, const PoolConfig *config) {
    first->older = NULL;
    first->bytes = bytes;
    pool->source = *config->source;
    pool->books = *books_source(config->source);
    copy_name(pool->name, config->name != NULL ? config->name : DEFAULT_NAME);
    pool->limit = config->limit;
    pool->retain = config->retain;
    pool->region_size = wanted_region_size(config);
    pool->region_size = pool->region_size > pool->source.page_size ? pool->region_size : pool->source.page_size;
    pool->region_granules = (uint32_t)(pool->region_size / POOL_GRANULE);
    pool->decay_ms = config->decay_ms;
    pool->cached = !config->uncached && config->retain != 0 && !config->quarantine && !config->debug;
    pool->quarantine = config->quarantine;
    pool->every_call_asks = config->exact_frees || config->limit != SIZE_MAX;
    pool->clock = os_clock_ms;
    pool->swept_at = pool->epoch_at = config->decay_ms != POOL_DECAY_NEVER ? os_clock_ms() : 0;
    pool->report = config->report;
    pool->report_context = config->report_context;
    pool->stats.limit = config->limit != SIZE_MAX ? config->limit : UINT64_MAX;
    pool->stats.reserved = pool->stats.metadata = pool->stats.peak_reserved = bytes;
    pool->meta.newest = first;
    pool->meta.bump = (unsigned char *)pool + align_up(sizeof(Pool), META_UNIT);
    pool->meta.end = (unsigned char *)first + bytes;
    link_init(&pool->attachments);
    pool_regions_init(pool);
    pool_classes_init(pool);
    pool_map_init(pool);
    if (config->debug) {
        pool_debug_init(pool, config->debug_quarantine);
    }
    atomic_init(&pool->marker, POOL_MARKER);
}

static Pool *create(const PoolConfig *config) {
    const PageSource *books = books_source(config->source);
    size_t bytes = align_up(META_FIRST_BYTES, books->page_size);
    unsigned char *first = books->reserve(books->context, bytes, books->page_size);
    if (first == NULL) {
        return NULL;
    }
    Pool *pool = (Pool *)(void *)(first + META_UNIT);
    memset(pool, 0, sizeof *pool);
    if (!init_locks(pool)) {
        books->release(books->context, first, bytes);
        return NULL;
    }
    init_pool(pool, (MetaRegion *)(void *)first, bytes, config);
    if (pool->source.hold != NULL) {
        pool->source.hold(pool->source.context);
    }
    return pool;
}

Pool *pool_create_with(const PoolConfig *config) {
    PoolConfig defaults = pool_config_default();
    config = config != NULL ? config : &defaults;
    bool valid = config_is_valid(config);
    Pool *pool = valid ? create(config) : NULL;
    if (config->status != NULL) {
        CorralStatus failure = valid ? CORRAL_NO_MEMORY : CORRAL_INVALID_ARGUMENT;
        *config->status = pool != NULL ? CORRAL_OK : failure;
    }
    return pool;
}

Pool *pool_create(void) {
    return pool_create_with(NULL);
}

/* --- destroy ------------------------------------------------------------------------------------------------------ */

/* No lock is held and no region is left. The pool lies in the oldest metadata region, which goes last. */
static void release_books(Pool *pool) {
    PageSource source = pool->source;
    PageSource books = pool->books;
    MetaRegion *region = pool->meta.newest;
    os_lock_destroy(&pool->extension_lock);
    os_lock_destroy(&pool->lock);
    while (region != NULL) {
        MetaRegion *older = region->older;
        books.release(books.context, region, region->bytes);
        region = older;
    }
    if (source.let_go != NULL) {
        source.let_go(source.context);
    }
}

static CorralStatus end(Pool *pool, bool discards) {
    if (!pool_is_valid(pool)) {
        return CORRAL_INVALID_POOL;
    }
    CorralStatus status = pool->at_end != NULL ? pool->at_end(pool, !discards) : CORRAL_OK;
    if (status != CORRAL_OK) {
        return status;
    }
    pool_threads_detach(pool);
    status = pool->debug != NULL ? pool_debug_end(pool) : CORRAL_OK;
    os_lock_take(&pool->lock);
    atomic_store_explicit(&pool->marker, POOL_ZOMBIE_MARKER, memory_order_relaxed);
    for (Link *link = pool->regions.next, *next; link != &pool->regions; link = next) {
        next = link->next;
        Region *region = LINK_OWNER(Region, all, link);
        if (region->pins == 0) {
            pool_region_drop(pool, region);
        } else if (discards) {
            pool_pages_discard(pool, region->base, region->bytes);
        }
    }
    bool empty = link_is_alone(&pool->regions) && pool->holds == 0;
    os_lock_release(&pool->lock);
    if (empty) {
        release_books(pool);
    }
    return status;
}

CorralStatus pool_destroy(Pool *pool) {
    return end(pool, true);
}

CorralStatus pool_abandon(Pool *pool) {
    return end(pool, false);
}

/* --- pins --------------------------------------------------------------------------------------------------------- */

CorralStatus pool_pin(Pool *pool, const void *block, void **pin) {
    if (pin == NULL) {
        return CORRAL_INVALID_ARGUMENT;
    }
    *pin = NULL;
    if (!pool_is_valid(pool)) {
        return CORRAL_INVALID_POOL;
    }
    os_lock_take(&pool->lock);
    if (block == NULL) {
        pool->holds++;
        *pin = pool;
        os_lock_release(&pool->lock);
        return CORRAL_OK;
    }
    BlockRef found = pool_block_find(pool, block);
    if (found.status == CORRAL_OK) {
        Region *region = found.span->region;
        if (region->pins == 0) {
            pool->stats.pinned_regions++;
            pool->stats.pinned_bytes += region->bytes;
        }
        region->pins++;
        *pin = region;
    }
    os_lock_release(&pool->lock);
    return found.status == CORRAL_OK ? CORRAL_OK : CORRAL_FOREIGN_POINTER;
}

/* The region has lost its last pin. Returns true when that was the last thing that kept a destroyed pool's books. */
static bool unpinned(Pool *pool, Region *region) {
    pool->stats.pinned_regions--;
    pool->stats.pinned_bytes -= region->bytes;
    if (pool_is_valid(pool)) {
        if (region->discarded || (region_is_free(region) && pool->kept > pool->retain)) {
            pool_region_drop(pool, region);
        }
        return false;
    }
    pool_region_drop(pool, region);
    return link_is_alone(&pool->regions) && pool->holds == 0;
}

static bool released(Pool *pool) {
    pool->holds--;
    return !pool_is_valid(pool) && link_is_alone(&pool->regions) && pool->holds == 0;
}

void pool_unpin(Pool *pool, void *pin) {
    if (pool == NULL || pin == NULL) {
        return;
    }
    os_lock_take(&pool->lock);
    bool last;
    if (pin == pool) {
        CHECK(pool->holds != 0);
        last = released(pool);
    } else {
        Region *region = pin;
        CHECK(region->pins != 0);
        region->pins--;
        last = region->pins == 0 && unpinned(pool, region);
    }
    os_lock_release(&pool->lock);
    if (last) {
        release_books(pool);
    }
}

/* --- whole pool --------------------------------------------------------------------------------------------------- */

size_t pool_trim(Pool *pool, size_t keep_bytes) {
    if (!pool_is_valid(pool)) {
        return 0;
    }
    size_t released = 0;
    Cache *cache = pool_cache_find(pool);
    os_lock_take(&pool->lock);
    pool->flush_epoch++; /* the other threads' caches follow when they are used next */
    pool_maintain(pool, cache);
    DebugFindings findings = {.count = 0};
    if (pool->debug != NULL) {
        pool_debug_drain(pool, 0, &findings);
    }
    for (Link *link = pool->regions.next, *next; link != &pool->regions && pool->kept > keep_bytes; link = next) {
        next = link->next;
        Region *region = LINK_OWNER(Region, all, link);
        if (region_is_kept(region)) {
            released += pool_region_give_back(pool, region);
        }
    }
    os_lock_release(&pool->lock);
    pool_debug_tell(pool, &findings);
    return released;
}

CorralStatus pool_stats(Pool *pool, PoolStats *stats) {
    if (stats == NULL) {
        return CORRAL_INVALID_ARGUMENT;
    }
    if (!pool_is_valid(pool)) {
        *stats = (PoolStats){0};
        return CORRAL_INVALID_POOL;
    }
    os_lock_take(&pool->lock);
    pool_caches_count(pool, stats);
    os_lock_release(&pool->lock);
    stats->free_bytes = stats->reserved - stats->in_use - stats->metadata;
    return CORRAL_OK;
}

/* --- for the layer above ------------------------------------------------------------------------------------------ */

/* What is not a pool may lie anywhere: only an address that could be a pool's is read. */
bool pool_is_valid(const Pool *pool) {
    return pool != NULL && ((uintptr_t)pool & (META_UNIT - 1)) == 0 &&
           atomic_load_explicit(&pool->marker, memory_order_relaxed) == POOL_MARKER;
}

OsLock *pool_extension_lock(Pool *pool) {
    return &pool->extension_lock;
}

void **pool_extension(Pool *pool) {
    return &pool->extension;
}

void pool_extension_at_end(Pool *pool, PoolAtEnd *at_end) {
    pool->at_end = at_end;
}

const char *pool_name(const Pool *pool) {
    return pool->name;
}
