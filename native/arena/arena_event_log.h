/* SPDX-License-Identifier: Apache-2.0
 * arena_event_log.h - an observer that writes down what happened, for one who cannot be called from C: Java's side.
 * Layer: arena (private to the library). May include: arena_observer.h, mempool.h. Threads: the arena's owner. */
#ifndef CORRAL_ARENA_EVENT_LOG_H
#define CORRAL_ARENA_EVENT_LOG_H

#include "corral/arena_observer.h"

#define ARENA_EVENT_LOG_MAX ((uint32_t)1 << 16) /* events that a log holds; more are counted as missed */

typedef enum ArenaEventKind {
    ARENA_EVENT_ALLOC = 1,      /* subject: the reference; bytes: the size asked for */
    ARENA_EVENT_ACQUIRED = 2,   /* bytes: the chunk's capacity */
    ARENA_EVENT_GIVEN_BACK = 3, /* likewise */
    ARENA_EVENT_RESET = 4,      /* subject: the ArenaTakeBack */
    ARENA_EVENT_DESTROY = 5,
    ARENA_EVENT_MISSED = 6 /* bytes: how many events were not written down */
} ArenaEventKind;

typedef struct ArenaEvent {
    int64_t kind;
    int64_t subject;
    int64_t bytes;
} ArenaEvent;

typedef struct ArenaEventLog ArenaEventLog;

/* A log in the books of the pool, where no view can reach it; NULL when there is no memory.
 * Owner: the caller, until event_log_close(), or the end of the pool. */
ArenaEventLog *event_log_open(Pool *pool);

/* For ArenaConfig.observer: the observer that writes into the log. One arena per log. */
ArenaObserver event_log_observer(ArenaEventLog *log);

/* Takes at most `room` events out of the log, oldest first; returns how many. From a call that returns some to one
 * that finds none, every change of the arena is refused as in a callback: whoever is told of them can change
 * nothing. */
uint32_t event_log_take(ArenaEventLog *log, ArenaEvent *events, uint32_t room);

/* Gives the log back to the pool; its arena must be destroyed. NULL is allowed. */
void event_log_close(Pool *pool, ArenaEventLog *log);

#endif
