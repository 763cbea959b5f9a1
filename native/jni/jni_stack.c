/* SPDX-License-Identifier: Apache-2.0
 * jni_stack.c - dev.corral.internal.StackNatives: unpack, call, return.
 * Layer: jni. May include: every layer. The header is written by javac, so a wrong signature does not compile. */
#include "dev_corral_internal_StackNatives.h"
#include "jni_parts.h"
#include "stack_parts.h"

JNIEXPORT jint JNICALL Java_dev_corral_internal_StackNatives_adopt(JNIEnv *env, jclass type, jlong arena) {
    (void)env;
    (void)type;
    return (jint)stack_adopt(arena_of(arena));
}

JNIEXPORT jboolean JNICALL Java_dev_corral_internal_StackNatives_endFrames(JNIEnv *env, jclass type, jlong arena) {
    (void)env;
    (void)type;
    return stack_end_frames((StackAllocator *)arena_of(arena)) ? JNI_TRUE : JNI_FALSE;
}

JNIEXPORT jlong JNICALL Java_dev_corral_internal_StackNatives_room(JNIEnv *env, jclass type, jlong arena) {
    (void)env;
    (void)type;
    return (jlong)stack_room((const StackAllocator *)arena_of(arena));
}

JNIEXPORT jlong JNICALL Java_dev_corral_internal_StackNatives_depth(JNIEnv *env, jclass type, jlong arena) {
    (void)env;
    (void)type;
    return (jlong)stack_depth((const StackAllocator *)arena_of(arena));
}

JNIEXPORT jlong JNICALL Java_dev_corral_internal_StackNatives_top(JNIEnv *env, jclass type, jlong arena) {
    (void)env;
    (void)type;
    return (jlong)stack_top((const StackAllocator *)arena_of(arena));
}

JNIEXPORT jint JNICALL Java_dev_corral_internal_StackNatives_reserve(JNIEnv *env, jclass type, jlong arena,
                                                                     jint depth) {
    (void)env;
    (void)type;
    return (jint)stack_reserve(arena_of(arena), (uint32_t)depth);
}

static StackPlace place_of(jlong place) {
    return (StackPlace){.offset = (uint32_t)place, .count = (uint32_t)((uint64_t)place >> 32)};
}

JNIEXPORT jlong JNICALL Java_dev_corral_internal_StackNatives_settle(JNIEnv *env, jclass type, jlong arena, jlong place,
                                                                     jint peak, jint frames) {
    (void)env;
    (void)type;
    return (jlong)stack_settle(arena_of(arena), place_of(place), (uint32_t)peak, (uint32_t)frames);
}

JNIEXPORT void JNICALL Java_dev_corral_internal_StackNatives_narrow(JNIEnv *env, jclass type, jlong arena, jlong id,
                                                                    jlong place) {
    (void)env;
    (void)type;
    stack_narrow(arena_of(arena), (uint64_t)id, place_of(place));
}
