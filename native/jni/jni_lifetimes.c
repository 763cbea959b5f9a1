/* SPDX-License-Identifier: Apache-2.0
 * jni_lifetimes.c - dev.corral.internal.LifetimesNatives: unpack, call, return.
 * Layer: jni. May include: every layer. The header is written by javac, so a wrong signature does not compile. */
#include "dev_corral_internal_LifetimesNatives.h"
#include "jni_parts.h"
#include "structures/lifetimes_parts.h"

#define CONSTANT(name) dev_corral_internal_LifetimesNatives_##name

static_assert(sizeof(LifetimesStats) == CONSTANT(STATS_LONGS) * sizeof(jlong), "Java reads them as longs, in order");
static_assert(sizeof(LifetimeKindStats) == CONSTANT(KIND_LONGS) * sizeof(jlong), "Java reads them as longs, in order");
static_assert(CONSTANT(TABLE_MAX) == LIFETIMES_TABLE_MAX, "Java makes room for any table");

static Lifetimes *lifetimes_of(jlong handle) {
    return (Lifetimes *)(uintptr_t)handle;
}

JNIEXPORT jlong JNICALL Java_dev_corral_internal_LifetimesNatives_create(JNIEnv *env, jclass type, jlong pool,
                                                                         jbyteArray name, jlong process, jlong unit) {
    (void)type;
    char text[ARENA_NAME_MAX + 1];
    CorralStatus status = CORRAL_OK;
    LifetimesConfig config = lifetimes_config_default();
    config.name = name_from_java(env, name, text, sizeof text);
    config.given_pool = pool_of(pool);
    config.given_process = arena_of(process);
    config.given_unit = arena_of(unit);
    config.status = &status;
    const Lifetimes *lifetimes = lifetimes_create_with(&config); /* before `status` is read */
    return handle_or_status(lifetimes, status);
}

JNIEXPORT jint JNICALL Java_dev_corral_internal_LifetimesNatives_destroy(JNIEnv *env, jclass type, jlong lifetimes) {
    (void)env;
    (void)type;
    return (jint)lifetimes_destroy(lifetimes_of(lifetimes));
}

JNIEXPORT jint JNICALL Java_dev_corral_internal_LifetimesNatives_kind(JNIEnv *env, jclass type, jlong lifetimes,
                                                                      jbyteArray name, jint rule) {
    (void)type;
    char text[LIFETIMES_KIND_NAME_MAX + 2]; /* one byte more than is allowed shows as too long */
    const char *kind = name_from_java(env, name, text, sizeof text);
    int number = lifetimes_kind(lifetimes_of(lifetimes), kind, (LifetimeRule)rule);
    return number >= 0 ? number : -(jint)lifetimes_last_status(lifetimes_of(lifetimes));
}

JNIEXPORT jint JNICALL Java_dev_corral_internal_LifetimesNatives_kindNamed(JNIEnv *env, jclass type, jlong lifetimes,
                                                                           jbyteArray name) {
    (void)type;
    char text[LIFETIMES_KIND_NAME_MAX + 2]; /* no kind has a name that fills it */
    return lifetimes_kind_named(lifetimes_of(lifetimes), name_from_java(env, name, text, sizeof text));
}

JNIEXPORT jint JNICALL Java_dev_corral_internal_LifetimesNatives_setContext(JNIEnv *env, jclass type, jlong lifetimes,
                                                                            jint context) {
    (void)env;
    (void)type;
    return (jint)lifetimes_set_context(lifetimes_of(lifetimes), (Lifetime)context);
}

JNIEXPORT jlong JNICALL Java_dev_corral_internal_LifetimesNatives_intern(JNIEnv *env, jclass type, jlong lifetimes,
                                                                         jbyteArray text) {
    (void)type;
    char small[256];
    jsize length = (*env)->GetArrayLength(env, text);
    jbyte *bytes = (jbyte *)small;
    if (length <= (jsize)sizeof small) {
        (*env)->GetByteArrayRegion(env, text, 0, length, bytes);
    } else {
        bytes = (*env)->GetByteArrayElements(env, text, NULL);
    }
    if (bytes == NULL) { /* Java sees the exception */
        return 0;
    }
    const char *interned = lifetimes_intern(lifetimes_of(lifetimes), (const char *)bytes, (size_t)length);
    if (length > (jsize)sizeof small) {
        (*env)->ReleaseByteArrayElements(env, text, bytes, JNI_ABORT);
    }
    if (interned == NULL) {
        return -(jlong)lifetimes_last_status(lifetimes_of(lifetimes));
    }
    return (jlong)arena_ref(lifetimes_arena(lifetimes_of(lifetimes), LIFETIME_PROCESS), interned);
}

JNIEXPORT jint JNICALL Java_dev_corral_internal_LifetimesNatives_stats(JNIEnv *env, jclass type, jlong lifetimes,
                                                                       jlongArray into) {
    (void)type;
    LifetimesStats stats;
    CorralStatus status = lifetimes_stats(lifetimes_of(lifetimes), &stats);
    (*env)->SetLongArrayRegion(env, into, 0, CONSTANT(STATS_LONGS), (const jlong *)&stats);
    return (jint)status;
}

JNIEXPORT jint JNICALL Java_dev_corral_internal_LifetimesNatives_kindStats(JNIEnv *env, jclass type, jlong lifetimes,
                                                                           jint kind, jlongArray into) {
    (void)type;
    LifetimeKindStats stats = {0};
    CorralStatus status = lifetimes_kind_stats(lifetimes_of(lifetimes), kind, &stats);
    (*env)->SetLongArrayRegion(env, into, 0, CONSTANT(KIND_LONGS), (const jlong *)&stats);
    return (jint)status;
}

JNIEXPORT jint JNICALL Java_dev_corral_internal_LifetimesNatives_text(JNIEnv *env, jclass type, jlong lifetimes,
                                                                      jbyteArray into) {
    (void)type;
    char text[LIFETIMES_TABLE_MAX];
    jsize length = (jsize)lifetimes_text(lifetimes_of(lifetimes), text, sizeof text);
    (*env)->SetByteArrayRegion(env, into, 0, length, (const jbyte *)text);
    return (jint)length;
}

JNIEXPORT jint JNICALL Java_dev_corral_internal_LifetimesNatives_check(JNIEnv *env, jclass type, jlong lifetimes) {
    (void)env;
    (void)type;
    return (jint)lifetimes_check(lifetimes_of(lifetimes));
}
