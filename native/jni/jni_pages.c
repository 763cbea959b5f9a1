/* SPDX-License-Identifier: Apache-2.0
 * jni_pages.c - dev.corral.internal.PageSourceNatives: unpack, call, return.
 * Layer: jni. May include: every layer. The header is written by javac, so a wrong signature does not compile. */
#include "corral/page_sources.h"
#include "dev_corral_internal_PageSourceNatives.h"
#include "jni_parts.h"

#define KIND(name) dev_corral_internal_PageSourceNatives_##name

static_assert(sizeof(((PageSourceError *)NULL)->text) == KIND(MESSAGE_BYTES), "Java has room for the whole text");

static PageSource *open_file(JNIEnv *env, jbyteArray path, PageSourceError *error) {
    jbyte *name = (*env)->GetByteArrayElements(env, path, NULL);
    if (name == NULL) { /* the exception is pending */
        error->status = CORRAL_NO_MEMORY;
        return NULL;
    }
    PageSource *source = page_source_file((const char *)name, false, error);
    (*env)->ReleaseByteArrayElements(env, path, name, JNI_ABORT);
    return source;
}

static PageSource *open_source(JNIEnv *env, jint kind, jlong number, jbyteArray path, jobject memory,
                               PageSourceError *error) {
    switch (kind) {
    case KIND(HUGE_ADVISED):
        return page_source_huge_pages(HUGE_PAGES_ADVISED, error);
    case KIND(HUGE_PREFERRED):
        return page_source_huge_pages(HUGE_PAGES_PREFERRED, error);
    case KIND(HUGE_REQUIRED):
        return page_source_huge_pages(HUGE_PAGES_REQUIRED, error);
    case KIND(NUMA_NODE):
        return page_source_numa_node((unsigned)number, error);
    case KIND(NUMA_INTERLEAVED):
        return page_source_numa_interleave(error);
    case KIND(FILE):
        return open_file(env, path, error);
    case KIND(RANGE):
        return page_source_range((*env)->GetDirectBufferAddress(env, memory), size_of(number), NULL, NULL, error);
    case KIND(GUARDED):
        return page_source_guarded(error);
    default:
        error->status = CORRAL_INVALID_ARGUMENT;
        return NULL;
    }
}

JNIEXPORT jlong JNICALL Java_dev_corral_internal_PageSourceNatives_open(JNIEnv *env, jclass type, jint kind,
                                                                        jlong number, jbyteArray path, jobject memory,
                                                                        jbyteArray message) {
    (void)type;
    PageSourceError error = {.status = CORRAL_OK};
    const PageSource *source = open_source(env, kind, number, path, memory, &error);
    if (source == NULL && !(*env)->ExceptionCheck(env)) {
        (*env)->SetByteArrayRegion(env, message, 0, KIND(MESSAGE_BYTES), (const jbyte *)error.text);
    }
    return handle_or_status(source, error.status);
}

JNIEXPORT void JNICALL Java_dev_corral_internal_PageSourceNatives_close(JNIEnv *env, jclass type, jlong source) {
    (void)env;
    (void)type;
    page_source_close((PageSource *)(uintptr_t)source);
}

JNIEXPORT jlong JNICALL Java_dev_corral_internal_PageSourceNatives_addressOf(JNIEnv *env, jclass type, jobject memory) {
    (void)type;
    return handle_of((*env)->GetDirectBufferAddress(env, memory));
}
