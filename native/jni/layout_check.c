/* SPDX-License-Identifier: Apache-2.0
 * layout_check.c - the compile-time proof that Java's copies of the layout and of the statuses are C's. Only asserts:
 * the headers are written by javac from the @Native constants, so that a drift on either side does not compile.
 * Layer: jni. May include: every layer. */
#include "arena/arena_parts.h"
#include "dev_corral_internal_ControlBlock.h"
#include "dev_corral_internal_Status.h"

#define JAVA_LAYOUT(constant) dev_corral_internal_ControlBlock_##constant
#define SAME_OFFSET(field, constant) \
    static_assert(offsetof(ArenaControl, field) == JAVA_LAYOUT(constant), "ControlBlock." #constant " differs from C")
#define SAME_VALUE(value, constant) \
    static_assert((int64_t)(value) == (int64_t)JAVA_LAYOUT(constant), "ControlBlock." #constant " differs from C")
#define SAME_STATUS(name) \
    static_assert((int)CORRAL_##name == (int)dev_corral_internal_Status_##name, "Status." #name " differs from C")

SAME_OFFSET(cursor, CURSOR);
SAME_OFFSET(limit, LIMIT);
SAME_OFFSET(base, BASE);
SAME_OFFSET(count, COUNT);
SAME_OFFSET(ref_bias, REF_BIAS);
SAME_OFFSET(chunk, CHUNK);
SAME_OFFSET(generation, GENERATION);
SAME_OFFSET(magic, MAGIC);
SAME_OFFSET(status, STATUS);
SAME_OFFSET(version, VERSION);
SAME_OFFSET(align_mask, ALIGN_MASK);
SAME_OFFSET(inline_limit, INLINE_LIMIT);

SAME_VALUE(sizeof(ArenaControl), SIZE);
SAME_VALUE(offsetof(Arena, take_backs), TAKE_BACKS);
SAME_VALUE(offsetof(Arena, used_elsewhere), USED_ELSEWHERE);
SAME_VALUE(offsetof(Arena, next_mark), NEXT_MARK);
SAME_VALUE(offsetof(Arena, peak_used), PEAK_USED);
SAME_VALUE(offsetof(Arena, marks), MARKS);
SAME_VALUE(offsetof(Arena, entered), ENTERED);
SAME_VALUE(offsetof(Arena, first_free), ENTERED + sizeof(uint32_t));
SAME_VALUE(offsetof(Arena, mark_count), MARK_COUNT);
SAME_VALUE(offsetof(Arena, tied), TIED);
SAME_VALUE(offsetof(Arena, inline_marks), INLINE_MARKS);
SAME_VALUE(offsetof(Arena, eventful), EVENTFUL);
SAME_VALUE(offsetof(Arena, allocated), ALLOCATED);
SAME_VALUE(offsetof(Arena, allocated) + sizeof(uint64_t), MAPPED);
SAME_VALUE(ARENA_INLINE_MARKS, INLINE_MARKS_ROOM);
SAME_VALUE(sizeof(MarkEntry), MARK_BYTES);
SAME_VALUE(offsetof(MarkEntry, id), MARK_ID);
SAME_VALUE(offsetof(MarkEntry, count), MARK_BLOCKS);
SAME_VALUE(offsetof(MarkEntry, used_elsewhere), MARK_USED_ELSEWHERE);
SAME_VALUE(offsetof(MarkEntry, chunk), MARK_CHUNK);
SAME_VALUE(offsetof(MarkEntry, offset), MARK_OFFSET);
SAME_VALUE(offsetof(MarkEntry, entered), MARK_ENTERED);
SAME_VALUE(offsetof(MarkEntry, first_free), MARK_ENTERED + sizeof(uint32_t));
SAME_VALUE(ARENA_MARK_DEPTH_BITS, MARK_DEPTH_BITS);
SAME_VALUE((int32_t)ARENA_MAGIC, MAGIC_VALUE);
SAME_VALUE(ARENA_LAYOUT_VERSION, VERSION_VALUE);
SAME_VALUE(ARENA_REF_GENERATION_SHIFT, REF_GENERATION_SHIFT);
SAME_VALUE(ARENA_REF_CHUNK_SHIFT, REF_CHUNK_SHIFT);
SAME_VALUE(ARENA_REF_CHUNK_MASK, REF_CHUNK_MASK);
SAME_VALUE(ARENA_REF_OFFSET_MASK, REF_OFFSET_MASK);
SAME_VALUE(ARENA_GENERATION_MAX, GENERATION_MAX);
SAME_VALUE(ARENA_SLAB_BYTES, SLAB_BYTES);
SAME_VALUE(ARENA_SLOT_BYTES, SLOT_BYTES);

SAME_STATUS(OK);
SAME_STATUS(INVALID_ARGUMENT);
SAME_STATUS(BAD_ALIGNMENT);
SAME_STATUS(SIZE_LIMIT);
SAME_STATUS(NO_MEMORY);
SAME_STATUS(LIMIT_REACHED);
SAME_STATUS(ARENA_FULL);
SAME_STATUS(CHUNK_LIMIT);
SAME_STATUS(NOT_SUPPORTED);
SAME_STATUS(FILE_REFUSED);
SAME_STATUS(FILE_FOREIGN);
SAME_STATUS(FILE_NEWER);
SAME_STATUS(INVALID_ARENA);
SAME_STATUS(INVALID_POOL);
SAME_STATUS(STALE_REF);
SAME_STATUS(FOREIGN_POINTER);
SAME_STATUS(DOUBLE_FREE);
SAME_STATUS(STALE_MARK);
SAME_STATUS(RELEASING);
SAME_STATUS(STALE_STRING);
SAME_STATUS(OBSERVING);
SAME_STATUS(STACK_FULL);
SAME_STATUS(NOT_TOP);
SAME_STATUS(CORRUPTED);
SAME_STATUS(DAMAGED);
SAME_STATUS(FILE_DAMAGED);
SAME_STATUS(STALE_HANDLE);
