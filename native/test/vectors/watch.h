/* SPDX-License-Identifier: Apache-2.0
 * watch.h - the bytes of a vector's blocks, compared whenever something could have overwritten them.
 * Layer: test. May include: nothing; run.h includes it. Threads: one. */
#ifndef CORRAL_TEST_VECTORS_WATCH_H
#define CORRAL_TEST_VECTORS_WATCH_H

#include <stddef.h>

typedef struct Run Run;

/* Watches the bytes as they are now. */
void watch_block(Run *run, const void *owner, unsigned char *pointer, size_t size);

/* Takes over what the vector has written. */
void watch_written(Run *run, const unsigned char *pointer, size_t size);

/* Compares the blocks of `owner`, or all for NULL. */
void watch_verify(Run *run, const void *owner);

/* Compares and forgets the blocks of `owner`. */
void watch_end(Run *run, const void *owner);

/* Forgets those blocks of `owner` that the run made after its first `made`. */
void watch_forget_since(Run *run, const void *owner, size_t made);

/* Forgets the block at `pointer`, which has been freed. */
void watch_forget(Run *run, const void *owner, const unsigned char *pointer);

/* The block at `from` has been resized to `size` bytes at `to`: compares what both sizes have; forgets the old one. */
void watch_moved(Run *run, const void *owner, const unsigned char *from, const unsigned char *to, size_t size);

/* Forgets all without a look. */
void watch_close(Run *run);

#endif
