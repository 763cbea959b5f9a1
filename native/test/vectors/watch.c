/* SPDX-License-Identifier: Apache-2.0
 * watch.c - the bytes of a vector's blocks, compared with a copy of what the vector wrote. */
#include <stdlib.h>
#include <string.h>

#include "vectors/run.h"

void watch_block(Run *run, const void *owner, unsigned char *pointer, size_t size) {
    Block *block = malloc(sizeof *block);
    unsigned char *copy = malloc(size + 1);
    if (block == NULL || copy == NULL) {
        abort();
    }
    memcpy(copy, pointer, size);
    *block = (Block){.next = run->blocks,
                     .owner = owner,
                     .pointer = pointer,
                     .size = size,
                     .copy = copy,
                     .number = run->blocks_made};
    run->blocks = block;
}

/* Compares the first `size` bytes of what the block held with what is at `actual`. */
static void compare(Run *run, const Block *block, const unsigned char *actual, size_t size) {
    if (memcmp(actual, block->copy, size) == 0) {
        return;
    }
    size_t at = 0;
    while (actual[at] == block->copy[at]) {
        at++;
    }
    run_fail(run, "a block of %zu bytes was changed at byte %zu: expected 0x%02X, actual 0x%02X", block->size, at,
             block->copy[at], actual[at]);
}

void watch_written(Run *run, const unsigned char *pointer, size_t size) {
    for (Block *block = run->blocks; block != NULL; block = block->next) {
        if (block->pointer <= pointer && pointer + size <= block->pointer + block->size) {
            memcpy(block->copy + (pointer - block->pointer), pointer, size);
            return;
        }
    }
}

void watch_verify(Run *run, const void *owner) {
    for (const Block *block = run->blocks; block != NULL; block = block->next) {
        if (owner == NULL || block->owner == owner) {
            compare(run, block, block->pointer, block->size);
        }
    }
}

static void unlink_block(Block **at) {
    Block *block = *at;
    *at = block->next;
    free(block->copy);
    free(block);
}

void watch_end(Run *run, const void *owner) {
    watch_verify(run, owner);
    for (Block **at = &run->blocks; *at != NULL;) {
        if ((*at)->owner == owner) {
            unlink_block(at);
        } else {
            at = &(*at)->next;
        }
    }
}

void watch_forget_since(Run *run, const void *owner, size_t made) {
    for (Block **at = &run->blocks; *at != NULL;) {
        if ((*at)->owner == owner && (*at)->number > made) {
            unlink_block(at);
        } else {
            at = &(*at)->next;
        }
    }
}

static Block **find(Run *run, const void *owner, const unsigned char *pointer) {
    Block **at = &run->blocks;
    while (*at != NULL && ((*at)->owner != owner || (*at)->pointer != pointer)) {
        at = &(*at)->next;
    }
    return at;
}

void watch_forget(Run *run, const void *owner, const unsigned char *pointer) {
    Block **at = find(run, owner, pointer);
    if (*at != NULL) {
        unlink_block(at);
    }
}

void watch_moved(Run *run, const void *owner, const unsigned char *from, const unsigned char *to, size_t size) {
    Block **at = find(run, owner, from);
    if (*at != NULL) {
        compare(run, *at, to, size < (*at)->size ? size : (*at)->size);
        unlink_block(at);
    }
}

void watch_close(Run *run) {
    while (run->blocks != NULL) {
        unlink_block(&run->blocks);
    }
}
