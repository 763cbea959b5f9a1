/* SPDX-License-Identifier: Apache-2.0
 * take_turns.c - the C side of TakeTurns.java: allocates from the arena that Java allocates from, interns names where
 * Java does, borrows from Java's recycler, and reads the file that Java has opened. */
#include <corral/arena_recycler.h>
#include <corral/lifetimes.h>
#include <corral/mapped_arena.h>
#include <jni.h>

typedef struct Node {
    ArenaRef previous;
    int64_t value;
} Node;

static Arena *arena_of(jlong handle) {
    return (Arena *)(uintptr_t)handle;
}

JNIEXPORT jlong JNICALL Java_dev_corral_examples_TakeTurns_addInC(JNIEnv *env, jclass type, jlong handle,
                                                                  jlong previous, jlong value) {
    (void)env;
    (void)type;
    Node *node = arena_alloc(arena_of(handle), sizeof *node);
    if (node == NULL) {
        return 0;
    }
    *node = (Node){.previous = (ArenaRef)previous, .value = value};
    return (jlong)arena_ref(arena_of(handle), node);
}

JNIEXPORT jlong JNICALL Java_dev_corral_examples_TakeTurns_sumInC(JNIEnv *env, jclass type, jlong handle, jlong list) {
    (void)env;
    (void)type;
    jlong sum = 0;
    const Node *node = arena_resolve(arena_of(handle), (ArenaRef)list);
    while (node != NULL) {
        sum += node->value;
        node = node->previous != 0 ? arena_resolve(arena_of(handle), node->previous) : NULL;
    }
    return sum;
}

JNIEXPORT jlong JNICALL Java_dev_corral_examples_TakeTurns_sumSealedInC(JNIEnv *env, jclass type, jlong handle) {
    (void)env;
    (void)type;
    const MappedArena *mapped = (const MappedArena *)(uintptr_t)handle;
    jlong sum = 0;
    const Node *node = mapped_resolve(mapped, mapped_root(mapped), sizeof *node);
    for (; node != NULL; node = mapped_resolve(mapped, node->previous, sizeof *node)) {
        sum += node->value;
    }
    return sum;
}

JNIEXPORT jlong JNICALL Java_dev_corral_examples_TakeTurns_internInC(JNIEnv *env, jclass type, jlong handle,
                                                                     jbyteArray name) {
    (void)type;
    Lifetimes *lifetimes = (Lifetimes *)(uintptr_t)handle;
    char text[64];
    jsize length = (*env)->GetArrayLength(env, name);
    if (length > (jsize)sizeof text || lifetimes_alloc(lifetimes, LIFETIME_UNIT, (size_t)length) == NULL) {
        return 0;
    }
    (*env)->GetByteArrayRegion(env, name, 0, length, (jbyte *)text);
    const char *interned = lifetimes_intern(lifetimes, text, (size_t)length);
    return (jlong)arena_ref(lifetimes_arena(lifetimes, LIFETIME_PROCESS), interned);
}

JNIEXPORT jboolean JNICALL Java_dev_corral_examples_TakeTurns_endUnitInC(JNIEnv *env, jclass type, jlong handle) {
    (void)env;
    (void)type;
    return lifetimes_end_unit((Lifetimes *)(uintptr_t)handle) == CORRAL_OK;
}

JNIEXPORT jboolean JNICALL Java_dev_corral_examples_TakeTurns_serveInC(JNIEnv *env, jclass type, jlong handle,
                                                                       jint bytes) {
    (void)env;
    (void)type;
    ArenaRecycler *recycler = (ArenaRecycler *)(uintptr_t)handle;
    Arena *arena;
    if (recycler_borrow(recycler, &arena) != CORRAL_OK) {
        return JNI_FALSE;
    }
    const void *answer = arena_alloc(arena, (size_t)bytes);
    return recycler_return(recycler, arena) == CORRAL_OK && answer != NULL;
}
