/* SPDX-License-Identifier: Apache-2.0
 * arena_widths.c - the two forms of the inlined arena_alloc(). Always optimised, and without
 * sanitizers: otherwise the compiler makes one form of both. */
#include "support/arena_widths.h"

void *alloc_of_unknown_width(Arena *arena, uint32_t size) {
    volatile size_t unknown = size;
    return arena_alloc(arena, unknown);
}

void *alloc_of_32_bits(Arena *arena, uint32_t size) {
    return arena_alloc(arena, size);
}
