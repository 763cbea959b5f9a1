/* SPDX-License-Identifier: Apache-2.0
 * slot_sessions.c - sessions of a server: counters that change in place, names that grow, and requests whose values all
 * go at once. */
#include <inttypes.h>
#include <stdio.h>

#include <corral/slot_pool.h>

#define SESSIONS 1000

int main(void) {
    Pool *pool = pool_create();
    SlotPool *slots = slot_pool_create(pool); /* NULL when the pool is; every call refuses it then */
    SlotHandle hits[SESSIONS], names[SESSIONS];
    for (int i = 0; i < SESSIONS; i++) {
        hits[i] = slot_put_int(slots, 0, 0);         /* four bytes, in a slot */
        names[i] = slot_put_utf8(slots, 0, "guest"); /* so are these */
    }
    for (int request = 0; request < 100; request++) {
        SlotRegion scratch = slot_region_create(slots);
        int session = request * 7 % SESSIONS;
        int32_t count = 0;
        for (int i = 0; i < 5000; i++) {
            slot_put_int(slots, scratch, i); /* whatever a request needs until it is answered */
        }
        slot_get_int(slots, hits[session], &count);
        slot_set_int(slots, hits[session], count + 1);
        slot_set(slots, names[session], "a name that no slot has room for", 32); /* moves into a chunk */
        slot_region_destroy(slots, scratch); /* two blocks are given back, not 5,000 values */
    }
    slot_remove(slots, names[0]); /* from here on this handle is refused */
    SlotPoolStats stats;
    CorralStatus status = slot_pool_stats(slots, &stats);
    printf("live=%" PRIu64 " inline=%" PRIu64 " large=%" PRIu64 " peak=%" PRIu64 "; a removed name: %s\n", stats.live,
           stats.inline_live, stats.large_live, stats.peak,
           slot_bytes(slots, names[0], NULL) == NULL ? arena_status_name(slot_pool_last_status(slots)) : "there");
    slot_pool_destroy(slots);
    return status == CORRAL_OK && stats.live == 2 * SESSIONS - 1 && stats.large_live == 99 ? (int)pool_destroy(pool)
                                                                                           : 1;
}
