/* SPDX-License-Identifier: Apache-2.0
 * mempool_lists.h - lists whose links lie in their members, and bitmaps.
 * Layer: mempool (private to it). May include: nothing. Threads: the caller's lock. */
#ifndef CORRAL_MEMPOOL_LISTS_H
#define CORRAL_MEMPOOL_LISTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* --- lists -------------------------------------------------------------------------------------------------------- */

/* A member of a circular list, or its head. Invariant: next->previous == previous->next == self. Alone: in no list. */
typedef struct Link {
    struct Link *next;
    struct Link *previous;
} Link;

/* The structure of which *link is a member. Takes const links too and casts that away: the result's type decides. */
#define LINK_OWNER(type, member, link) ((type *)((uintptr_t)(link)-offsetof(type, member)))

static inline void link_init(Link *link) {
    link->next = link;
    link->previous = link;
}

static inline bool link_is_alone(const Link *link) {
    return link->next == link;
}

static inline void link_remove(Link *link) {
    link->next->previous = link->previous;
    link->previous->next = link->next;
    link_init(link);
}

static inline void link_push(Link *head, Link *link) {
    link->next = head->next;
    link->previous = head;
    head->next->previous = link;
    head->next = link;
}

/* --- bitmaps ------------------------------------------------------------------------------------------------------ */

#define WORD_BITS 64

static inline size_t bitmap_words(size_t bits) {
    return (bits + WORD_BITS - 1) / WORD_BITS;
}

static inline bool bitmap_get(const uint64_t *words, size_t bit) {
    return (words[bit / WORD_BITS] >> (bit % WORD_BITS) & 1) != 0;
}

static inline void bitmap_set(uint64_t *words, size_t bit) {
    words[bit / WORD_BITS] |= (uint64_t)1 << (bit % WORD_BITS);
}

static inline void bitmap_clear(uint64_t *words, size_t bit) {
    words[bit / WORD_BITS] &= ~((uint64_t)1 << (bit % WORD_BITS));
}

#endif
