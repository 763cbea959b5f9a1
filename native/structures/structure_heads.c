/* SPDX-License-Identifier: Apache-2.0
 * structure_heads.c - slots for the heads of structures, as arena_slots.c has them for arenas.
 * Layer: structures. May include: arena.h, mempool.h, base/. */
#include "structures/structure_parts.h"

#include <string.h>

#include "arena/arena_parts.h"
#include "mempool/pool_extension.h"

/* What the pool keeps for this layer, in the first slot of the first slab of heads. */
typedef struct HeadSlab {
    unsigned char header[POOL_SLAB_HEADER];
    StructureHead *free; /* of all slabs; used in the first slab only */
} HeadSlab;

static_assert(sizeof(HeadSlab) <= STRUCTURE_HEAD_BYTES, "it fits in a slot");

/* Adds a slab; the caller holds the extension lock. */
static bool slab_add(Pool *pool, HeadSlab **first) {
    HeadSlab *slab = pool_books_slab(pool, STRUCTURE_SLAB_BYTES);
    if (slab == NULL) {
        return false;
    }
    if (*first == NULL) {
        *first = slab;
    }
    for (size_t offset = STRUCTURE_SLAB_BYTES - STRUCTURE_HEAD_BYTES; offset > 0; offset -= STRUCTURE_HEAD_BYTES) {
        StructureHead *head = (StructureHead *)(void *)((char *)slab + offset);
        head->pool = pool;
        head->next = (*first)->free;
        (*first)->free = head;
    }
    return true;
}

void *structure_take(Pool *pool, uint32_t magic) {
    if (!pool_is_valid(pool)) {
        return NULL;
    }
    os_lock_take(pool_extension_lock(pool));
    HeadSlab **first = (HeadSlab **)arena_slots_above(pool);
    StructureHead *head = NULL;
    if (first != NULL && ((*first != NULL && (*first)->free != NULL) || slab_add(pool, first))) {
        head = (*first)->free;
        (*first)->free = head->next;
        head->next = NULL;
        head->id = ++head->last_id;
        head->magic = magic;
    }
    os_lock_release(pool_extension_lock(pool));
    return head;
}

void structure_give(void *structure) {
    StructureHead *head = structure;
    Pool *pool = head->pool;
    os_lock_take(pool_extension_lock(pool));
    if (head->id != 0) {
        uint64_t last_id = head->last_id;
        memset(head, 0, STRUCTURE_HEAD_BYTES); /* whoever still has the address finds nothing that leads anywhere */
        head->last_id = last_id;
        head->pool = pool;
        HeadSlab *first = *arena_slots_above(pool);
        head->next = first->free;
        first->free = head;
    }
    os_lock_release(pool_extension_lock(pool));
}

ArenaConfig structure_arena_config(Arena *parent) {
    ArenaConfig config = arena_config_child(parent, SIZE_MAX);
    config.fixed = false;
    if (config.exhausted == ARENA_FAIL) {
        config.exhausted = ARENA_GROW;
    }
    config.retain = SIZE_MAX;
    return config;
}
