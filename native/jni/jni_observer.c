/* SPDX-License-Identifier: Apache-2.0
 * jni_observer.c - dev.corral.internal.ObserverNatives: unpack, call, return.
 * Layer: jni. May include: every layer. */
#include "arena/arena_event_log.h"
#include "dev_corral_internal_ObserverNatives.h"
#include "jni_parts.h"

#define NATIVES(name) dev_corral_internal_ObserverNatives_##name

static_assert(sizeof(ArenaEvent) == NATIVES(EVENT_LONGS) * sizeof(jlong), "Java reads an event as longs, in order");
static_assert(ARENA_EVENT_ALLOC == NATIVES(ALLOC) && ARENA_EVENT_ACQUIRED == NATIVES(ACQUIRED) &&
                  ARENA_EVENT_GIVEN_BACK == NATIVES(GIVEN_BACK) && ARENA_EVENT_RESET == NATIVES(RESET) &&
                  ARENA_EVENT_DESTROY == NATIVES(DESTROY) && ARENA_EVENT_MISSED == NATIVES(MISSED),
              "kinds of events");
static_assert(ARENA_TOOK_BACK_BY_RESET == 1 && ARENA_TOOK_BACK_BY_CLEAR == 2 && ARENA_TOOK_BACK_BY_REWIND == 3,
              "ArenaObserver.TakeBack has the same order");

#define EVENTS_AT_ONCE 64

static ArenaEventLog *log_of(jlong handle) {
    return (ArenaEventLog *)(uintptr_t)handle;
}

JNIEXPORT jlong JNICALL Java_dev_corral_internal_ObserverNatives_open(JNIEnv *env, jclass type, jlong pool) {
    (void)env;
    (void)type;
    return handle_of(event_log_open(pool_of(pool)));
}

JNIEXPORT jint JNICALL Java_dev_corral_internal_ObserverNatives_take(JNIEnv *env, jclass type, jlong log,
                                                                     jlongArray into) {
    (void)type;
    ArenaEvent events[EVENTS_AT_ONCE];
    uint32_t room = (uint32_t)(*env)->GetArrayLength(env, into) / NATIVES(EVENT_LONGS);
    uint32_t count = event_log_take(log_of(log), events, room < EVENTS_AT_ONCE ? room : EVENTS_AT_ONCE);
    (*env)->SetLongArrayRegion(env, into, 0, (jsize)(count * NATIVES(EVENT_LONGS)), (const jlong *)events);
    return (jint)count;
}

JNIEXPORT void JNICALL Java_dev_corral_internal_ObserverNatives_close(JNIEnv *env, jclass type, jlong pool, jlong log) {
    (void)env;
    (void)type;
    event_log_close(pool_of(pool), log_of(log));
}
