/* SPDX-License-Identifier: Apache-2.0
 * jni_pool.c - dev.corral.internal.PoolNatives: unpack, call, return.
 * Layer: jni. May include: every layer. The header is written by javac, so a wrong signature does not compile. */
#include "corral/pool_report.h"
#include "dev_corral_internal_PoolFields.h"
#include "dev_corral_internal_PoolNatives.h"
#include "jni_parts.h"
#include "mempool/pool_extension.h"

static_assert(sizeof(PoolStats) == 16 * sizeof(jlong), "Java reads the statistics as longs, in order");

#define FIELD(fields, name) ((fields)[dev_corral_internal_PoolFields_##name])

static PoolConfig config_from_java(const jlong *fields) {
    PoolConfig config = pool_config_default();
    if (FIELD(fields, SOURCE) != 0) {
        config.source = (const PageSource *)(uintptr_t)FIELD(fields, SOURCE);
    }
    config.limit = size_of(FIELD(fields, LIMIT)); /* -1 is SIZE_MAX: none */
    config.retain = FIELD(fields, RETAIN) < 0 ? POOL_RETAIN_DEFAULT : size_of(FIELD(fields, RETAIN));
    config.quarantine = FIELD(fields, QUARANTINE) != 0;
    config.exact_frees = true; /* Java threads may race to free one block, and nothing may come of that */
    config.decay_ms = FIELD(fields, DECAY) < 0 ? POOL_DECAY_DEFAULT : (uint64_t)FIELD(fields, DECAY);
    config.debug = FIELD(fields, DEBUG) != 0;
    config.report = config.debug ? jni_collect_line : NULL;
    return config;
}

JNIEXPORT jlong JNICALL Java_dev_corral_internal_PoolNatives_create(JNIEnv *env, jclass type, jlongArray fields,
                                                                    jbyteArray name) {
    (void)type;
    jlong values[dev_corral_internal_PoolFields_LENGTH];
    (*env)->GetLongArrayRegion(env, fields, 0, dev_corral_internal_PoolFields_LENGTH, values);
    if ((*env)->ExceptionCheck(env)) { /* the array is shorter: Java sees the exception */
        return 0;
    }
    char text[POOL_NAME_MAX + 1];
    CorralStatus status = CORRAL_OK;
    PoolConfig config = config_from_java(values);
    if (name != NULL) {
        config.name = name_from_java(env, name, text, sizeof text);
    }
    config.status = &status;
    const Pool *pool = pool_create_with(&config); /* before `status` is read */
    return handle_or_status(pool, status);
}

JNIEXPORT jint JNICALL Java_dev_corral_internal_PoolNatives_destroy(JNIEnv *env, jclass type, jlong pool) {
    (void)env;
    (void)type;
    return (jint)pool_destroy(pool_of(pool));
}

JNIEXPORT jint JNICALL Java_dev_corral_internal_PoolNatives_abandon(JNIEnv *env, jclass type, jlong pool) {
    (void)env;
    (void)type;
    return (jint)pool_abandon(pool_of(pool));
}

JNIEXPORT jlong JNICALL Java_dev_corral_internal_PoolNatives_allocate(JNIEnv *env, jclass type, jlong pool,
                                                                      jlong size) {
    (void)env;
    (void)type;
    void *block = NULL;
    CorralStatus status = pool_acquire(pool_of(pool), size_of(size), POOL_ALIGNMENT, &block);
    return handle_or_status(block, status);
}

JNIEXPORT jint JNICALL Java_dev_corral_internal_PoolNatives_free(JNIEnv *env, jclass type, jlong pool, jlong block) {
    (void)env;
    (void)type;
    return (jint)pool_free(pool_of(pool), (void *)(uintptr_t)block);
}

JNIEXPORT jlong JNICALL Java_dev_corral_internal_PoolNatives_trim(JNIEnv *env, jclass type, jlong pool,
                                                                  jlong keep_bytes) {
    (void)env;
    (void)type;
    return (jlong)pool_trim(pool_of(pool), size_of(keep_bytes));
}

JNIEXPORT jint JNICALL Java_dev_corral_internal_PoolNatives_stats(JNIEnv *env, jclass type, jlong pool,
                                                                  jlongArray into) {
    (void)type;
    PoolStats stats;
    CorralStatus status = pool_stats(pool_of(pool), &stats);
    (*env)->SetLongArrayRegion(env, into, 0, (jsize)(sizeof stats / sizeof(jlong)), (const jlong *)&stats);
    return (jint)status;
}

static_assert(dev_corral_internal_PoolNatives_TABLE_MAX == POOL_TABLE_MAX, "Java makes room for any table");

JNIEXPORT jint JNICALL Java_dev_corral_internal_PoolNatives_statsTable(JNIEnv *env, jclass type, jlong pool,
                                                                       jbyteArray into) {
    (void)type;
    char text[POOL_TABLE_MAX];
    jsize length = (jsize)pool_stats_text(pool_of(pool), text, sizeof text);
    (*env)->SetByteArrayRegion(env, into, 0, length, (const jbyte *)text);
    return (jint)length;
}

JNIEXPORT jint JNICALL Java_dev_corral_internal_PoolNatives_check(JNIEnv *env, jclass type, jlong pool) {
    (void)env;
    (void)type;
    return (jint)pool_check(pool_of(pool));
}

JNIEXPORT jlong JNICALL Java_dev_corral_internal_PoolNatives_pin(JNIEnv *env, jclass type, jlong pool, jlong block) {
    (void)env;
    (void)type;
    void *pin = NULL;
    pool_pin(pool_of(pool), (const void *)(uintptr_t)block, &pin);
    return handle_of(pin);
}

JNIEXPORT jint JNICALL Java_dev_corral_internal_PoolNatives_hold(JNIEnv *env, jclass type, jlong pool, jlong block) {
    (void)env;
    (void)type;
    return (jint)pool_hold(pool_of(pool), (const void *)(uintptr_t)block);
}

JNIEXPORT void JNICALL Java_dev_corral_internal_PoolNatives_letGo(JNIEnv *env, jclass type, jlong pool, jlong block) {
    (void)env;
    (void)type;
    pool_let_go(pool_of(pool), (void *)(uintptr_t)block);
}

JNIEXPORT jboolean JNICALL Java_dev_corral_internal_PoolNatives_isLive(JNIEnv *env, jclass type, jlong pool,
                                                                       jlong block) {
    (void)env;
    (void)type;
    return pool_block_is_live(pool_of(pool), (const void *)(uintptr_t)block) ? JNI_TRUE : JNI_FALSE;
}

JNIEXPORT void JNICALL Java_dev_corral_internal_PoolNatives_unpin(JNIEnv *env, jclass type, jlong pool, jlong pin) {
    (void)env;
    (void)type;
    pool_unpin(pool_of(pool), (void *)(uintptr_t)pin);
}

JNIEXPORT jobject JNICALL Java_dev_corral_internal_PoolNatives_wrap(JNIEnv *env, jclass type, jlong address,
                                                                    jlong capacity) {
    (void)type;
    return (*env)->NewDirectByteBuffer(env, (void *)(uintptr_t)address, capacity);
}
