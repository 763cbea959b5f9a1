/* SPDX-License-Identifier: Apache-2.0
 * jni_mapped.c - dev.corral.internal.MappedNatives: unpack, call, return.
 * Layer: jni. May include: every layer. The header is written by javac, so a wrong signature does not compile. */
#include "corral/mapped_arena.h"
#include "dev_corral_internal_MappedNatives.h"
#include "jni_parts.h"
#include "mapped_parts.h"

#define CONSTANT(name) dev_corral_internal_MappedNatives_##name

static_assert(sizeof(((MappedError *)NULL)->text) == CONSTANT(MESSAGE_BYTES), "Java has room for the whole text");

static_assert(MAPPED_SHARED == CONSTANT(SHARED) && MAPPED_LOADED == CONSTANT(LOADED), "Java knows how to open");

/* Nothing here may touch the pages of a shared file: where one is lost, the JVM survives in its own code only. */
static MappedArena *mapped_of(jlong handle) {
    return (MappedArena *)(uintptr_t)handle;
}

/* Tells Java why; nothing while an exception is pending. */
static void tell(JNIEnv *env, jbyteArray message, const MappedError *error) {
    if (!(*env)->ExceptionCheck(env)) {
        (*env)->SetByteArrayRegion(env, message, 0, CONSTANT(MESSAGE_BYTES), (const jbyte *)error->text);
    }
}

JNIEXPORT jint JNICALL Java_dev_corral_internal_MappedNatives_seal(JNIEnv *env, jclass type, jlong arena, jlong root,
                                                                   jlong tag, jbyteArray path, jbyteArray message) {
    (void)type;
    jbyte *name = (*env)->GetByteArrayElements(env, path, NULL);
    if (name == NULL) { /* the exception is pending */
        return CORRAL_NO_MEMORY;
    }
    MappedSeal seal = {.root = (ArenaRef)root, .tag = (uint64_t)tag};
    MappedError error = {.status = CORRAL_OK};
    CorralStatus status = mapped_seal(arena_of(arena), (const char *)name, &seal, &error);
    (*env)->ReleaseByteArrayElements(env, path, name, JNI_ABORT);
    tell(env, message, &error);
    return (jint)status;
}

JNIEXPORT jlong JNICALL Java_dev_corral_internal_MappedNatives_open(JNIEnv *env, jclass type, jbyteArray path, jint how,
                                                                    jlongArray info, jbyteArray message) {
    (void)type;
    jbyte *name = (*env)->GetByteArrayElements(env, path, NULL);
    if (name == NULL) { /* the exception is pending */
        return -(jlong)CORRAL_NO_MEMORY;
    }
    MappedError error = {.status = CORRAL_OK};
    MappedArena *mapped = mapped_open((const char *)name, (MappedHow)how, &error);
    (*env)->ReleaseByteArrayElements(env, path, name, JNI_ABORT);
    tell(env, message, &error);
    MappedInfo found;
    if (mapped_info(mapped, &found) == CORRAL_OK) {
        mapped_hold(mapped);
        jlong fields[CONSTANT(INFO_LONGS)] = {
            [CONSTANT(BYTES)] = (jlong)found.bytes,    [CONSTANT(USED)] = (jlong)found.used,
            [CONSTANT(COUNT)] = (jlong)found.count,    [CONSTANT(TAG)] = (jlong)found.tag,
            [CONSTANT(ROOT)] = (jlong)found.root,      [CONSTANT(CHUNKS)] = (jlong)found.chunks,
            [CONSTANT(GENERATION)] = found.generation, [CONSTANT(CONTENT)] = handle_of(mapped_content(mapped))};
        (*env)->SetLongArrayRegion(env, info, 0, CONSTANT(INFO_LONGS), fields);
    }
    return handle_or_status(mapped, error.status);
}

JNIEXPORT jint JNICALL Java_dev_corral_internal_MappedNatives_chunks(JNIEnv *env, jclass type, jlong handle,
                                                                     jlongArray places, jintArray used) {
    (void)type;
    const MappedArena *mapped = mapped_of(handle);
    const void *base = NULL;
    size_t bytes = 0;
    for (jsize i = 0; mapped_chunk(mapped, (size_t)i, &base, &bytes) == CORRAL_OK; i++) {
        jlong place = (jlong)((uintptr_t)base - (uintptr_t)mapped_content(mapped));
        jint size = (jint)bytes;
        (*env)->SetLongArrayRegion(env, places, i, 1, &place);
        (*env)->SetIntArrayRegion(env, used, i, 1, &size);
    }
    return CORRAL_OK;
}

JNIEXPORT jint JNICALL Java_dev_corral_internal_MappedNatives_check(JNIEnv *env, jclass type, jlong handle,
                                                                    jbyteArray message) {
    (void)type;
    MappedError error = {.status = CORRAL_OK};
    CorralStatus status = mapped_check(mapped_of(handle), &error);
    tell(env, message, &error);
    return (jint)status;
}

JNIEXPORT jint JNICALL Java_dev_corral_internal_MappedNatives_close(JNIEnv *env, jclass type, jlong handle) {
    (void)env;
    (void)type;
    return (jint)mapped_end(mapped_of(handle));
}
