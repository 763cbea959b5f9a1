/* SPDX-License-Identifier: Apache-2.0
 * peer_obstack.c - glibc's obstack: chunks of 4 KiB, alignment 16. */
#include <obstack.h>
#include <stdlib.h>

#include "peers.h"

#define obstack_chunk_alloc malloc
#define obstack_chunk_free free

typedef struct Stack {
    struct obstack obstack;
    void *first;
} Stack;

static void *open_stack(void) {
    Stack *stack = or_die(malloc(sizeof *stack));
    obstack_init(&stack->obstack);
    stack->first = obstack_alloc(&stack->obstack, 0);
    return stack;
}

static inline void fill_as(void *context, const Trace *trace, bool whole) {
    struct obstack *stack = &((Stack *)context)->obstack;
    const uint32_t *sizes = trace->sizes;
    const size_t count = trace->block_count;
    for (size_t i = 0; i < count; i++) {
        unsigned char *block = obstack_alloc(stack, (int)sizes[i]);
        bench_write(block, sizes[i], whole);
    }
}

static void fill(void *context, const Trace *trace) {
    fill_as(context, trace, false);
}

static void write_all(void *context, const Trace *trace) {
    fill_as(context, trace, true);
}

static void take_back(void *context) {
    Stack *stack = context;
    obstack_free(&stack->obstack, stack->first);
}

static void *allocate(void *context, size_t size) {
    return obstack_alloc(&((Stack *)context)->obstack, (int)size);
}

const ArenaPeer peer_obstack = {"obstack", open_stack, fill, write_all, take_back, allocate, NULL};
