/* SPDX-License-Identifier: Apache-2.0
 * jni_debug.c - dev.corral.internal.DebugNatives: unpack, call, return.
 * Layer: jni. May include: every layer. The header is written by javac, so a wrong signature does not compile. */
#include <string.h>

#include "corral/pool_debug.h"
#include "dev_corral_internal_DebugNatives.h"
#include "jni_parts.h"

/* What this thread's calls have found and Java has not taken yet: an operation that finds damage in the last moment of
 * an arena can leave it nowhere else. */
typedef struct Collected {
    size_t length;
    char text[8192];
} Collected;

static _Thread_local Collected collected;

void jni_collect_report(void *context, const char *text) {
    (void)context;
    size_t room = sizeof collected.text - collected.length;
    size_t length = strlen(text);
    size_t kept = length < room ? length : room;
    memcpy(collected.text + collected.length, text, kept);
    collected.length += kept;
}

void jni_collect_line(void *context, const char *line) {
    static const char refusal[] = "corral: refused ";
    if (strncmp(line, refusal, sizeof refusal - 1) != 0) {
        jni_collect_report(context, line);
        jni_collect_report(context, "\n");
    }
}

JNIEXPORT jlong JNICALL Java_dev_corral_internal_DebugNatives_allocate(JNIEnv *env, jclass type, jlong pool, jlong size,
                                                                       jbyteArray tag) {
    (void)type;
    char text[ARENA_TAG_MAX + 1];
    CorralStatus status = CORRAL_OK;
    void *block = pool_alloc_tagged(pool_of(pool), size_of(size), name_from_java(env, tag, text, sizeof text));
    if (block == NULL) {
        status = pool_acquire(pool_of(pool), size_of(size), POOL_ALIGNMENT, &block); /* says why */
    }
    return handle_or_status(block, status);
}

JNIEXPORT jint JNICALL Java_dev_corral_internal_DebugNatives_free(JNIEnv *env, jclass type, jlong pool, jlong block,
                                                                  jbyteArray tag) {
    (void)type;
    char text[ARENA_TAG_MAX + 1];
    return (jint)pool_free_tagged(pool_of(pool), (void *)(uintptr_t)block, name_from_java(env, tag, text, sizeof text));
}

JNIEXPORT jboolean JNICALL Java_dev_corral_internal_DebugNatives_isOn(JNIEnv *env, jclass type, jlong arena) {
    (void)env;
    (void)type;
    return arena_is_debug(arena_of(arena)) ? JNI_TRUE : JNI_FALSE;
}

JNIEXPORT void JNICALL Java_dev_corral_internal_DebugNatives_tag(JNIEnv *env, jclass type, jlong arena,
                                                                 jbyteArray tag) {
    (void)type;
    char text[ARENA_TAG_MAX + 1];
    arena_tag(arena_of(arena), name_from_java(env, tag, text, sizeof text));
}

JNIEXPORT jbyteArray JNICALL Java_dev_corral_internal_DebugNatives_takeReport(JNIEnv *env, jclass type) {
    (void)type;
    jsize length = (jsize)collected.length;
    jbyteArray report = length != 0 ? (*env)->NewByteArray(env, length) : NULL;
    if (report != NULL) {
        (*env)->SetByteArrayRegion(env, report, 0, length, (const jbyte *)collected.text);
        collected.length = 0;
    }
    return report;
}

JNIEXPORT jbyteArray JNICALL Java_dev_corral_internal_DebugNatives_text(JNIEnv *env, jclass type, jlong arena) {
    (void)type;
    size_t room = arena_debug_text(arena_of(arena), NULL, 0) + 1;
    jbyteArray text = room <= INT32_MAX ? (*env)->NewByteArray(env, (jsize)room) : NULL;
    void *bytes = text != NULL ? (*env)->GetPrimitiveArrayCritical(env, text, NULL) : NULL;
    if (bytes != NULL) {
        arena_debug_text(arena_of(arena), bytes, room);
        (*env)->ReleasePrimitiveArrayCritical(env, text, bytes, 0);
    }
    return text;
}
