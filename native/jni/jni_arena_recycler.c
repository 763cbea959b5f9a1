/* SPDX-License-Identifier: Apache-2.0
 * jni_arena_recycler.c - dev.corral.internal.ArenaRecyclerNatives: unpack, call, return.
 * Layer: jni. May include: every layer. The header is written by javac, so a wrong signature does not compile. */
#include "arena/arena_parts.h"
#include "dev_corral_internal_ArenaRecyclerNatives.h"
#include "dev_corral_internal_ConfigFields.h"
#include "jni_parts.h"
#include "structures/arena_recycler_parts.h"

#define CONSTANT(name) dev_corral_internal_ArenaRecyclerNatives_##name

static_assert(sizeof(RecyclerStats) == CONSTANT(STATS_LONGS) * sizeof(jlong),
              "Java reads the statistics as longs, in order");
static_assert(CONSTANT(KEPT_MAX) == RECYCLER_KEPT_MAX, "the largest number of idle arenas");
static_assert((int)CORRAL_DAMAGED < CONSTANT(KEPT), "a status and two flags fit in one number");

static ArenaRecycler *recycler_of(jlong handle) {
    return (ArenaRecycler *)(uintptr_t)handle;
}

JNIEXPORT jlong JNICALL Java_dev_corral_internal_ArenaRecyclerNatives_create(JNIEnv *env, jclass type, jlong pool,
                                                                             jlongArray config, jbyteArray name,
                                                                             jint kept, jlong kept_bytes,
                                                                             jint percentile) {
    (void)type;
    jlong fields[dev_corral_internal_ConfigFields_LENGTH];
    (*env)->GetLongArrayRegion(env, config, 0, dev_corral_internal_ConfigFields_LENGTH, fields);
    if ((*env)->ExceptionCheck(env)) { /* the array is shorter: Java sees the exception */
        return 0;
    }
    char text[ARENA_NAME_MAX + 1];
    CorralStatus status = CORRAL_OK;
    RecyclerConfig native = recycler_config_default();
    native.arena = jni_arena_config(fields);
    native.arena.name = name_from_java(env, name, text, sizeof text);
    native.kept_max = (size_t)(uint32_t)kept;
    native.kept_bytes_max = size_of(kept_bytes);
    native.percentile = (unsigned)percentile;
    native.status = &status;
    ArenaRecycler *recycler = recycler_create_with(pool_of(pool), &native); /* before `status` is read */
    if (recycler != NULL) {
        recycler_hold(recycler);
    }
    return handle_or_status(recycler, status);
}

JNIEXPORT jint JNICALL Java_dev_corral_internal_ArenaRecyclerNatives_destroy(JNIEnv *env, jclass type, jlong recycler) {
    (void)env;
    (void)type;
    return (jint)recycler_end(recycler_of(recycler));
}

JNIEXPORT jlong JNICALL Java_dev_corral_internal_ArenaRecyclerNatives_borrow(JNIEnv *env, jclass type, jlong recycler) {
    (void)env;
    (void)type;
    Arena *arena = NULL;
    CorralStatus status = recycler_borrow_held(recycler_of(recycler), &arena);
    return handle_or_status(arena, status);
}

JNIEXPORT jint JNICALL Java_dev_corral_internal_ArenaRecyclerNatives_giveBack(JNIEnv *env, jclass type, jlong recycler,
                                                                              jlong arena) {
    (void)env;
    (void)type;
    GivenBack given = {0};
    CorralStatus status = recycler_give_back(recycler_of(recycler), arena_of(arena), &given);
    if (status == CORRAL_INVALID_ARENA) { /* C has destroyed it, and nobody else has the slot yet */
        arena_slot_let_go(arena_of(arena));
    }
    return (jint)status | (given.kept ? CONSTANT(KEPT) : 0) | (given.same_chunks ? CONSTANT(SAME_CHUNKS) : 0);
}

JNIEXPORT jlong JNICALL Java_dev_corral_internal_ArenaRecyclerNatives_addUses(JNIEnv *env, jclass type, jlong recycler,
                                                                              jlongArray uses, jint count) {
    (void)type;
    uint64_t bytes[CONSTANT(USES_MAX)];
    (*env)->GetLongArrayRegion(env, uses, 0, count, (jlong *)bytes);
    if ((*env)->ExceptionCheck(env)) { /* more than the array has: Java sees the exception */
        return 0;
    }
    uint64_t justified = recycler_add_uses(recycler_of(recycler), bytes, (size_t)count);
    return justified < INT64_MAX ? (jlong)justified : INT64_MAX;
}

JNIEXPORT jint JNICALL Java_dev_corral_internal_ArenaRecyclerNatives_returnArena(JNIEnv *env, jclass type,
                                                                                 jlong recycler, jlong arena) {
    (void)env;
    (void)type;
    return (jint)recycler_return(recycler_of(recycler), arena_of(arena));
}

JNIEXPORT jlong JNICALL Java_dev_corral_internal_ArenaRecyclerNatives_trim(JNIEnv *env, jclass type, jlong recycler,
                                                                           jlong keep_bytes) {
    (void)env;
    (void)type;
    return (jlong)recycler_trim(recycler_of(recycler), size_of(keep_bytes));
}

JNIEXPORT jint JNICALL Java_dev_corral_internal_ArenaRecyclerNatives_stats(JNIEnv *env, jclass type, jlong recycler,
                                                                           jlongArray into) {
    (void)type;
    RecyclerStats stats;
    CorralStatus status = recycler_stats(recycler_of(recycler), &stats);
    (*env)->SetLongArrayRegion(env, into, 0, CONSTANT(STATS_LONGS), (const jlong *)&stats);
    return (jint)status;
}

JNIEXPORT jint JNICALL Java_dev_corral_internal_ArenaRecyclerNatives_check(JNIEnv *env, jclass type, jlong recycler) {
    (void)env;
    (void)type;
    return (jint)recycler_check(recycler_of(recycler));
}
