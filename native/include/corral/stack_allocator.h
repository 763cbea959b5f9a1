/* SPDX-License-Identifier: Apache-2.0
 * stack_allocator.h - memory for what is needed until a function returns: frames, last in first out, over one block.
 * Layer: structures. May include: arena.h, mempool.h, status.h.
 *
 * A stack is an arena of one chunk whose frames are scopes: pushing notes where the arena stands, popping takes it back
 * there. Only the frame that was pushed last, and not popped, may allocate; popping one below it ends both.
 *
 * Threads: as an arena: one owner thread.
 * Errors:  a function that returns a pointer or reference returns NULL or 0 on failure, changes nothing then, and
 *          stack_last_status() says why. Every function refuses NULL, a destroyed stack, and what is none (other arenas
 *          too), with CORRAL_INVALID_ARENA, as long as the memory pool lives.
 * Memory:  a block belongs to its frame until the frame is popped, or until stack_destroy() or the end of an arena
 *          above. Contents are unspecified. */
#ifndef CORRAL_STACK_ALLOCATOR_H
#define CORRAL_STACK_ALLOCATOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "corral/arena.h"

#ifdef __cplusplus
extern "C" {
#endif

#define STACK_SIZE_DEFAULT ((size_t)64 << 10) /* bytes of the block */

typedef struct StackAllocator StackAllocator;

/* What happens to a request for which the block has no room. */
typedef enum StackOverflow {
    STACK_OVERFLOW_FAIL = 0,     /* it fails with CORRAL_STACK_FULL */
    STACK_OVERFLOW_GROW = 1,     /* the stack gets another block of its size, and keeps it */
    STACK_OVERFLOW_FALL_BACK = 2 /* it gets memory of the pool, which goes back with the last frame: see stack_pop() */
} StackOverflow;

/* Start from stack_config_default() and change what you need. */
typedef struct StackConfig {
    const char *name; /* copied, cut to ARENA_NAME_MAX bytes; shown in statistics */
    size_t size;      /* bytes of the block: 1 to ARENA_SIZE_LIMIT - ARENA_ALIGNMENT */
    StackOverflow overflow;
    Arena *parent;        /* the stack ends with this arena; NULL: with its pool */
    CorralStatus *status; /* receives why stack_create_with() returned NULL, or CORRAL_OK; NULL: not wanted */
} StackConfig;

/* A value: copy it, keep it, drop it. */
typedef struct StackFrame {
    StackAllocator *stack; /* NULL: no frame */
    uint64_t id;
} StackFrame;

/* --- lifecycle ---------------------------------------------------------------------------------------------------- */

/* STACK_SIZE_DEFAULT bytes, STACK_OVERFLOW_FAIL, name "stack". */
StackConfig stack_config_default(void);

/* Creates a stack over one block of `size` bytes, which is acquired now.
 * Owner: the caller, until stack_destroy() or pool_destroy(). NULL: the size is out of range, `pool` is none, or there
 *        is no memory. Cost: O(1). */
StackAllocator *stack_create(Pool *pool, size_t size);

/* As stack_create(), configured; NULL config: the defaults. With a parent, `pool` may be NULL, and the stack ends with
 * reset, clear or destroy of the parent at the latest. config->status tells why NULL was returned, as for
 * arena_create_with(). */
StackAllocator *stack_create_with(Pool *pool, const StackConfig *config);

/* Pops all frames and gives the memory back. CORRAL_OK or CORRAL_INVALID_ARENA, or CORRAL_RELEASING while a callback of
 * the stack's arena runs. Cost: O(blocks). */
CorralStatus stack_destroy(StackAllocator *stack);

/* --- frames ------------------------------------------------------------------------------------------------------- */

/* Begins a frame. On failure (CORRAL_NO_MEMORY, CORRAL_LIMIT_REACHED: 2^20 frames are open, CORRAL_INVALID_ARENA) the
 * result's stack is NULL. Cost: O(1); beyond a depth of 6, 40 bytes of the pool per frame. */
StackFrame stack_push(StackAllocator *stack);

/* Allocates `size` bytes in the frame, at a multiple of `alignment`: a power of two up to ARENA_ALIGNMENT_MAX (below
 * ARENA_ALIGNMENT means that). Zero bytes give a valid pointer that owns nothing.
 * Fails with CORRAL_STACK_FULL, CORRAL_NOT_TOP (a frame was pushed after this one and is open), CORRAL_STALE_MARK (the
 * frame was popped), CORRAL_BAD_ALIGNMENT, CORRAL_SIZE_LIMIT, CORRAL_NO_MEMORY, CORRAL_LIMIT_REACHED or
 * CORRAL_INVALID_ARENA. Cost: O(1). */
void *stack_alloc(StackFrame frame, size_t size, size_t alignment);

/* As stack_alloc(), and returns the reference of the block in stack_arena(). */
ArenaRef stack_alloc_ref(StackFrame frame, size_t size, size_t alignment);

/* Ends the frame and takes back what was allocated in it. CORRAL_OK; CORRAL_NOT_TOP: frames, scopes or marks that came
 * after it were still there, and have ended with it, so that one that somebody forgot does not stay; CORRAL_STALE_MARK
 * (it was popped already), CORRAL_RELEASING or CORRAL_INVALID_ARENA: nothing changed. What is in stack_arena() but in
 * no frame stays, blocks, children and callbacks; as long as there is such, so does what fell back, for the next ones.
 * Cost: O(1); O(blocks) when it was the last frame and something had fallen back. */
CorralStatus stack_pop(StackFrame frame);

/* --- about the stack ---------------------------------------------------------------------------------------------- */

/* Bytes that the frames can still take together before the stack overflows, but for gaps; 0 for what is no stack. */
size_t stack_room(const StackAllocator *stack);

/* Count of open frames; 0 for what is no stack. Marks and scopes of stack_arena() count as well. */
size_t stack_depth(const StackAllocator *stack);

/* The arena that is the stack, for statistics and references: `used` is what the frames hold, `peak_used` the most they
 * held. Rewinding it pops frames, resetting or clearing it pops all. NULL for what is no stack. */
Arena *stack_arena(StackAllocator *stack);

/* Why the last call that failed on this stack failed; CORRAL_INVALID_ARENA for what is no stack. */
CorralStatus stack_last_status(const StackAllocator *stack);

#ifdef __cplusplus
}
#endif

#endif
