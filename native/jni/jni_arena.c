/* SPDX-License-Identifier: Apache-2.0
 * jni_arena.c - dev.corral.internal.ArenaNatives: unpack, call, return.
 * Layer: jni. May include: every layer. The header is written by javac, so a wrong signature does not compile. */
#include "arena/arena_event_log.h"
#include "arena/arena_parts.h"
#include "dev_corral_internal_ArenaNatives.h"
#include "dev_corral_internal_ConfigFields.h"
#include "jni_parts.h"

static_assert(sizeof(ArenaStats) == (12 + ARENA_GROWTH_BINS) * sizeof(jlong),
              "Java reads the statistics as longs, in order");

#define FIELD(fields, name) ((fields)[dev_corral_internal_ConfigFields_##name])

ArenaConfig jni_arena_config(const jlong *fields) {
    Arena *parent = arena_of(FIELD(fields, PARENT));
    size_t limit = size_of(FIELD(fields, LIMIT)); /* -1 is SIZE_MAX: none */
    ArenaConfig config = parent != NULL ? arena_config_child(parent, limit) : arena_config_default();
    config.limit = limit;
    if (parent == NULL || FIELD(fields, INITIAL_SIZE) != 0) {
        config.initial_size = size_of(FIELD(fields, INITIAL_SIZE));
        config.maximum_size = size_of(FIELD(fields, MAXIMUM_SIZE));
        config.fixed = FIELD(fields, FIXED) != 0;
    }
    if (parent == NULL || FIELD(fields, ALIGNMENT) != 0) {
        config.alignment = size_of(FIELD(fields, ALIGNMENT));
    }
    config.zeroed = config.zeroed || FIELD(fields, ZEROED) != 0;
    if (FIELD(fields, RETAIN) != -1) {
        config.retain = size_of(FIELD(fields, RETAIN));
    }
    if (FIELD(fields, EXHAUSTED) != 0) {
        config.exhausted = (ArenaExhausted)(FIELD(fields, EXHAUSTED) - 1);
    }
    config.debug = config.debug || FIELD(fields, DEBUG) != 0;
    config.report = jni_collect_report;
    return config;
}

JNIEXPORT jlong JNICALL Java_dev_corral_internal_ArenaNatives_create(JNIEnv *env, jclass type, jlong pool,
                                                                     jlongArray config, jbyteArray name) {
    (void)type;
    jlong fields[dev_corral_internal_ConfigFields_LENGTH];
    (*env)->GetLongArrayRegion(env, config, 0, dev_corral_internal_ConfigFields_LENGTH, fields);
    if ((*env)->ExceptionCheck(env)) { /* the array is shorter: Java sees the exception */
        return 0;
    }
    char text[ARENA_NAME_MAX + 1];
    CorralStatus status = CORRAL_OK;
    ArenaConfig native = jni_arena_config(fields);
    native.name = name_from_java(env, name, text, sizeof text);
    native.status = &status;
    ArenaObserver observer;
    if (FIELD(fields, EVENT_LOG) != 0) {
        observer = event_log_observer((ArenaEventLog *)(uintptr_t)FIELD(fields, EVENT_LOG));
        native.observer = &observer;
    }
    Arena *arena = arena_create_with(pool_of(pool), &native); /* before `status` is read */
    if (arena != NULL) {
        arena_slot_hold(arena); /* until Java says that its object cannot be used any more */
    }
    return handle_or_status(arena, status);
}

JNIEXPORT jint JNICALL Java_dev_corral_internal_ArenaNatives_destroy(JNIEnv *env, jclass type, jlong arena) {
    (void)env;
    (void)type;
    CorralStatus status = arena_destroy(arena_of(arena));
    if (!arena_is_valid(arena_of(arena))) {
        arena_slot_let_go(arena_of(arena));
    }
    return (jint)status;
}

JNIEXPORT jlong JNICALL Java_dev_corral_internal_ArenaNatives_allocate(JNIEnv *env, jclass type, jlong arena,
                                                                       jlong size, jlong alignment) {
    (void)env;
    (void)type;
    return (jlong)arena_alloc_ref(arena_of(arena), size_of(size), size_of(alignment));
}

JNIEXPORT jint JNICALL Java_dev_corral_internal_ArenaNatives_lastStatus(JNIEnv *env, jclass type, jlong arena) {
    (void)env;
    (void)type;
    return (jint)arena_last_status(arena_of(arena));
}

JNIEXPORT jint JNICALL Java_dev_corral_internal_ArenaNatives_reset(JNIEnv *env, jclass type, jlong arena) {
    (void)env;
    (void)type;
    CorralStatus status = arena_reset(arena_of(arena));
    bool rearranged = status == CORRAL_OK && arena_of(arena)->rearranged;
    return rearranged ? dev_corral_internal_ArenaNatives_REARRANGED : (jint)status;
}

JNIEXPORT jint JNICALL Java_dev_corral_internal_ArenaNatives_clear(JNIEnv *env, jclass type, jlong arena) {
    (void)env;
    (void)type;
    return (jint)arena_clear(arena_of(arena));
}

JNIEXPORT jlong JNICALL Java_dev_corral_internal_ArenaNatives_beginAnew(JNIEnv *env, jclass type, jlong arena,
                                                                        jboolean keep_chunks) {
    (void)env;
    (void)type;
    uint64_t used = 0;
    if (!arena_begin_anew(arena_of(arena), keep_chunks != JNI_FALSE, &used)) {
        return dev_corral_internal_ArenaNatives_NOT_SIMPLE;
    }
    bool rearranged = keep_chunks == JNI_FALSE || arena_of(arena)->rearranged;
    return (jlong)(used << 1) | (rearranged ? 1 : 0);
}

JNIEXPORT jlong JNICALL Java_dev_corral_internal_ArenaNatives_mark(JNIEnv *env, jclass type, jlong arena) {
    (void)env;
    (void)type;
    return (jlong)arena_mark(arena_of(arena)).id;
}

JNIEXPORT jint JNICALL Java_dev_corral_internal_ArenaNatives_rewind(JNIEnv *env, jclass type, jlong arena, jlong mark) {
    (void)env;
    (void)type;
    return (jint)arena_rewind(arena_of(arena), (ArenaMark){.arena = arena_of(arena), .id = (uint64_t)mark});
}

JNIEXPORT jint JNICALL Java_dev_corral_internal_ArenaNatives_checkMark(JNIEnv *env, jclass type, jlong arena,
                                                                       jlong mark) {
    (void)env;
    (void)type;
    return (jint)arena_mark_check(arena_of(arena), (ArenaMark){.arena = arena_of(arena), .id = (uint64_t)mark});
}

JNIEXPORT jlong JNICALL Java_dev_corral_internal_ArenaNatives_openScope(JNIEnv *env, jclass type, jlong arena) {
    (void)env;
    (void)type;
    return (jlong)arena_open_scope(arena_of(arena)).id;
}

JNIEXPORT jint JNICALL Java_dev_corral_internal_ArenaNatives_closeScope(JNIEnv *env, jclass type, jlong arena,
                                                                        jlong scope) {
    (void)env;
    (void)type;
    return (jint)arena_close_scope(arena_of(arena), (ArenaMark){.arena = arena_of(arena), .id = (uint64_t)scope});
}

JNIEXPORT jlong JNICALL Java_dev_corral_internal_ArenaNatives_chunkBase(JNIEnv *env, jclass type, jlong arena,
                                                                        jint chunk) {
    (void)env;
    (void)type;
    void *base = NULL;
    size_t capacity;
    size_t used;
    arena_chunk(arena_of(arena), (size_t)(uint32_t)chunk, &base, &capacity, &used);
    return handle_of(base);
}

JNIEXPORT jlong JNICALL Java_dev_corral_internal_ArenaNatives_chunkCapacity(JNIEnv *env, jclass type, jlong arena,
                                                                            jint chunk) {
    (void)env;
    (void)type;
    void *base;
    size_t capacity = 0;
    size_t used;
    arena_chunk(arena_of(arena), (size_t)(uint32_t)chunk, &base, &capacity, &used);
    return (jlong)capacity;
}

JNIEXPORT jint JNICALL Java_dev_corral_internal_ArenaNatives_place(JNIEnv *env, jclass type, jlong arena, jint chunk,
                                                                   jlong base, jint capacity) {
    (void)env;
    (void)type;
    const Arena *of = arena_of(arena);
    uint32_t index = (uint32_t)chunk;
    if (!arena_is_valid(of) || index >= of->chunk_count || !chunk_is_entered(of, index)) {
        return 0;
    }
    const ArenaChunk *found = &of->chunks[index];
    jint place = (jint)found->position + 1;
    return found->base == (uint64_t)base && found->capacity == (uint32_t)capacity ? place : -place;
}

JNIEXPORT jint JNICALL Java_dev_corral_internal_ArenaNatives_stats(JNIEnv *env, jclass type, jlong arena,
                                                                   jlongArray into) {
    (void)type;
    ArenaStats stats;
    CorralStatus status = arena_stats(arena_of(arena), &stats);
    (*env)->SetLongArrayRegion(env, into, 0, (jsize)(sizeof stats / sizeof(jlong)), (const jlong *)&stats);
    return (jint)status;
}

static_assert(dev_corral_internal_ArenaNatives_TABLE_MAX == ARENA_TABLE_MAX, "Java makes room for any table");

JNIEXPORT jint JNICALL Java_dev_corral_internal_ArenaNatives_statsTable(JNIEnv *env, jclass type, jlong arena,
                                                                        jbyteArray into) {
    (void)type;
    char text[ARENA_TABLE_MAX];
    jsize length = (jsize)arena_stats_text(arena_of(arena), text, sizeof text);
    (*env)->SetByteArrayRegion(env, into, 0, length, (const jbyte *)text);
    return (jint)length;
}

JNIEXPORT jint JNICALL Java_dev_corral_internal_ArenaNatives_check(JNIEnv *env, jclass type, jlong arena) {
    (void)env;
    (void)type;
    return (jint)arena_check(arena_of(arena));
}

JNIEXPORT jlong JNICALL Java_dev_corral_internal_ArenaNatives_ref(JNIEnv *env, jclass type, jlong arena,
                                                                  jlong address) {
    (void)env;
    (void)type;
    return (jlong)arena_ref(arena_of(arena), (const void *)(uintptr_t)address);
}

JNIEXPORT jlong JNICALL Java_dev_corral_internal_ArenaNatives_resolve(JNIEnv *env, jclass type, jlong arena,
                                                                      jlong ref) {
    (void)env;
    (void)type;
    return handle_of(arena_resolve(arena_of(arena), (ArenaRef)ref));
}
