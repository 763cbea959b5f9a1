/* SPDX-License-Identifier: Apache-2.0
 * mempool_threads.c - which caches a thread has, of which pools.
 * Layer: mempool. May include: pages/, base/.
 * Threads: the registry lock comes before any pool's lock. It is what makes the end of a thread safe against the end of
 *          a pool: an attachment is in its pool's list exactly as long as both live. */
#include "mempool_cache.h"
#include "os_thread.h"

enum {
    ATTACHMENTS = 8,        /* pools of which a thread has a cache at a time */
    MISSES_TO_REPLACE = 64, /* locked calls on pools without a cache until one of them takes an older one's place */
    FREES_TO_ATTACH = 32    /* a thread that only frees, and seldom, should not keep what others could use */
};

/* In the thread's own storage. pool: NULL when it is not in use; changed under the registry lock, and read without it
 * by the owner, whose calls cannot race with the end of their pool. */
typedef struct Attachment {
    _Atomic(Pool *) pool;
    Cache *cache;
    Link link;                 /* in Pool.attachments */
    _Atomic(Cache *) *current; /* the thread's pool_current */
} Attachment;

typedef struct ThreadCaches {
    Attachment attachments[ATTACHMENTS];
    uint32_t next_victim;
    uint32_t misses;
    uint32_t frees;
    bool registered; /* for the thread's end */
    bool ended;      /* what other parts of the process still do in this thread goes without a cache */
} ThreadCaches;

static _Thread_local ThreadCaches thread;
_Thread_local _Atomic(Cache *) pool_current = &pool_no_cache;
Cache pool_no_cache = {.pool =
                           (const Pool *)(const void *)&pool_no_cache}; /* equal to no pool, and not to NULL either */

static OsLock registry = OS_LOCK_INITIALIZER;
static OsThreadEnd thread_end; /* under the registry lock, as the next one */
static bool thread_end_is_ready;

static Pool *pool_of(const Attachment *attachment) {
    return atomic_load_explicit(&attachment->pool, memory_order_relaxed);
}

/* Under the registry lock. The pool lives as long as that is held. */
static void unlink_attachment(Attachment *attachment) {
    if (atomic_load_explicit(attachment->current, memory_order_relaxed) == attachment->cache) {
        atomic_store_explicit(attachment->current, &pool_no_cache, memory_order_relaxed);
    }
    link_remove(&attachment->link);
    atomic_store_explicit(&attachment->pool, NULL, memory_order_relaxed);
}

/* The thread's own, under the registry lock. */
static void detach(Attachment *attachment) {
    Pool *pool = pool_of(attachment);
    if (pool == NULL) {
        return;
    }
    os_lock_take(&pool->lock);
    pool_cache_give(pool, attachment->cache);
    os_lock_release(&pool->lock);
    unlink_attachment(attachment);
}

static void end_thread(void *value) {
    ThreadCaches *caches = value;
    os_lock_take(&registry);
    for (size_t i = 0; i < ATTACHMENTS; i++) {
        detach(&caches->attachments[i]);
    }
    caches->ended = true;
    os_lock_release(&registry);
}

/* Under the registry lock. */
static bool register_thread(void) {
    if (!thread_end_is_ready) {
        thread_end_is_ready = os_thread_end_init(&thread_end, end_thread);
    }
    if (!thread.registered) {
        thread.registered = thread_end_is_ready && os_thread_end_set(thread_end, &thread);
    }
    return thread.registered;
}

Cache *pool_cache_find(Pool *pool) {
    for (size_t i = 0; i < ATTACHMENTS; i++) {
        if (pool_of(&thread.attachments[i]) == pool) {
            Cache *cache = thread.attachments[i].cache;
            if (!pool->every_call_asks) {
                atomic_store_explicit(&pool_current, cache, memory_order_relaxed);
            }
            return cache;
        }
    }
    return NULL;
}

/* A place for one more pool, emptied if it must be; NULL: not yet. */
static Attachment *place_for_one(void) {
    for (size_t i = 0; i < ATTACHMENTS; i++) {
        if (pool_of(&thread.attachments[i]) == NULL) {
            return &thread.attachments[i];
        }
    }
    if (++thread.misses < MISSES_TO_REPLACE) {
        return NULL;
    }
    thread.misses = 0;
    return &thread.attachments[thread.next_victim++ % ATTACHMENTS];
}

/* Under the registry lock. */
static void attach(Pool *pool, Attachment *attachment) {
    detach(attachment);
    os_lock_take(&pool->lock);
    Cache *cache = pool_cache_take(pool);
    os_lock_release(&pool->lock);
    if (cache != NULL) {
        attachment->cache = cache;
        attachment->current = &pool_current;
        link_push(&pool->attachments, &attachment->link);
        atomic_store_explicit(&attachment->pool, pool, memory_order_relaxed);
    }
}

void pool_cache_attach(Pool *pool) {
    if (!pool->cached || thread.ended) {
        return;
    }
    Attachment *attachment = place_for_one();
    if (attachment == NULL) {
        return;
    }
    os_lock_take(&registry);
    if (register_thread()) {
        attach(pool, attachment);
    }
    os_lock_release(&registry);
}

void pool_cache_attach_for_free(Pool *pool) {
    if (++thread.frees >= FREES_TO_ATTACH) {
        thread.frees = 0;
        pool_cache_attach(pool);
    }
}

void pool_threads_detach(Pool *pool) {
    os_lock_take(&registry);
    while (!link_is_alone(&pool->attachments)) {
        unlink_attachment(LINK_OWNER(Attachment, link, pool->attachments.next));
    }
    os_lock_release(&registry);
}
