/* SPDX-License-Identifier: Apache-2.0
 * arena_event_log.c - an observer that writes down what happened.
 * Layer: arena. May include: mempool.h, base/. */
#include "arena/arena_event_log.h"

#include <string.h>

#include "arena/arena_parts.h"
#include "mempool/pool_extension.h"

#define FIRST_EVENTS 64

/* Invariant: taken <= count <= room <= ARENA_EVENT_LOG_MAX; events [taken, count) have not been taken out yet. */
struct ArenaEventLog {
    Pool *pool;
    Arena *arena; /* NULL before the first event and after the last */
    ArenaEvent *events;
    uint32_t taken;
    uint32_t count;
    uint32_t room;
    uint64_t missed;
    bool destroyed; /* the last event, which is never missed */
};

static void give_events(Pool *pool, ArenaEvent *events, uint32_t room) {
    pool_books_give(pool, events, room * sizeof(ArenaEvent));
}

ArenaEventLog *event_log_open(Pool *pool) {
    ArenaEventLog *log = pool_is_valid(pool) ? pool_books_take(pool, sizeof *log) : NULL;
    if (log != NULL) {
        log->pool = pool;
    }
    return log;
}

void event_log_close(Pool *pool, ArenaEventLog *log) {
    if (log != NULL) {
        give_events(pool, log->events, log->room);
        pool_books_give(pool, log, sizeof *log);
    }
}

static bool log_reserve(ArenaEventLog *log) {
    if (log->count < log->room) {
        return true;
    }
    uint32_t room = log->room == 0 ? FIRST_EVENTS : log->room * 2;
    ArenaEvent *events = room <= ARENA_EVENT_LOG_MAX ? pool_books_take(log->pool, room * sizeof *events) : NULL;
    if (events == NULL) {
        return false;
    }
    if (log->count != 0) {
        memcpy(events, log->events, log->count * sizeof *events);
    }
    give_events(log->pool, log->events, log->room);
    log->events = events;
    log->room = room;
    return true;
}

/* A log that is full misses the newest events, not the oldest: what it holds stays a beginning without gaps. */
static void write_down(ArenaEventLog *log, Arena *arena, ArenaEventKind kind, uint64_t subject, size_t bytes) {
    log->arena = arena;
    if (log->missed != 0 || !log_reserve(log)) {
        log->missed++;
        return;
    }
    log->events[log->count++] = (ArenaEvent){.kind = kind, .subject = (int64_t)subject, .bytes = (int64_t)bytes};
}

static void log_alloc(void *context, Arena *arena, void *block, size_t size, ArenaRef ref) {
    (void)block;
    write_down(context, arena, ARENA_EVENT_ALLOC, ref, size);
}

static void log_chunk(void *context, Arena *arena, ArenaChunkEvent event, void *base, size_t capacity) {
    (void)base;
    write_down(context, arena, event == ARENA_CHUNK_ACQUIRED ? ARENA_EVENT_ACQUIRED : ARENA_EVENT_GIVEN_BACK, 0,
               capacity);
}

static void log_reset(void *context, Arena *arena, ArenaTakeBack by) {
    write_down(context, arena, ARENA_EVENT_RESET, by, 0);
}

static void log_destroy(void *context, Arena *arena) {
    ArenaEventLog *log = context;
    (void)arena;
    log->destroyed = true;
    log->arena = NULL;
}

ArenaObserver event_log_observer(ArenaEventLog *log) {
    return (ArenaObserver){
        .context = log, .alloc = log_alloc, .chunk = log_chunk, .reset = log_reset, .destroy = log_destroy};
}

uint32_t event_log_take(ArenaEventLog *log, ArenaEvent *events, uint32_t room) {
    uint32_t left = log->count - log->taken;
    uint32_t count = left < room ? left : room;
    if (count != 0) {
        memcpy(events, log->events + log->taken, count * sizeof *events);
        log->taken += count;
    } else if (log->missed != 0 && room != 0) {
        events[count++] = (ArenaEvent){.kind = ARENA_EVENT_MISSED, .bytes = (int64_t)log->missed};
        log->missed = 0;
    } else if (log->destroyed && room != 0) {
        events[count++] = (ArenaEvent){.kind = ARENA_EVENT_DESTROY};
        log->destroyed = false;
    }
    if (log->taken == log->count) {
        log->taken = log->count = 0;
    }
    if (log->arena != NULL) {
        log->arena->telling = count != 0;
    }
    return count;
}
