/* SPDX-License-Identifier: Apache-2.0
 * jni_slots.c - dev.corral.internal.SlotNatives: unpack, call, return.
 * Layer: jni. May include: every layer. The header is written by javac, so a wrong signature does not compile. */
#include "dev_corral_internal_SlotNatives.h"
#include "jni_parts.h"
#include "slot_pool_parts.h"

static_assert(sizeof(SlotPoolStats) == 13 * sizeof(jlong), "Java reads the statistics as longs, in order");

static SlotPool *slots_of(jlong handle) {
    return (SlotPool *)(uintptr_t)handle;
}

JNIEXPORT jlong JNICALL Java_dev_corral_internal_SlotNatives_open(JNIEnv *env, jclass type, jlong arena) {
    (void)env;
    (void)type;
    SlotPool *slots = NULL;
    CorralStatus status = slot_pool_open(arena_of(arena), &slots); /* before `slots` is read */
    return handle_or_status(slots, status);
}

JNIEXPORT jlong JNICALL Java_dev_corral_internal_SlotNatives_map(JNIEnv *env, jclass type, jlong slots, jint number) {
    (void)env;
    (void)type;
    const SlotPool *pool = slots_of(slots);
    if (!slot_pool_is_valid(pool)) {
        return 0;
    }
    if (number >= 0) {
        return (uint32_t)number < pool->block_count ? handle_of(pool->blocks[number]) : 0;
    }
    uint32_t page = (uint32_t)(-1 - number);
    return page < pool->page_count ? handle_of(pool->pages[page]) : 0;
}

JNIEXPORT jint JNICALL Java_dev_corral_internal_SlotNatives_carve(JNIEnv *env, jclass type, jlong slots, jlong region) {
    (void)env;
    (void)type;
    return (jint)slot_region_prepare(slots_of(slots), (SlotRegion)region);
}

/* Fills the value that `handle` names with bytes of a Java array. */
static void fill(JNIEnv *env, SlotPool *slots, SlotHandle handle, jbyteArray bytes, jint from, jint length) {
    void *value = (void *)(uintptr_t)slot_bytes(slots, handle, NULL);
    (*env)->GetByteArrayRegion(env, bytes, from, length, value);
}

JNIEXPORT jlong JNICALL Java_dev_corral_internal_SlotNatives_put(JNIEnv *env, jclass type, jlong slots, jlong region,
                                                                 jbyteArray bytes, jint from, jint length) {
    (void)type;
    SlotHandle handle = slot_put_unfilled(slots_of(slots), (SlotRegion)region, size_of(length));
    if (handle != 0) {
        fill(env, slots_of(slots), handle, bytes, from, length);
    }
    return (jlong)handle;
}

JNIEXPORT jint JNICALL Java_dev_corral_internal_SlotNatives_set(JNIEnv *env, jclass type, jlong slots, jlong handle,
                                                                jbyteArray bytes, jint from, jint length) {
    (void)type;
    CorralStatus status = slot_set_unfilled(slots_of(slots), (SlotHandle)handle, size_of(length));
    if (status == CORRAL_OK) {
        fill(env, slots_of(slots), (SlotHandle)handle, bytes, from, length);
    }
    return (jint)status;
}

JNIEXPORT jint JNICALL Java_dev_corral_internal_SlotNatives_read(JNIEnv *env, jclass type, jlong slots, jlong handle,
                                                                 jbyteArray into, jint at, jint size) {
    (void)type;
    size_t actual = 0;
    const void *bytes = slot_bytes(slots_of(slots), (SlotHandle)handle, &actual);
    if (bytes == NULL) {
        return (jint)slot_pool_last_status(slots_of(slots));
    }
    if (actual != size_of(size)) {
        return (jint)CORRAL_INVALID_ARGUMENT;
    }
    (*env)->SetByteArrayRegion(env, into, at, size, bytes);
    return (jint)CORRAL_OK;
}

JNIEXPORT jint JNICALL Java_dev_corral_internal_SlotNatives_remove(JNIEnv *env, jclass type, jlong slots,
                                                                   jlong handle) {
    (void)env;
    (void)type;
    return (jint)slot_remove(slots_of(slots), (SlotHandle)handle);
}

JNIEXPORT jlong JNICALL Java_dev_corral_internal_SlotNatives_createRegion(JNIEnv *env, jclass type, jlong slots) {
    (void)env;
    (void)type;
    return (jlong)slot_region_create(slots_of(slots));
}

JNIEXPORT jint JNICALL Java_dev_corral_internal_SlotNatives_destroyRegion(JNIEnv *env, jclass type, jlong slots,
                                                                          jlong region) {
    (void)env;
    (void)type;
    return (jint)slot_region_destroy(slots_of(slots), (SlotRegion)region);
}

JNIEXPORT jint JNICALL Java_dev_corral_internal_SlotNatives_stats(JNIEnv *env, jclass type, jlong slots,
                                                                  jlongArray into) {
    (void)type;
    SlotPoolStats stats;
    CorralStatus status = slot_pool_stats(slots_of(slots), &stats);
    (*env)->SetLongArrayRegion(env, into, 0, (jsize)(sizeof stats / sizeof(jlong)), (const jlong *)&stats);
    return (jint)status;
}

JNIEXPORT jint JNICALL Java_dev_corral_internal_SlotNatives_check(JNIEnv *env, jclass type, jlong slots) {
    (void)env;
    (void)type;
    return (jint)slot_pool_check(slots_of(slots));
}

JNIEXPORT jint JNICALL Java_dev_corral_internal_SlotNatives_lastStatus(JNIEnv *env, jclass type, jlong slots) {
    (void)env;
    (void)type;
    return (jint)slot_pool_last_status(slots_of(slots));
}
