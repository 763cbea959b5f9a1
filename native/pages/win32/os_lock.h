/* SPDX-License-Identifier: Apache-2.0
 * os_lock.h (Windows) - a mutual exclusion lock; CMake picks the directory of the platform.
 * Layer: pages. May include: base/. */
#ifndef CORRAL_PAGES_OS_LOCK_H
#define CORRAL_PAGES_OS_LOCK_H

#include <stdbool.h>
#include <windows.h>

typedef SRWLOCK OsLock;

#define OS_LOCK_INITIALIZER SRWLOCK_INIT /* for a static lock, instead of os_lock_init() */

/* Prepares a lock; it cannot fail on this platform. */
static inline bool os_lock_init(OsLock *lock) {
    InitializeSRWLock(lock);
    return true;
}

static inline void os_lock_destroy(OsLock *lock) {
    (void)lock; /* slim locks own nothing */
}

/* Not recursive: the holder must not take it again. */
static inline void os_lock_take(OsLock *lock) {
    AcquireSRWLockExclusive(lock);
}

static inline void os_lock_release(OsLock *lock) {
    ReleaseSRWLockExclusive(lock);
}

#endif
