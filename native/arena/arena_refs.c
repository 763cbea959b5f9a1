/* SPDX-License-Identifier: Apache-2.0
 * arena_refs.c - references: 64 bits that name a byte of an arena and know when it has been taken back.
 * Layer: arena. May include: mempool.h, base/. */
#include "arena/arena_parts.h"

static ArenaRef make_ref(const Arena *arena, uint32_t chunk, uint64_t address) {
    return (uint64_t)arena->control.generation << ARENA_REF_GENERATION_SHIFT |
           (uint64_t)chunk << ARENA_REF_CHUNK_SHIFT | (address - arena->chunks[chunk].base);
}

ArenaRef ref_of_place(const Arena *arena, const ArenaPlace *place) {
    return make_ref(arena, place->chunk, place->address);
}

ArenaRef arena_alloc_ref(Arena *arena, size_t size, size_t alignment) {
    if (!arena_is_valid(arena)) {
        return 0;
    }
    ArenaPlace place;
    CorralStatus status = arena_place(arena, size, alignment, &place);
    if (status != CORRAL_OK) {
        arena_fail(arena, status);
        return 0;
    }
    return ref_of_place(arena, &place);
}

ArenaRef arena_ref(Arena *arena, const void *pointer) {
    if (!arena_is_valid(arena)) {
        return 0;
    }
    uint64_t address = (uintptr_t)pointer;
    const ArenaControl *control = &arena->control;
    if (address - control->base < control->cursor - control->base) {
        return make_ref(arena, control->chunk, address);
    }
    for (uint32_t index = arena->chunk_count; index-- > 0;) {
        if (address - arena->chunks[index].base < chunk_used(arena, index)) {
            return make_ref(arena, index, address);
        }
    }
    if (address == control->cursor) { /* a block of zero bytes; asked last, since another chunk may start here */
        return make_ref(arena, control->chunk, address);
    }
    arena_fail(arena, CORRAL_FOREIGN_POINTER);
    return 0;
}

void *arena_resolve(Arena *arena, ArenaRef ref) {
    if (!arena_is_valid(arena)) {
        return NULL;
    }
    uint64_t generation = ref >> ARENA_REF_GENERATION_SHIFT;
    uint32_t index = (uint32_t)(ref >> ARENA_REF_CHUNK_SHIFT) & ARENA_REF_CHUNK_MASK;
    uint64_t offset = ref & ARENA_REF_OFFSET_MASK;
    bool exists = generation == arena->control.generation && index < arena->chunk_count;
    /* Also the end of a chunk has a reference, that of a block of zero bytes; a chunk that was not entered has none. */
    if (exists && chunk_is_entered(arena, index) && offset <= chunk_used(arena, index)) {
        return (void *)(uintptr_t)(arena->chunks[index].base + offset);
    }
    arena_fail(arena, CORRAL_STALE_REF);
    return NULL;
}
