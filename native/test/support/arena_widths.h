/* SPDX-License-Identifier: Apache-2.0
 * arena_widths.h - arena_alloc() as the compiler makes it of a size that it knows nothing of, and of one that it knows
 * to fit in 32 bits. Not repeated when a page request fails: for arenas that need none. */
#ifndef CORRAL_TEST_SUPPORT_ARENA_WIDTHS_H
#define CORRAL_TEST_SUPPORT_ARENA_WIDTHS_H

#include "corral/arena.h"

void *alloc_of_unknown_width(Arena *arena, uint32_t size);
void *alloc_of_32_bits(Arena *arena, uint32_t size);

#endif
