// SPDX-License-Identifier: Apache-2.0
package dev.corral;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.corral.internal.ArenaNatives;
import dev.corral.internal.ControlBlock;
import dev.corral.internal.PoolNatives;
import dev.corral.internal.Status;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** What C would do with a block: its address, its bytes, and the arena's own check. */
final class Blocks {
    private static final int PERIOD = 4096;

    private Blocks() {
    }

    /** The chunk index of a reference. */
    static int chunk(long ref) {
        return (int) (ref >>> 30) & 0xFFFFF;
    }

    /** The byte offset of a reference in its chunk. */
    static int offset(long ref) {
        return (int) ref & 0x3FFFFFFF;
    }

    /** The address that C resolves a reference to; 0 when it refuses. */
    static long address(NativeArena arena, long ref) {
        return ArenaNatives.resolve(arena.nativeHandle(), ref);
    }

    /** The control block, as C sees it. */
    static ByteBuffer control(NativeArena arena) {
        return PoolNatives.wrap(arena.nativeHandle(), ControlBlock.SIZE).order(ByteOrder.nativeOrder());
    }

    /** The bytes at the address that C resolves a reference to. Only while the block is alive. */
    static ByteBuffer asC(NativeArena arena, long ref, int size) {
        return PoolNatives.wrap(address(arena, ref), size).order(ByteOrder.nativeOrder());
    }

    /** Runs the arena's check of all its invariants, and the identity of its statistics. */
    static void assertSound(NativeArena arena) {
        assertEquals("OK", Status.name(ArenaNatives.check(arena.nativeHandle())));
        ArenaStats stats = arena.stats();
        assertEquals(stats.allocated(), stats.used() + stats.waste(), stats::toString);
    }

    /** Runs the pool's check of all its books, and the identity of its statistics. */
    static void assertSound(MemoryPool pool) {
        assertEquals("OK", Status.name(PoolNatives.check(pool.state().handle)));
        PoolStats stats = pool.stats();
        assertEquals(stats.reserved(), stats.inUse() + stats.freeBytes() + stats.metadata(), stats::toString);
    }

    /** Fills a buffer with bytes that depend on {@code seed} and their index. */
    static void fill(ByteBuffer view, int seed) {
        byte[] pattern = pattern(seed);
        for (int at = 0; at < view.capacity(); at += PERIOD) {
            view.put(at, pattern, 0, Math.min(PERIOD, view.capacity() - at));
        }
    }

    /** Asserts what {@link #fill} wrote. */
    static void assertFilled(ByteBuffer view, int seed) {
        ByteBuffer pattern = ByteBuffer.wrap(pattern(seed));
        for (int at = 0; at < view.capacity(); at += PERIOD) {
            int length = Math.min(PERIOD, view.capacity() - at);
            int mismatch = view.slice(at, length).mismatch(pattern.slice(0, length));
            if (mismatch != -1) {
                int index = at + mismatch;
                assertEquals(pattern.get(mismatch), view.get(index), "seed=" + seed + " index=" + index);
            }
        }
    }

    /** The bytes of every 4 KiB: odd steps through all 256 values, so that a shift by less than 256 is seen. */
    private static byte[] pattern(int seed) {
        byte[] pattern = new byte[PERIOD];
        for (int i = 0; i < 256; i++) {
            pattern[i] = (byte) (seed + i * 31);
        }
        for (int filled = 256; filled < PERIOD; filled *= 2) {
            System.arraycopy(pattern, 0, pattern, filled, filled);
        }
        return pattern;
    }
}
