/* SPDX-License-Identifier: Apache-2.0
 * object_events.c - a queue of timers: events come and go one by one from a pool of objects, and what one step needs
 * until it is done lies in a frame. */
#include <inttypes.h>
#include <stdio.h>

#include <corral/object_pool.h>
#include <corral/stack_allocator.h>

typedef struct Event {
    uint64_t due;
    uint64_t period; /* 0: once */
    struct Event *next;
} Event;

static Event *queue; /* by `due` */

static void schedule(Event *event) {
    Event **at = &queue;
    while (*at != NULL && (*at)->due <= event->due) {
        at = &(*at)->next;
    }
    event->next = *at;
    *at = event;
}

int main(void) {
    Pool *pool = pool_create();
    Arena *arena = arena_create_default(pool); /* the pool of objects ends with it */
    ObjectPool *events = object_pool_create(arena, sizeof(Event));
    StackAllocator *stack = stack_create(pool, STACK_SIZE_DEFAULT);
    for (uint64_t i = 1; i <= 200; i++) {
        Event *event = object_pool_acquire(events);
        if (event != NULL) {
            *event = (Event){.due = i * 37 % 101, .period = i % 4 == 0 ? i : 0};
            schedule(event);
        }
    }
    uint64_t fired = 0, most = 0;
    for (uint64_t now = 0; now < 1000; now++) {
        StackFrame frame = stack_push(stack);
        Event **due = stack_alloc(frame, 200 * sizeof *due, 1); /* as many as there can be */
        uint64_t count = 0;
        while (due != NULL && queue != NULL && queue->due <= now) {
            due[count++] = queue;
            queue = queue->next;
        }
        for (uint64_t i = 0; i < count; i++) {
            fired++;
            if (due[i]->period == 0) {
                object_pool_release(events, due[i]);
            } else {
                due[i]->due += due[i]->period;
                schedule(due[i]);
            }
        }
        most = count > most ? count : most;
        stack_pop(frame);
    }
    ObjectPoolStats stats;
    object_pool_stats(events, &stats);
    printf("fired=%" PRIu64 " most_at_once=%" PRIu64 " live=%" PRIu64 " peak=%" PRIu64 "; no object: %s\n", fired, most,
           stats.live, stats.peak_live, arena_status_name(object_pool_release(events, &stats)));
    bool expected = stats.live == 50 && stats.peak_live == 200 && stack_room(stack) == STACK_SIZE_DEFAULT;
    return expected && pool_destroy(pool) == CORRAL_OK ? 0 : 1;
}
