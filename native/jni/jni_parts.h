/* SPDX-License-Identifier: Apache-2.0
 * jni_parts.h - conversions between Java's primitives and C's types.
 * Layer: jni. May include: every layer. */
#ifndef CORRAL_JNI_PARTS_H
#define CORRAL_JNI_PARTS_H

#include <jni.h>
#include <stdint.h>

#include "corral/arena.h"

static inline Arena *arena_of(jlong handle) {
    return (Arena *)(uintptr_t)handle;
}

static inline Pool *pool_of(jlong handle) {
    return (Pool *)(uintptr_t)handle;
}

static inline jlong handle_of(const void *pointer) {
    return (jlong)(uintptr_t)pointer;
}

/* Java's long as an unsigned size; what does not fit becomes the largest size, which every function refuses. */
static inline size_t size_of(jlong value) {
    return (uint64_t)value > SIZE_MAX ? SIZE_MAX : (size_t)value;
}

/* The pointer as a Java long, or minus the status: addresses never look like small negative numbers. */
static inline jlong handle_or_status(const void *pointer, CorralStatus status) {
    return pointer != NULL ? handle_of(pointer) : -(jlong)status;
}

/* The configuration in an array that dev.corral.internal.ConfigFields describes, without name and observer
 * (jni_arena.c). */
ArenaConfig jni_arena_config(const jlong *fields);

/* The report function of Java's debug arenas: keeps the text for the calling thread (jni_debug.c). */
void jni_collect_report(void *context, const char *text);

/* The same of Java's debug pools, whose reports are single lines. A refusal is no finding: the caller has its
 * status. */
void jni_collect_line(void *context, const char *line);

/* Copies a Java byte array (or null) as a NUL-terminated name of at most `capacity` - 1 bytes; NULL for null. */
static inline const char *name_from_java(JNIEnv *env, jbyteArray bytes, char *name, jsize capacity) {
    if (bytes == NULL) {
        return NULL;
    }
    jsize length = (*env)->GetArrayLength(env, bytes);
    jsize kept = length < capacity ? length : capacity - 1;
    (*env)->GetByteArrayRegion(env, bytes, 0, kept, (jbyte *)name);
    name[kept] = '\0';
    return name;
}

#endif
