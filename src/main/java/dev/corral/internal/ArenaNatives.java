// SPDX-License-Identifier: Apache-2.0
package dev.corral.internal;

import java.lang.annotation.Native;

/**
 * The arena's native methods: primitives in, a primitive out, no exceptions. Every {@code arena} is an address that
 * {@link #create} returned and {@link #destroy} has not seen; sizes are unsigned 64-bit numbers.
 *
 * <p>Thread rule: the caller is the arena's owner. The native library must be loaded first ({@link
 * NativeLibrary#load}).
 */
public final class ArenaNatives {
    /** Bytes that hold any table of statistics. */
    @Native public static final int TABLE_MAX = 8192;

    /** What {@link #reset} returns instead of OK when chunks were given back, or have other indices now. */
    @Native public static final int REARRANGED = -1;

    /** What {@link #beginAnew} returns when it did nothing. */
    @Native public static final int NOT_SIMPLE = -1;

    private ArenaNatives() {
    }

    /**
     * Creates an arena: its address, or minus the status when there is none. {@code config} is laid out as
     * {@link ConfigFields} says; {@code name} is UTF-8, or null.
     */
    public static native long create(long pool, long[] config, byte[] name);

    /**
     * Destroys an arena; returns the status. Whatever that is, unless release actions are running: C may use the
     * address for another arena from now on. Before this call it does not, also when C has destroyed the arena.
     */
    public static native int destroy(long arena);

    /** Allocates by the slow path: a reference, or 0 with the reason in the control block. */
    public static native long allocate(long arena, long size, long alignment);

    /** Why the last call that failed on this arena failed. */
    public static native int lastStatus(long arena);

    /** Takes back all blocks; returns the status, or {@link #REARRANGED}. */
    public static native int reset(long arena);

    /** Takes back all blocks and returns all chunks but the first; returns the status. */
    public static native int clear(long arena);

    /**
     * Makes an arena that has neither relatives nor anything to release new for another user, with all its chunks or
     * with the first: twice the bytes that the last user needed at most, and one more when chunks were given back or
     * have other indices now; or {@link #NOT_SIMPLE}.
     */
    public static native long beginAnew(long arena, boolean keepChunks);

    /** Marks the present point: the mark's id, or 0 with the reason in the control block. */
    public static native long mark(long arena);

    /** Takes the arena back to a mark; returns the status. */
    public static native int rewind(long arena, long mark);

    /** Whether {@link #rewind} would take a mark; returns the status. */
    public static native int checkMark(long arena, long mark);

    /** As {@link #mark}, but an id that no other call has brought. */
    public static native long openScope(long arena);

    /** As {@link #rewind}, and the mark becomes stale; returns the status. */
    public static native int closeScope(long arena, long scope);

    /** Address of a chunk's first byte, 0 when there is no such chunk. */
    public static native long chunkBase(long arena, int chunk);

    /** Capacity of a chunk in bytes, 0 when there is no such chunk. */
    public static native long chunkCapacity(long arena, int chunk);

    /**
     * Where a chunk stands among the entered ones in the order of their entry, from 1 on; 0 when it is not entered, or
     * there is none. Negative when it lies elsewhere than at {@code base}, or has not {@code capacity} bytes.
     */
    public static native int place(long arena, int chunk, long base, int capacity);

    /** Fills {@code into} in the order of the C struct {@code ArenaStats}; returns the status. */
    public static native int stats(long arena, long[] into);

    /** Fills {@code into}, of {@link #TABLE_MAX} bytes, with the statistics as a table; its length, 0 for no arena. */
    public static native int statsTable(long arena, byte[] into);

    /** Verifies the arena's invariants; returns the status. */
    public static native int check(long arena);

    /** The reference of an address, or 0 with the reason in the control block. */
    public static native long ref(long arena, long address);

    /** The address of a reference, or 0 with the reason in the control block. */
    public static native long resolve(long arena, long ref);
}
