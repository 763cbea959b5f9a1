/* SPDX-License-Identifier: Apache-2.0
 * mempool_report.c - what a pool holds, by size of block, as numbers and as a table.
 * Layer: mempool. May include: pages/, base/. Threads: any. */
#include "base/table.h"
#include "corral/pool_report.h"
#include "mempool/pool_extension.h"
#include "mempool_parts.h"

static_assert(CLASS_NONE < POOL_CLASSES_MAX, "a row for every class, and one for runs");
static_assert((POOL_CLASSES_MAX + 20) * 80 < POOL_TABLE_MAX, "any table fits");

/* --- rows --------------------------------------------------------------------------------------------------------- */

/* Those that are out and in no thread's cache. */
static uint64_t live_slots(const Span *span) {
    uint64_t live = 0;
    for (uint32_t slot = 0; slot < span->slots; slot++) {
        live += state_is_live(slot_state_now(span, slot));
    }
    return live;
}

static void add_span(PoolClassStats *row, const Span *span) {
    uint64_t live = live_slots(span);
    row->block_bytes = span->class_index != CLASS_NONE ? span->slot_bytes : 0;
    row->live += live;
    row->free += span->slots - live;
    row->in_use += live * span->slot_bytes;
    row->held += span->granules * granule_bytes(span->region);
}

/* Adds up all spans; rows: one per class, zeroed. */
static void add_spans(const Pool *pool, PoolClassStats rows[CLASS_NONE + 1]) {
    for (const Link *link = pool->regions.next; link != &pool->regions; link = link->next) {
        const Region *region = LINK_OWNER(Region, all, link);
        for (uint32_t g = 0; g < region->granules; g++) {
            const Span *span = region->spans[g];
            if (span != NULL && span->first_granule == g) {
                add_span(&rows[span->class_index], span);
            }
        }
    }
}

size_t pool_class_stats(Pool *pool, PoolClassStats *rows, size_t room) {
    if (!pool_is_valid(pool)) {
        return 0;
    }
    PoolClassStats all[CLASS_NONE + 1] = {{0}};
    os_lock_take(&pool->lock);
    add_spans(pool, all);
    os_lock_release(&pool->lock);
    size_t count = 0;
    for (uint32_t i = 0; i <= CLASS_NONE; i++) {
        if (all[i].held != 0) {
            if (rows != NULL && count < room) {
                rows[count] = all[i];
            }
            count++;
        }
    }
    return count;
}

/* --- the table ---------------------------------------------------------------------------------------------------- */

static void put_numbers(Sink *sink, const PoolStats *stats) {
    put_row(sink, "reserved", stats->reserved, " bytes");
    put_row(sink, "in use", stats->in_use, " bytes");
    put_row(sink, "free", stats->free_bytes, " bytes");
    put_row(sink, "metadata", stats->metadata, " bytes");
    put_row(sink, "peak in use", stats->peak_in_use, " bytes");
    put_row(sink, "peak reserved", stats->peak_reserved, " bytes");
    if (stats->limit != UINT64_MAX) {
        put_row(sink, "limit", stats->limit, " bytes");
    }
    put_row(sink, "live blocks", stats->live_blocks, "");
    put_row(sink, "allocations", stats->allocations, "");
    put_row(sink, "frees", stats->frees, "");
    put_row(sink, "failures", stats->failures, "");
    put_row(sink, "refused frees", stats->refused_frees, "");
    put_row(sink, "regions", stats->regions, "");
    if (stats->pinned_regions != 0) {
        put_row(sink, "pinned regions", stats->pinned_regions, "");
        put_row(sink, "they hold", stats->pinned_bytes, " bytes");
    }
}

static void put_class(Sink *sink, const PoolClassStats *row) {
    Grouped size = grouped(row->block_bytes);
    put_line(sink, "  %10s %15s %13s %17s %18s\n", row->block_bytes != 0 ? size.text : "larger",
             grouped(row->live).text, grouped(row->free).text, grouped(row->in_use).text, grouped(row->held).text);
}

static CorralStatus put_table(Sink *sink, Pool *pool) {
    PoolStats stats;
    CorralStatus status = pool_stats(pool, &stats);
    if (status != CORRAL_OK) {
        return status;
    }
    PoolClassStats rows[POOL_CLASSES_MAX];
    size_t count = pool_class_stats(pool, rows, POOL_CLASSES_MAX);
    put_line(sink, "pool %s on %s pages\n", pool->name, pool->source.name);
    put_numbers(sink, &stats);
    if (count != 0) {
        put_line(sink, "  %10s %15s %13s %17s %18s\n", "block size", "live", "free", "bytes in use", "bytes held");
    }
    for (size_t i = 0; i < count; i++) {
        put_class(sink, &rows[i]);
    }
    return CORRAL_OK;
}

CorralStatus pool_stats_print(Pool *pool, FILE *out) {
    if (out == NULL) {
        return CORRAL_INVALID_ARGUMENT;
    }
    Sink sink = {.out = out};
    return put_table(&sink, pool);
}

size_t pool_stats_text(Pool *pool, char *text, size_t room) {
    Sink sink = {.text = text, .room = text != NULL ? room : 0};
    put_table(&sink, pool);
    put_end(&sink);
    return sink.length;
}
