/* SPDX-License-Identifier: Apache-2.0
 * jni_block.c - dev.corral.internal.BlockNatives: unpack, call, return.
 * Layer: jni. May include: every layer. The header is written by javac, so a wrong signature does not compile. */
#include "arena/resize_parts.h"
#include "dev_corral_internal_BlockNatives.h"
#include "jni_parts.h"

JNIEXPORT jlong JNICALL Java_dev_corral_internal_BlockNatives_address(JNIEnv *env, jclass type, jobject buffer) {
    (void)type;
    return handle_of((*env)->GetDirectBufferAddress(env, buffer));
}

JNIEXPORT jlong JNICALL Java_dev_corral_internal_BlockNatives_resize(JNIEnv *env, jclass type, jlong arena,
                                                                     jlong address, jlong old_size, jlong new_size) {
    (void)env;
    (void)type;
    void *block = (void *)(uintptr_t)address;
    return (jlong)realloc_ref(arena_of(arena), block, size_of(old_size), size_of(new_size));
}
