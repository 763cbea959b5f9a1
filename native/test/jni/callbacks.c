/* SPDX-License-Identifier: Apache-2.0
 * callbacks.c - a release callback of C that waits for another thread: dev.corral.NativeCallbacks of the Java tests.
 * A library of its own, with its own copy of the arena's code, as a user's native code would have. */
#include <jni.h>
#include <stdatomic.h>
#include <threads.h>

#include "corral/arena.h"
#include "corral/arena_release.h"

#define PATIENCE_MS 10000

/* In a buffer of the caller's, who reads and writes it as longs. */
typedef struct Meeting {
    _Atomic int64_t waiting;  /* set by the callback */
    _Atomic int64_t released; /* set by the other thread */
    _Atomic int64_t in_vain;  /* set by the callback: nobody came */
} Meeting;

static void wait_for_release(void *context) {
    Meeting *meeting = context;
    struct timespec millisecond = {.tv_nsec = 1000000};
    atomic_store(&meeting->waiting, 1);
    for (int waited = 0; waited < PATIENCE_MS; waited++) {
        if (atomic_load(&meeting->released) != 0) {
            return;
        }
        thrd_sleep(&millisecond, NULL);
    }
    atomic_store(&meeting->in_vain, 1);
}

JNIEXPORT jint JNICALL Java_dev_corral_NativeCallbacks_register(JNIEnv *env, jclass type, jlong arena, jobject buffer);

JNIEXPORT jint JNICALL Java_dev_corral_NativeCallbacks_register(JNIEnv *env, jclass type, jlong arena, jobject buffer) {
    (void)type;
    void *meeting = (*env)->GetDirectBufferAddress(env, buffer);
    return (jint)arena_on_release((Arena *)(uintptr_t)arena, wait_for_release, meeting);
}
