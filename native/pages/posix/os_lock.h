/* SPDX-License-Identifier: Apache-2.0
 * os_lock.h (POSIX) - a mutual exclusion lock; CMake picks the directory of the platform.
 * Layer: pages. May include: base/. */
#ifndef CORRAL_PAGES_OS_LOCK_H
#define CORRAL_PAGES_OS_LOCK_H

#include <pthread.h>
#include <stdbool.h>

typedef pthread_mutex_t OsLock;

#define OS_LOCK_INITIALIZER PTHREAD_MUTEX_INITIALIZER /* for a static lock, instead of os_lock_init() */

/* Prepares a lock; false when the system has no resources for one. */
static inline bool os_lock_init(OsLock *lock) {
    return pthread_mutex_init(lock, NULL) == 0;
}

static inline void os_lock_destroy(OsLock *lock) {
    pthread_mutex_destroy(lock);
}

/* Not recursive: the holder must not take it again. */
static inline void os_lock_take(OsLock *lock) {
    pthread_mutex_lock(lock);
}

static inline void os_lock_release(OsLock *lock) {
    pthread_mutex_unlock(lock);
}

#endif
