// SPDX-License-Identifier: Apache-2.0
package dev.corral.internal;

import java.lang.annotation.Native;

/**
 * Java's copy of {@code CorralStatus} in {@code native/include/corral/status.h}; compared at compile time like {@link
 * ControlBlock}.
 */
public final class Status {
    /** Success. */
    @Native public static final int OK = 0;
    /** A value outside the documented range. */
    @Native public static final int INVALID_ARGUMENT = 10;
    /** Not a power of two, or too large. */
    @Native public static final int BAD_ALIGNMENT = 11;
    /** One request above the largest size. */
    @Native public static final int SIZE_LIMIT = 12;
    /** The page source had no memory. */
    @Native public static final int NO_MEMORY = 20;
    /** The configured limit of the pool or the arena. */
    @Native public static final int LIMIT_REACHED = 21;
    /** A fixed arena has no room left. */
    @Native public static final int ARENA_FULL = 22;
    /** As many chunks as a reference can name. */
    @Native public static final int CHUNK_LIMIT = 23;
    /** This machine, or this process on it, has not what a page source needs. */
    @Native public static final int NOT_SUPPORTED = 24;
    /** The operating system refused a file. */
    @Native public static final int FILE_REFUSED = 25;
    /** Not an arena that was sealed in a file, or one of another kind of machine. */
    @Native public static final int FILE_FOREIGN = 26;
    /** An arena that a later version of the library has sealed. */
    @Native public static final int FILE_NEWER = 27;
    /** The block of a stack has no room left. */
    @Native public static final int STACK_FULL = 28;
    /** Destroyed, or not an arena. */
    @Native public static final int INVALID_ARENA = 30;
    /** Destroyed, or not a pool. */
    @Native public static final int INVALID_POOL = 31;
    /** Null, or from before a reset or clear. */
    @Native public static final int STALE_REF = 32;
    /** Not a block of this pool, or not inside this arena. */
    @Native public static final int FOREIGN_POINTER = 33;
    /** Freed already. */
    @Native public static final int DOUBLE_FREE = 34;
    /** From before a reset, clear or outer rewind, or of another arena. */
    @Native public static final int STALE_MARK = 35;
    /** A release callback of the arena is running. */
    @Native public static final int RELEASING = 36;
    /** What a growing string held has been taken back. */
    @Native public static final int STALE_STRING = 37;
    /** The observer of the arena is being told of something. */
    @Native public static final int OBSERVING = 38;
    /** What a handle named was removed, or it never named anything. */
    @Native public static final int STALE_HANDLE = 39;
    /** An invariant does not hold. */
    @Native public static final int CORRUPTED = 40;
    /** Debug mode: bytes that belong to no block were overwritten; the call has completed. */
    @Native public static final int DAMAGED = 41;
    /** A sealed file is truncated, or its bytes are not those that were sealed. */
    @Native public static final int FILE_DAMAGED = 42;
    /** A frame that was pushed later is still open. */
    @Native public static final int NOT_TOP = 50;

    private Status() {
    }

    /** The name without a prefix, as the test vectors and {@code arena_status_name()} write it. */
    public static String name(int status) {
        return switch (status) {
            case OK -> "OK";
            case INVALID_ARGUMENT -> "INVALID_ARGUMENT";
            case BAD_ALIGNMENT -> "BAD_ALIGNMENT";
            case SIZE_LIMIT -> "SIZE_LIMIT";
            case NO_MEMORY -> "NO_MEMORY";
            case LIMIT_REACHED -> "LIMIT_REACHED";
            case ARENA_FULL -> "ARENA_FULL";
            case CHUNK_LIMIT -> "CHUNK_LIMIT";
            case NOT_SUPPORTED -> "NOT_SUPPORTED";
            case FILE_REFUSED -> "FILE_REFUSED";
            case FILE_FOREIGN -> "FILE_FOREIGN";
            case FILE_NEWER -> "FILE_NEWER";
            case INVALID_ARENA -> "INVALID_ARENA";
            case INVALID_POOL -> "INVALID_POOL";
            case STALE_REF -> "STALE_REF";
            case FOREIGN_POINTER -> "FOREIGN_POINTER";
            case DOUBLE_FREE -> "DOUBLE_FREE";
            case STALE_MARK -> "STALE_MARK";
            case RELEASING -> "RELEASING";
            case STALE_STRING -> "STALE_STRING";
            case OBSERVING -> "OBSERVING";
            case STACK_FULL -> "STACK_FULL";
            case NOT_TOP -> "NOT_TOP";
            case CORRUPTED -> "CORRUPTED";
            case DAMAGED -> "DAMAGED";
            case FILE_DAMAGED -> "FILE_DAMAGED";
            case STALE_HANDLE -> "STALE_HANDLE";
            default -> "UNKNOWN";
        };
    }
}
