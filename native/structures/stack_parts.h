/* SPDX-License-Identifier: Apache-2.0
 * stack_parts.h - what jni needs of stacks.
 * Layer: structures (private to the library). May include: arena.h, stack_allocator.h. Threads: the owner. */
#ifndef CORRAL_STACK_PARTS_H
#define CORRAL_STACK_PARTS_H

#include "corral/stack_allocator.h"

/* The role of an arena that is a stack. */
#define STACK_ROLE UINT32_C(0x57AC)

/* Makes a new arena a stack: of what jni has made as the arena's options say. CORRAL_OK or CORRAL_INVALID_ARENA. */
CorralStatus stack_adopt(Arena *arena);

/* True when no frame is open, and what fell back or what remembered deep frames is still there: arena_clear() of the
 * stack's arena gives it back. */
bool stack_must_settle(const StackAllocator *stack);

/* Id of the last frame, scope or mark that is open; 0: none is, or it is no stack. */
uint64_t stack_top(const StackAllocator *stack);

/* How far a stack's current chunk is used. */
typedef struct StackPlace {
    uint32_t offset; /* bytes */
    uint32_t count;  /* blocks of the arena */
} StackPlace;

/* Takes over a state that Java has kept (dev.corral.QuickFrames): how far the chunk is used now, and was at most (bytes),
 * and that so many frames are open inside the marks that C knows. They become marks of the present point; nothing has
 * to be allocated, as Java keeps no deeper ones than an arena has marks inline. The arena is not tied, and the chunk is
 * the one in which Java began. Returns the id of the first frame; 0, and nothing happened: the arena is destroyed, or there
 * are more frames than it has marks inline. */
uint64_t stack_settle(Arena *arena, StackPlace place, uint32_t peak, uint32_t frames);

/* Says where one of these frames began, which only its owner knows, before it is popped. Nothing happens when it is
 * over. */
void stack_narrow(Arena *arena, uint64_t id, StackPlace place);

#endif
