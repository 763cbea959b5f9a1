/* SPDX-License-Identifier: Apache-2.0
 * jni_library.c - dev.corral.internal.LibraryNatives: unpack, call, return.
 * Layer: jni. May include: every layer. The header is written by javac, so a wrong signature does not compile. */
#include "dev_corral_internal_LibraryNatives.h"
#include "jni_parts.h"

JNIEXPORT jint JNICALL Java_dev_corral_internal_LibraryNatives_layoutVersion(JNIEnv *env, jclass type) {
    (void)env;
    (void)type;
    return ARENA_LAYOUT_VERSION;
}

JNIEXPORT jint JNICALL Java_dev_corral_internal_LibraryNatives_pageSize(JNIEnv *env, jclass type) {
    (void)env;
    (void)type;
    return (jint)page_source_system()->page_size;
}
