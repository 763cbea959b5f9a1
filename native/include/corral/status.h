/* SPDX-License-Identifier: Apache-2.0
 * status.h - the one list of outcomes that C, JNI, Java and the test vectors share.
 * Layer: base. May include: nothing. */
#ifndef CORRAL_STATUS_H
#define CORRAL_STATUS_H

/* Outcome of a call. Values are stable and gapped by kind, so that a new one never renumbers an old one:
 * 10s the caller's argument, 20s a resource that ran out, 30s a handle, pointer or reference that is not valid (any
 * more), 40s damage found by a check, 50s a call out of its order. Java maps each to one exception, in one place
 * (dev.corral.internal.Failures). */
typedef enum CorralStatus {
    CORRAL_OK = 0,

    CORRAL_INVALID_ARGUMENT = 10, /* a value outside the range that the function documents */
    CORRAL_BAD_ALIGNMENT = 11,    /* not a power of two, or above the largest alignment */
    CORRAL_SIZE_LIMIT = 12,       /* one request above 1 GiB (arena), or a size that cannot be represented (pool) */

    CORRAL_NO_MEMORY = 20,     /* the page source had no memory */
    CORRAL_LIMIT_REACHED = 21, /* the configured limit of the pool or of the arena */
    CORRAL_ARENA_FULL = 22,    /* a fixed arena has no room left */
    CORRAL_CHUNK_LIMIT = 23,   /* an arena holds as many chunks as a reference can name */
    CORRAL_NOT_SUPPORTED = 24, /* this machine, or this process on it, has not what a page source needs */
    CORRAL_FILE_REFUSED = 25,  /* the operating system refused a file: of a page source, or a mapped arena */
    CORRAL_FILE_FOREIGN = 26,  /* not an arena that was sealed in a file, or one of another kind of machine */
    CORRAL_FILE_NEWER = 27,    /* an arena that a later version of the library has sealed */
    CORRAL_STACK_FULL = 28,    /* the block of a stack has no room left */

    CORRAL_INVALID_ARENA = 30,   /* NULL, destroyed, or not an arena */
    CORRAL_INVALID_POOL = 31,    /* NULL or not a pool */
    CORRAL_STALE_REF = 32,       /* the null reference, or one from before a reset or clear */
    CORRAL_FOREIGN_POINTER = 33, /* not the start of a block of this pool, or not inside this arena */
    CORRAL_DOUBLE_FREE = 34,     /* the block has been freed already */
    CORRAL_STALE_MARK = 35,      /* from before a reset, clear or outer rewind, or of another arena */
    CORRAL_RELEASING = 36,       /* a release callback of this arena is running: it may not take anything back */
    CORRAL_STALE_STRING = 37,    /* what the growing string held has been taken back by a reset, clear or rewind */
    CORRAL_OBSERVING = 38,       /* the observer of this arena is being told of something: it may change nothing */
    CORRAL_STALE_HANDLE = 39,    /* what the handle named was removed, or it never named anything */

    CORRAL_CORRUPTED = 40,    /* an invariant of the structure does not hold */
    CORRAL_DAMAGED = 41,      /* debug mode: bytes that belong to no block were overwritten; the call has completed */
    CORRAL_FILE_DAMAGED = 42, /* a sealed file is truncated, or its bytes are not those that were sealed */

    CORRAL_NOT_TOP = 50 /* a frame that was pushed after this one is still open */
} CorralStatus;

#endif
