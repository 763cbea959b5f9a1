/* SPDX-License-Identifier: Apache-2.0
 * mempool_debug.c - debug mode: finds overruns, writes to freed blocks, double frees with their history, and leaks.
 * Layer: mempool. May include: pages/, base/. Threads: see mempool_debug.h. */
#include "mempool_debug.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/poison.h"
#include "mempool/pool_extension.h"
#include "mempool_account.h"
#include "mempool_cache.h"

#define FIRST_BUCKETS 128
#define SHOWN_BYTES 8 /* of what was written where it should not have been */
#define LEAK_LINES 16
#define NO_TAG "unknown"

/* The last bytes say most: of a path the file, and the line. */
static void copy_tag(char *to, const char *tag) {
    tag = tag != NULL ? tag : NO_TAG;
    size_t length = strlen(tag);
    size_t cut = length > POOL_TAG_MAX ? length - POOL_TAG_MAX : 0;
    memcpy(to, tag + cut, length - cut + 1);
}

/* --- records ------------------------------------------------------------------------------------------------------ */

static PoolRecord **head_of(const PoolDebug *debug, const void *block) {
    uint64_t key = (uint64_t)(uintptr_t)block / POOL_ALIGNMENT;
    return &debug->heads[(size_t)(key * UINT64_C(0x9E3779B97F4A7C15) >> 32) & (debug->buckets - 1)];
}

static PoolRecord *record_of(const PoolDebug *debug, const void *block) {
    PoolRecord *record = *head_of(debug, block);
    while (record != NULL && record->block != block) {
        record = record->next;
    }
    return record;
}

static void record_put(PoolDebug *debug, PoolRecord *record) {
    PoolRecord **head = head_of(debug, record->block);
    record->next = *head;
    *head = record;
}

static void record_remove(Pool *pool, PoolRecord *record) {
    PoolRecord **at = head_of(pool->debug, record->block);
    while (*at != record) {
        at = &(*at)->next;
    }
    *at = record->next;
    pool->debug->records--;
    pool_meta_give(pool, record, sizeof *record);
}

/* Twice the buckets, if there is memory for them: without, the chains get longer. */
static void table_grow(Pool *pool) {
    PoolDebug *debug = pool->debug;
    size_t bytes = debug->buckets * sizeof(PoolRecord *);
    if (debug->records < debug->buckets || !pool_meta_ready(pool, pool_meta_rounded(bytes * 2))) {
        return;
    }
    PoolRecord **old = debug->heads;
    size_t old_buckets = debug->buckets;
    debug->heads = pool_meta_take(pool, bytes * 2);
    debug->buckets *= 2;
    for (size_t i = 0; i < old_buckets; i++) {
        for (PoolRecord *record = old[i], *next; record != NULL; record = next) {
            next = record->next;
            record_put(debug, record);
        }
    }
    pool_meta_give(pool, old, bytes);
}

void pool_debug_init(Pool *pool, size_t quarantine) {
    pool->debug = pool_meta_take(pool, sizeof *pool->debug);
    pool->debug->quarantine = quarantine;
    pool->debug->buckets = FIRST_BUCKETS;
    pool->debug->heads = pool_meta_take(pool, FIRST_BUCKETS * sizeof(PoolRecord *));
}

bool pool_debug_ready(Pool *pool) {
    PoolDebug *debug = pool->debug;
    if (debug->spare == NULL && pool_meta_ready(pool, pool_meta_rounded(sizeof(PoolRecord)))) {
        debug->spare = pool_meta_take(pool, sizeof(PoolRecord));
    }
    return debug->spare != NULL;
}

void pool_debug_note(Pool *pool, void *block, const Request *request, size_t usable) {
    PoolDebug *debug = pool->debug;
    table_grow(pool);
    PoolRecord *record = debug->spare;
    debug->spare = NULL;
    debug->records++;
    *record = (PoolRecord){.block = block, .size = request->size, .usable = usable};
    record->is_chunk = request->state == SLOT_CHUNK;
    copy_tag(record->allocated, record->is_chunk ? "arena" : request->tag);
    record_put(debug, record);
    memset(record->block, POOL_BYTE_NEW, record->size);
    memset(record->block + record->size, POOL_BYTE_GUARD, usable - record->size);
}

size_t pool_debug_size(const Pool *pool, const void *block) {
    return record_of(pool->debug, block)->size;
}

size_t pool_debug_meta_bytes(const Pool *pool) {
    const PoolDebug *debug = pool->debug;
    size_t records = debug->records + (debug->spare != NULL);
    return pool_meta_rounded(sizeof *debug) + pool_meta_rounded(debug->buckets * sizeof(PoolRecord *)) +
           records * pool_meta_rounded(sizeof(PoolRecord));
}

bool pool_debug_agrees(const Pool *pool, uint64_t live, uint64_t quarantined) {
    const PoolDebug *debug = pool->debug;
    if (debug == NULL) {
        return quarantined == 0;
    }
    return debug->quarantined == quarantined && debug->records == live + quarantined &&
           debug->quarantined_bytes <= debug->quarantine && (debug->oldest == NULL) == (quarantined == 0);
}

/* --- findings ----------------------------------------------------------------------------------------------------- */

void pool_debug_tell(const Pool *pool, const DebugFindings *findings) {
    for (size_t i = 0; pool->report != NULL && i < findings->count && i < DEBUG_LINES; i++) {
        pool->report(pool->report_context, findings->lines[i]);
    }
    if (pool->report != NULL && findings->count > DEBUG_LINES) {
        char line[DEBUG_LINE_BYTES];
        snprintf(line, sizeof line, "corral: damage: %zu more findings in this call, see pool_check() pool=%s",
                 findings->count - DEBUG_LINES, pool->name);
        pool->report(pool->report_context, line);
    }
}

/* Where the bytes differ from what they should be: [first, last]; false: nowhere. */
static bool differs(const unsigned char *bytes, size_t count, unsigned char expected, size_t *first, size_t *last) {
    size_t at = 0;
    while (at < count && bytes[at] == expected) {
        at++;
    }
    *first = at;
    for (size_t i = at; i < count; i++) {
        *last = bytes[i] != expected ? i : *last;
    }
    return at < count;
}

static void write_bytes(char *text, const unsigned char *bytes, size_t count) {
    for (size_t i = 0; i < count && i < SHOWN_BYTES; i++) {
        snprintf(text + 2 * i, 3, "%02X", bytes[i]);
    }
}

/* One line that says which block, which of its bytes, what is there now, and who had it. */
static void find(const Pool *pool, DebugFindings *findings, PoolRecord *record, size_t first, size_t last) {
    size_t index = findings->count++;
    record->told = true;
    if (index >= DEBUG_LINES) {
        return;
    }
    char bytes[2 * SHOWN_BYTES + 1] = "";
    write_bytes(bytes, record->block + first, last - first + 1);
    snprintf(findings->lines[index], DEBUG_LINE_BYTES,
             "corral: damage: kind=%s address=0x%" PRIxPTR " size=%zu written=%zu..%zu bytes=%s allocated=%s freed=%s "
             "pool=%s",
             record->quarantined ? "write-after-free" : "write-behind-block", (uintptr_t)record->block, record->size,
             first, last, bytes, record->allocated, record->quarantined ? record->freed : "no", pool->name);
}

/* True when it is as it was left. Each damage is told once. */
static bool look_at(const Pool *pool, PoolRecord *record, DebugFindings *findings) {
    size_t start = record->quarantined ? 0 : record->size;
    unsigned char expected = record->quarantined ? POOL_BYTE_FREE : POOL_BYTE_GUARD;
    size_t first;
    size_t last = 0;
    if (!differs(record->block + start, record->usable - start, expected, &first, &last)) {
        return true;
    }
    if (!record->told) {
        find(pool, findings, record, start + first, start + last);
    }
    return false;
}

/* --- free --------------------------------------------------------------------------------------------------------- */

static void enter_quarantine(Pool *pool, PoolRecord *record, const char *tag) {
    PoolDebug *debug = pool->debug;
    BlockRef slot = pool_slot_find(pool, record->block);
    atomic_store_explicit(slot_state(slot.span, slot.slot), SLOT_QUARANTINED, memory_order_relaxed);
    memory_open(record->block, record->usable); /* whatever its owner has marked */
    memset(record->block, POOL_BYTE_FREE, record->usable);
    note_free(pool, record->usable);
    record->quarantined = true;
    record->told = false;
    copy_tag(record->freed, tag);
    if (debug->newest != NULL) {
        debug->newest->newer = record;
    } else {
        debug->oldest = record;
    }
    debug->newest = record;
    debug->quarantined++;
    debug->quarantined_bytes += record->usable;
}

bool pool_debug_drain(Pool *pool, size_t keep_bytes, DebugFindings *findings) {
    PoolDebug *debug = pool->debug;
    size_t before = debug->quarantined;
    while (debug->quarantined_bytes > keep_bytes) {
        PoolRecord *record = debug->oldest;
        look_at(pool, record, findings);
        debug->oldest = record->newer;
        debug->newest = debug->oldest != NULL ? debug->newest : NULL;
        debug->quarantined--;
        debug->quarantined_bytes -= record->usable;
        BlockRef slot = pool_slot_find(pool, record->block);
        pool_block_give(pool, &slot);
        record_remove(pool, record);
    }
    return debug->quarantined != before;
}

/* Under the lock. */
static CorralStatus free_record(Pool *pool, PoolRecord *record, const char *tag, DebugFindings *findings) {
    bool sound = look_at(pool, record, findings);
    enter_quarantine(pool, record, tag);
    pool_debug_drain(pool, pool->debug->quarantine, findings);
    return sound && findings->count == 0 ? CORRAL_OK : CORRAL_DAMAGED;
}

/* With what is known about the block: who had it, who freed it. */
static void find_double_free(const Pool *pool, const PoolRecord *record, const char *tag, DebugFindings *findings) {
    char again[POOL_TAG_MAX + 1];
    copy_tag(again, tag);
    snprintf(findings->lines[findings->count++], DEBUG_LINE_BYTES,
             "corral: refused free: reason=double-free address=0x%" PRIxPTR " size=%zu allocated=%s freed=%s again=%s "
             "pool=%s",
             (uintptr_t)record->block, record->size, record->allocated, record->freed, again, pool->name);
}

CorralStatus pool_debug_free(Pool *pool, void *block, uint8_t state, const char *tag) {
    DebugFindings findings = {.count = 0};
    os_lock_take(&pool->lock);
    pool_maintain(pool, NULL);
    BlockRef found = pool_block_find_as(pool, block, state);
    PoolRecord *record = found.status != CORRAL_FOREIGN_POINTER ? record_of(pool->debug, block) : NULL;
    CorralStatus status = found.status;
    size_t usable = 0;
    if (status == CORRAL_OK) {
        usable = record->usable;
        status = free_record(pool, record, tag, &findings);
    } else {
        pool->stats.refused_frees++;
    }
    if (usable == 0 && record != NULL) {
        find_double_free(pool, record, tag, &findings);
    }
    os_lock_release(&pool->lock);
    discharge(pool, usable);
    if (usable == 0 && record == NULL) { /* of a block that was freed so long ago nothing is known any more */
        pool_report_refusal(pool, "free", found.reason, block, 0);
    }
    pool_debug_tell(pool, &findings);
    return status;
}

/* --- all blocks --------------------------------------------------------------------------------------------------- */

static bool look_at_all(const Pool *pool, DebugFindings *findings) {
    bool sound = true;
    for (size_t i = 0; i < pool->debug->buckets; i++) {
        for (PoolRecord *record = pool->debug->heads[i]; record != NULL; record = record->next) {
            sound &= look_at(pool, record, findings);
        }
    }
    return sound;
}

bool pool_debug_look(Pool *pool) {
    DebugFindings findings = {.count = 0};
    os_lock_take(&pool->lock);
    bool sound = look_at_all(pool, &findings);
    os_lock_release(&pool->lock);
    pool_debug_tell(pool, &findings);
    return sound;
}

/* --- the end ------------------------------------------------------------------------------------------------------ */

/* Leaks with one tag. */
typedef struct Leaks {
    const PoolRecord *example;
    size_t blocks;
    size_t bytes;
} Leaks;

static bool is_untold(const Pool *pool, const PoolRecord *record) {
    return !record->quarantined && !record->is_chunk && !record->told && !pool_quarantine_has(pool, record->block);
}

/* Those with the tag of `first`, the first bucket from which on there are any. */
static Leaks count_leaks(const Pool *pool, const PoolRecord *first, size_t bucket) {
    const PoolDebug *debug = pool->debug;
    Leaks leaks = {.example = first};
    for (size_t i = bucket; i < debug->buckets; i++) {
        for (PoolRecord *record = debug->heads[i]; record != NULL; record = record->next) {
            if (is_untold(pool, record) && (record == first || strcmp(record->allocated, first->allocated) == 0)) {
                record->told = record != first;
                leaks.blocks++;
                leaks.bytes += record->size;
            }
        }
    }
    return leaks;
}

static void tell_leaks(const Pool *pool, const Leaks *leaks) {
    char line[DEBUG_LINE_BYTES];
    snprintf(line, sizeof line, "corral: not freed: blocks=%zu bytes=%zu allocated=%s example=0x%" PRIxPTR " pool=%s",
             leaks->blocks, leaks->bytes, leaks->example->allocated, (uintptr_t)leaks->example->block, pool->name);
    pool->report(pool->report_context, line);
}

static void tell_more_leaks(const Pool *pool, const Leaks *rest) {
    char line[DEBUG_LINE_BYTES];
    snprintf(line, sizeof line, "corral: not freed: blocks=%zu bytes=%zu allocated=elsewhere pool=%s", rest->blocks,
             rest->bytes, pool->name);
    pool->report(pool->report_context, line);
}

/* The first LEAK_LINES tags have a line each, the rest has one together: searching for tags must come to an end. */
static void tell_all_leaks(const Pool *pool) {
    const PoolDebug *debug = pool->debug;
    Leaks rest = {.blocks = 0};
    size_t lines = 0;
    for (size_t i = 0; i < debug->buckets; i++) {
        for (const PoolRecord *record = debug->heads[i]; record != NULL; record = record->next) {
            if (is_untold(pool, record) && lines < LEAK_LINES) {
                Leaks leaks = count_leaks(pool, record, i);
                tell_leaks(pool, &leaks);
                lines++;
            } else if (is_untold(pool, record)) {
                rest.blocks++;
                rest.bytes += record->size;
            }
        }
    }
    if (rest.blocks != 0) {
        tell_more_leaks(pool, &rest);
    }
}

CorralStatus pool_debug_end(Pool *pool) {
    const PoolDebug *debug = pool->debug;
    DebugFindings findings = {.count = 0};
    bool sound = look_at_all(pool, &findings);
    pool_debug_tell(pool, &findings);
    for (size_t i = 0; i < debug->buckets; i++) {
        for (PoolRecord *record = debug->heads[i]; record != NULL; record = record->next) {
            record->told = false; /* from here on: told as a leak */
        }
    }
    if (pool->report != NULL) {
        tell_all_leaks(pool);
    }
    return sound ? CORRAL_OK : CORRAL_DAMAGED;
}

bool pool_is_debug(const Pool *pool) {
    return pool_is_valid(pool) && pool->debug != NULL;
}
