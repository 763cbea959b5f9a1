// SPDX-License-Identifier: Apache-2.0
package dev.corral;

/**
 * Is told what an arena does: see {@link NativeArena.Builder#observer}. Every method does nothing by default.
 *
 * <p>It is told of everything that happens in the arena, whoever does it. What a call from Java does is told before
 * that call returns, on the owner's thread and in the order in which it happened. What C code does through
 * {@link NativeArena#nativeHandle} is told before the next call from Java returns that allocates, takes back or asks
 * for statistics, and a reference may be stale by then.
 *
 * <p>An observer may ask the arena for anything and change nothing: while it is told, allocating, marking and taking
 * back throw {@code IllegalStateException}. So nothing recurses. Other arenas may be used.
 *
 * <p>An exception does not keep the observer from being told of the rest. Then the first one is thrown by the call that
 * told it, with later ones as suppressed exceptions. That call has happened all the same: a reset is done, and a block
 * is allocated, although its caller does not get it.
 *
 * <p>An arena that is dropped without close is freed, and nobody is told.
 */
public interface ArenaObserver {
    /** What took blocks back. */
    enum TakeBack {
        /** {@link NativeArena#reset}. */
        RESET,
        /** {@link NativeArena#clear}. */
        CLEAR,
        /** {@link NativeArena#rewind} or the close of a {@link Scope}. */
        REWIND
    }

    /** A block of {@code size} bytes was allocated, or moved to be resized; it has not got its contents yet. */
    default void onAllocate(NativeArena arena, long ref, long size) {
    }

    /** The arena acquired a chunk of {@code bytes} bytes from its pool. */
    default void onChunkAcquired(NativeArena arena, long bytes) {
    }

    /** The arena gave a chunk of {@code bytes} bytes back to its pool. */
    default void onChunkGivenBack(NativeArena arena, long bytes) {
    }

    /** Blocks were taken back. */
    default void onReset(NativeArena arena, TakeBack by) {
    }

    /** The arena has been closed, by itself or with its pool: the last call. */
    default void onDestroy(NativeArena arena) {
    }

    /**
     * So many events could not be remembered until somebody came to tell of them: C code made more than 65,536, or
     * there was no memory.
     */
    default void onMissed(NativeArena arena, long events) {
    }
}
