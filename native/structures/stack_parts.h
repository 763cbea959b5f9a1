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

/* When no frame is open: gives back what remembered deep frames. True when what fell back is still there, and nothing
 * that was not in a frame: arena_clear() of the stack's arena gives it back. */
bool stack_end_frames(StackAllocator *stack);

/* Id of the last frame, scope or mark that is open; 0: none is, or it is no stack. */
uint64_t stack_top(const StackAllocator *stack);

/* How far a stack's current chunk is used. */
typedef struct StackPlace {
    uint32_t offset; /* bytes */
    uint32_t count;  /* blocks of the arena */
} StackPlace;

/* Before Java keeps frames that are deeper than an arena has marks inline: makes room for the marks that `depth`
 * frames, scopes and marks are, which stack_settle() takes when they are fewer. CORRAL_OK, or nothing has happened:
 * CORRAL_NO_MEMORY, CORRAL_LIMIT_REACHED as arena_mark() says, CORRAL_INVALID_ARENA. Cost: 40 bytes of the pool for
 * each, of which there are twice as many as before at least. */
CorralStatus stack_reserve(Arena *arena, uint32_t depth);

/* Takes over a state that Java has kept (dev.corral.QuickFrames): how far the chunk is used now, and was at most
 * (bytes), and that so many frames are open inside the marks that C knows. They become marks of the present point,
 * inline again if they are few; nothing has to be allocated, as room is reserved for deeper ones. Nothing but that has
 * tied the arena, and the chunk is the one in which Java began. Returns the id of the first frame; 0, and nothing
 * happened: the arena is destroyed, or has no room for so many marks. Cost: O(frames). */
uint64_t stack_settle(Arena *arena, StackPlace place, uint32_t peak, uint32_t frames);

/* Says where one of these frames began, which only its owner knows, before it is popped. Nothing happens when it is
 * over. */
void stack_narrow(Arena *arena, uint64_t id, StackPlace place);

#endif
