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

/* After the last frame was popped: gives back what fell back, and what remembered deep frames. Does nothing while a frame
 * is open. As arena_clear(). */
CorralStatus stack_settle(StackAllocator *stack);

#endif
