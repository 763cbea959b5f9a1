/* SPDX-License-Identifier: Apache-2.0
 * jni_family.c - dev.corral.internal.FamilyNatives: unpack, call, return.
 * Layer: jni. May include: every layer. The header is written by javac, so a wrong signature does not compile. */
#include "arena/arena_parts.h"
#include "dev_corral_internal_FamilyNatives.h"
#include "jni_parts.h"

JNIEXPORT jint JNICALL Java_dev_corral_internal_FamilyNatives_mayEnd(JNIEnv *env, jclass type, jlong arena) {
    (void)env;
    (void)type;
    bool valid = arena_is_valid(arena_of(arena));
    return (jint)(valid ? family_busy_below(arena_of(arena)) : CORRAL_INVALID_ARENA);
}

JNIEXPORT jint JNICALL Java_dev_corral_internal_FamilyNatives_trim(JNIEnv *env, jclass type, jlong arena,
                                                                   jlong keep_bytes) {
    (void)env;
    (void)type;
    return (jint)arena_trim(arena_of(arena), size_of(keep_bytes));
}
