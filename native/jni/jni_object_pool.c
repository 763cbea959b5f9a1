/* SPDX-License-Identifier: Apache-2.0
 * jni_object_pool.c - dev.corral.internal.ObjectPoolNatives: unpack, call, return.
 * Layer: jni. May include: every layer. The header is written by javac, so a wrong signature does not compile. */
#include "dev_corral_internal_ObjectPoolNatives.h"
#include "jni_parts.h"
#include "object_pool_parts.h"

static ObjectPool *objects_of(jlong handle) {
    return (ObjectPool *)(uintptr_t)handle;
}

JNIEXPORT jlong JNICALL Java_dev_corral_internal_ObjectPoolNatives_create(JNIEnv *env, jclass type, jlong arena,
                                                                          jlong size, jlong alignment,
                                                                          jlong largest_block, jboolean zeroed) {
    (void)env;
    (void)type;
    ObjectPoolConfig config = object_pool_config_default(size_of(size));
    config.alignment = size_of(alignment);
    config.largest_block = size_of(largest_block);
    config.zeroed = zeroed == JNI_TRUE;
    ObjectPool *pool = NULL;
    CorralStatus status = object_pool_create_in(arena_of(arena), &config, &pool);
    return handle_or_status(pool, status);
}

JNIEXPORT jint JNICALL Java_dev_corral_internal_ObjectPoolNatives_refill(JNIEnv *env, jclass type, jlong objects) {
    (void)env;
    (void)type;
    ObjectPool *pool = objects_of(objects);
    return (jint)(object_pool_is(pool) ? object_pool_refill(pool) : CORRAL_INVALID_ARENA);
}

JNIEXPORT jint JNICALL Java_dev_corral_internal_ObjectPoolNatives_release(JNIEnv *env, jclass type, jlong objects,
                                                                          jlong ref) {
    (void)env;
    (void)type;
    return (jint)object_pool_release_ref(objects_of(objects), (ArenaRef)ref);
}

JNIEXPORT jboolean JNICALL Java_dev_corral_internal_ObjectPoolNatives_isLive(JNIEnv *env, jclass type, jlong objects,
                                                                             jlong ref) {
    (void)env;
    (void)type;
    const ObjectPool *pool = objects_of(objects);
    const void *object = arena_resolve(object_pool_arena(pool), (ArenaRef)ref);
    return object != NULL && object_pool_is_live(pool, object) ? JNI_TRUE : JNI_FALSE;
}

JNIEXPORT jlong JNICALL Java_dev_corral_internal_ObjectPoolNatives_next(JNIEnv *env, jclass type, jlong objects,
                                                                        jlong ref) {
    (void)env;
    (void)type;
    ObjectPool *pool = objects_of(objects);
    if (!object_pool_is(pool)) {
        return -(jlong)CORRAL_INVALID_ARENA;
    }
    const void *object = NULL;
    if (ref != 0) {
        object = arena_resolve(object_pool_arena(pool), (ArenaRef)ref);
        if (object == NULL) {
            return -(jlong)CORRAL_STALE_REF;
        }
        if (object_pool_ref(pool, object) == 0) {
            return -(jlong)CORRAL_FOREIGN_POINTER;
        }
    }
    const void *next = object_pool_next(pool, object);
    return next != NULL ? (jlong)object_pool_ref(pool, next) : 0;
}

JNIEXPORT void JNICALL Java_dev_corral_internal_ObjectPoolNatives_beginClear(JNIEnv *env, jclass type, jlong objects) {
    (void)env;
    (void)type;
    if (object_pool_is(objects_of(objects))) {
        object_clear_begin(objects_of(objects));
    }
}

JNIEXPORT jint JNICALL Java_dev_corral_internal_ObjectPoolNatives_endClear(JNIEnv *env, jclass type, jlong objects) {
    (void)env;
    (void)type;
    ObjectPool *pool = objects_of(objects);
    return (jint)(object_pool_is(pool) ? object_clear_end(pool) : CORRAL_INVALID_ARENA);
}

JNIEXPORT jint JNICALL Java_dev_corral_internal_ObjectPoolNatives_stats(JNIEnv *env, jclass type, jlong objects,
                                                                        jlongArray into) {
    (void)type;
    ObjectPoolStats stats;
    CorralStatus status = object_pool_stats(objects_of(objects), &stats);
    static_assert(sizeof stats == 9 * sizeof(jlong), "ObjectPoolStats.NATIVE_LONGS");
    (*env)->SetLongArrayRegion(env, into, 0, 9, (const jlong *)(const void *)&stats);
    return (jint)status;
}

JNIEXPORT jint JNICALL Java_dev_corral_internal_ObjectPoolNatives_check(JNIEnv *env, jclass type, jlong objects) {
    (void)env;
    (void)type;
    return (jint)object_pool_check(objects_of(objects));
}
