// SPDX-License-Identifier: Apache-2.0
package dev.corral.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Java's offsets against a block that C has written. */
class ControlBlockTest {
    private long pool;
    private long arena;
    private ByteBuffer block;

    @BeforeEach
    void create() {
        NativeLibrary.load();
        pool = PoolNatives.create(PoolFields.of(-1, -1), null);
        assertFalse(Failures.isStatus(pool));
        arena = ArenaNatives.create(pool, ConfigFields.of(4096, 65_536, 16, false), null);
        assertFalse(Failures.isStatus(arena));
        block = PoolNatives.wrap(arena, ControlBlock.SIZE).order(ByteOrder.nativeOrder());
    }

    @AfterEach
    void destroy() {
        assertEquals(Status.OK, PoolNatives.destroy(pool));
    }

    @Test
    void aFreshBlockHasItsMarkerVersionAndAlignment() {
        assertEquals(ControlBlock.MAGIC_VALUE, block.getInt(ControlBlock.MAGIC));
        assertEquals(ControlBlock.VERSION_VALUE, block.get(ControlBlock.VERSION));
        assertEquals(LibraryNatives.layoutVersion(), ControlBlock.VERSION_VALUE);
        assertEquals(15, block.get(ControlBlock.ALIGN_MASK));
        assertEquals(Status.OK, block.getShort(ControlBlock.STATUS));
    }

    @Test
    void aFreshBlockHasAnEmptyFirstChunk() {
        long base = ArenaNatives.chunkBase(arena, 0);
        assertEquals(base, block.getLong(ControlBlock.BASE));
        assertEquals(base, block.getLong(ControlBlock.CURSOR));
        assertEquals(base + 4096, block.getLong(ControlBlock.LIMIT));
        assertEquals(base + 4097, block.getLong(ControlBlock.INLINE_LIMIT));
        assertEquals(0, block.getLong(ControlBlock.COUNT));
        assertEquals(0, block.getInt(ControlBlock.CHUNK));
        assertEquals(1, block.getInt(ControlBlock.GENERATION));
    }

    @Test
    void cursorAndBiasMakeTheNextReference() {
        assertEquals(1L << ControlBlock.REF_GENERATION_SHIFT, next());
        assertEquals(next(), ArenaNatives.allocate(arena, 24, 1));
        assertEquals(1L << ControlBlock.REF_GENERATION_SHIFT | 32, next());
        assertEquals(1, block.getLong(ControlBlock.COUNT));
    }

    private long next() {
        return block.getLong(ControlBlock.CURSOR) + block.getLong(ControlBlock.REF_BIAS);
    }

    @Test
    void theChunkIndexIsPartOfTheReference() {
        ArenaNatives.allocate(arena, 4096, 1);
        long ref = ArenaNatives.allocate(arena, 100, 1);
        assertEquals(1, block.getInt(ControlBlock.CHUNK));
        assertEquals(1, ref >>> ControlBlock.REF_CHUNK_SHIFT & ControlBlock.REF_CHUNK_MASK);
        assertEquals(0, ref & ControlBlock.REF_OFFSET_MASK);
        assertEquals(ArenaNatives.chunkBase(arena, 1), block.getLong(ControlBlock.BASE));
    }

    @Test
    void resetRaisesTheGenerationUpToItsLargestAndStartsAgainAtOne() {
        for (int generation = 2; generation <= ControlBlock.GENERATION_MAX; generation++) {
            assertEquals(Status.OK, ArenaNatives.reset(arena));
            assertEquals(generation, block.getInt(ControlBlock.GENERATION));
        }
        assertEquals((long) ControlBlock.GENERATION_MAX << ControlBlock.REF_GENERATION_SHIFT, next());
        assertEquals(Status.OK, ArenaNatives.reset(arena));
        assertEquals(1, block.getInt(ControlBlock.GENERATION));
        assertEquals(Status.OK, ArenaNatives.check(arena));
    }

    @Test
    void theStatusTellsWhyAnAllocationFailed() {
        assertEquals(0, ArenaNatives.allocate(arena, -1, 1));
        assertEquals("SIZE_LIMIT", Status.name(block.getShort(ControlBlock.STATUS)));
        assertEquals(0, ArenaNatives.allocate(arena, 8, 3));
        assertEquals("BAD_ALIGNMENT", Status.name(block.getShort(ControlBlock.STATUS)));
        assertEquals(0, ArenaNatives.resolve(arena, 0));
        assertEquals("STALE_REF", Status.name(block.getShort(ControlBlock.STATUS)));
        assertEquals(0, ArenaNatives.ref(arena, arena));
        assertEquals("FOREIGN_POINTER", Status.name(block.getShort(ControlBlock.STATUS)));
        assertEquals(Status.OK, ArenaNatives.reset(arena));
        assertEquals("OK", Status.name(block.getShort(ControlBlock.STATUS)));
    }

    @Test
    void aDestroyedBlockIsAllZeroSoThatNothingFits() {
        assertEquals(Status.OK, ArenaNatives.destroy(arena)); // the slab stays: its pool lives
        for (int at = 0; at < ControlBlock.SIZE; at += 8) {
            assertEquals(0, block.getLong(at), "offset=" + at);
        }
    }

    @Test
    void arenasOfAPoolShareASlab() {
        long second = ArenaNatives.create(pool, ConfigFields.of(64, 64, 8, true), null);
        assertNotEquals(arena, second);
        assertEquals(arena & -ControlBlock.SLAB_BYTES, second & -ControlBlock.SLAB_BYTES);
        assertEquals(7, PoolNatives.wrap(second, ControlBlock.SIZE).order(ByteOrder.nativeOrder())
                .get(ControlBlock.ALIGN_MASK));
    }

    @Test
    void corruptionIsFound() {
        long cursor = block.getLong(ControlBlock.CURSOR);
        block.putLong(ControlBlock.CURSOR, cursor + 1);
        assertEquals("CORRUPTED", Status.name(ArenaNatives.check(arena)));
        block.putLong(ControlBlock.CURSOR, cursor);
        block.putInt(ControlBlock.MAGIC, 0);
        assertEquals("INVALID_ARENA", Status.name(ArenaNatives.check(arena)));
        block.putInt(ControlBlock.MAGIC, ControlBlock.MAGIC_VALUE);
        assertEquals("OK", Status.name(ArenaNatives.check(arena)));
    }

    @Test
    void badArgumentsOfCreateAreStatuses() {
        assertEquals("BAD_ALIGNMENT", statusOf(ArenaNatives.create(pool, ConfigFields.of(64, 64, 32, false), null)));
        assertEquals("INVALID_ARGUMENT", statusOf(ArenaNatives.create(pool, ConfigFields.of(0, 64, 16, false), null)));
        assertEquals("INVALID_ARGUMENT", statusOf(ArenaNatives.create(pool, ConfigFields.of(-1, -1, 16, false), null)));
        assertEquals("INVALID_POOL", statusOf(ArenaNatives.create(0, ConfigFields.of(64, 64, 16, false), null)));
        assertEquals("LIMIT_REACHED", statusOf(createWithLimit(63)));
    }

    private static long createWithLimit(long limit) {
        long small = PoolNatives.create(PoolFields.of(limit, 0), "small".getBytes());
        long created = ArenaNatives.create(small, ConfigFields.of(64, 64, 16, false), new byte[100]);
        PoolNatives.destroy(small);
        return created;
    }

    private static String statusOf(long created) {
        return Failures.isStatus(created) ? Status.name((int) -created) : "an address";
    }
}
