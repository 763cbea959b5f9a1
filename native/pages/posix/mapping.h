/* SPDX-License-Identifier: Apache-2.0
 * mapping.h - aligned anonymous mappings. Layer: pages (private to it). May include: base/. Threads: any. */
#ifndef CORRAL_PAGES_MAPPING_H
#define CORRAL_PAGES_MAPPING_H

#include <stdbool.h>
#include <stddef.h>

/* Maps `bytes` of private anonymous memory at a multiple of `alignment`. page_size: of this kind of mapping; bytes and
 * alignment are multiples of it. protection, flags: as mmap's, MAP_PRIVATE | MAP_ANONYMOUS excepted.
 * Returns NULL when the system refuses; nothing is mapped then. */
void *mapping_reserve(size_t bytes, size_t alignment, size_t page_size, int protection, int flags);

/* True also for no bytes, which need no unmapping. */
bool mapping_release(void *pages, size_t bytes);

#endif
