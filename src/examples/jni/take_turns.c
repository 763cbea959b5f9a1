/* SPDX-License-Identifier: Apache-2.0
 * take_turns.c - the C side of TakeTurns.java: allocates from the arena that Java allocates from. */
#include <corral/arena.h>
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
