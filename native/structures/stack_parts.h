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

#endif
