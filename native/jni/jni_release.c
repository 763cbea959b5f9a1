/* SPDX-License-Identifier: Apache-2.0
 * jni_release.c - dev.corral.internal.ReleaseNatives: unpack, call, return.
 * Layer: jni. May include: every layer. The header is written by javac, so a wrong signature does not compile. */
#include "arena/release_parts.h"
#include "dev_corral_internal_ReleaseNatives.h"
#include "jni_parts.h"

JNIEXPORT jint JNICALL Java_dev_corral_internal_ReleaseNatives_add(JNIEnv *env, jclass type, jlong arena, jint action) {
    (void)env;
    (void)type;
    return (jint)release_add_action(arena_of(arena), (uint32_t)action);
}

JNIEXPORT jint JNICALL Java_dev_corral_internal_ReleaseNatives_begin(JNIEnv *env, jclass type, jlong arena,
                                                                     jlong mark) {
    (void)env;
    (void)type;
    return (jint)release_begin_at(arena_of(arena), (uint64_t)mark);
}

JNIEXPORT jint JNICALL Java_dev_corral_internal_ReleaseNatives_next(JNIEnv *env, jclass type, jlong arena) {
    (void)env;
    (void)type;
    return (jint)release_next(arena_of(arena));
}

JNIEXPORT void JNICALL Java_dev_corral_internal_ReleaseNatives_end(JNIEnv *env, jclass type, jlong arena) {
    (void)env;
    (void)type;
    release_end(arena_of(arena));
}

JNIEXPORT jboolean JNICALL Java_dev_corral_internal_ReleaseNatives_isRunning(JNIEnv *env, jclass type, jlong arena) {
    (void)env;
    (void)type;
    return release_is_running(arena_of(arena)) ? JNI_TRUE : JNI_FALSE;
}

JNIEXPORT jint JNICALL Java_dev_corral_internal_ReleaseNatives_count(JNIEnv *env, jclass type, jlong arena) {
    (void)env;
    (void)type;
    return (jint)release_count_actions(arena_of(arena));
}
