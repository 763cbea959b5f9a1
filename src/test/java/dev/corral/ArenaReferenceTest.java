// SPDX-License-Identifier: Apache-2.0
package dev.corral;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.corral.internal.ArenaNatives;
import dev.corral.junit.NoNativeLeaks;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Access through references: every type, every alignment, every bound, and numbers that are no references. */
@NoNativeLeaks
class ArenaReferenceTest {
    private static final int CHUNK = 4096;

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 4, 5, 6, 7, 8, 13})
    void everyTypeRoundTripsAtEveryAlignment(int offset) {
        try (NativeArena arena = NativeArena.create()) {
            long ref = arena.allocateRef(32);
            for (long bits : new long[] {0, -1, 1, Long.MIN_VALUE, Long.MAX_VALUE, 0x0123456789ABCDEFL}) {
                arena.putByte(ref, offset, (byte) bits);
                assertEquals((byte) bits, arena.getByte(ref, offset));
                arena.putShort(ref, offset, (short) bits);
                assertEquals((short) bits, arena.getShort(ref, offset));
                arena.putInt(ref, offset, (int) bits);
                assertEquals((int) bits, arena.getInt(ref, offset));
                arena.putLong(ref, offset, bits);
                assertEquals(bits, arena.getLong(ref, offset));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0x7FC00000, 0x7F800001, 0x7FFFFFFF, 0xFFC00000, 0xFF800123, 0x80000000, 0x7F800000, 1,
        0x3F9D70A4})
    void floatsKeepEveryBit(int bits) {
        try (NativeArena arena = NativeArena.create()) {
            long ref = arena.allocateRef(16);
            arena.putFloat(ref, 3, Float.intBitsToFloat(bits));
            assertEquals(bits, arena.getInt(ref, 3));
            assertEquals(bits, Float.floatToRawIntBits(arena.getFloat(ref, 3)));
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {0x7FF8000000000000L, 0x7FF0000000000001L, 0xFFFFFFFFFFFFFFFFL, 0xFFF0000000000ABCL,
        0x8000000000000000L, 0x7FF0000000000000L, 1L, 0x3FF3AE147AE147AEL})
    void doublesKeepEveryBit(long bits) {
        try (NativeArena arena = NativeArena.create()) {
            long ref = arena.allocateRef(16);
            arena.putDouble(ref, 5, Double.longBitsToDouble(bits));
            assertEquals(bits, arena.getLong(ref, 5));
            assertEquals(bits, Double.doubleToRawLongBits(arena.getDouble(ref, 5)));
        }
    }

    @Test
    void valuesLieInNativeByteOrder() {
        try (NativeArena arena = NativeArena.create()) {
            long ref = arena.allocateRef(8);
            arena.putInt(ref, 0, 0x01020304);
            byte first = (byte) (ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN ? 4 : 1);
            assertEquals(first, arena.getByte(ref, 0));
            assertEquals(0x01020304, arena.view(ref, 4).getInt(0));
            assertEquals(0x01020304, Blocks.asC(arena, ref, 4).getInt(0));
        }
    }

    @Test
    void viewsAndReferencesShareTheBlock() {
        try (NativeArena arena = NativeArena.create()) {
            arena.allocateRef(48);
            long ref = arena.allocateRef(24);
            ByteBuffer view = arena.view(ref, 24);
            view.putLong(16, 42);
            assertEquals(42, arena.getLong(ref, 16));
            arena.putDouble(ref, 8, 1.5);
            assertEquals(1.5, view.getDouble(8));
            assertEquals(42, arena.view(ref + 16, 8).getLong(0), "a reference into a block");
        }
    }

    @Test
    void copiesGoBothWays() {
        try (NativeArena arena = NativeArena.create()) {
            long ref = arena.allocateRef(64);
            byte[] source = {1, 2, 3, 4, 5, 6, 7, 8};
            arena.copyIn(ref, 11, source, 2, 5);
            byte[] target = new byte[9];
            arena.copyOut(ref, 10, target, 1, 7);
            assertArrayEquals(new byte[] {0, target[1], 3, 4, 5, 6, 7, target[7], 0}, target);
            arena.copyIn(ref, 0, source, 8, 0);
            arena.copyOut(ref, CHUNK, target, 9, 0);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, -16, Integer.MIN_VALUE})
    void aNegativeOffsetIsOutOfBounds(int offset) {
        try (NativeArena arena = NativeArena.create()) {
            arena.allocateRef(64);
            long ref = arena.allocateRef(64);
            String expected = "offset=" + offset + " ref=0x" + Long.toHexString(ref) + ": pass an offset of 0 or more";
            assertEquals(expected, assertThrows(IndexOutOfBoundsException.class,
                    () -> arena.getByte(ref, offset)).getMessage());
            assertThrows(IndexOutOfBoundsException.class, () -> arena.putLong(ref, offset, 1));
            assertThrows(IndexOutOfBoundsException.class, () -> arena.copyIn(ref, offset, new byte[1], 0, 1));
            assertThrows(IndexOutOfBoundsException.class, () -> arena.copyOut(ref, offset, new byte[1], 0, 1));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {CHUNK - 16, CHUNK, 1 << 30, Integer.MAX_VALUE - 7, Integer.MAX_VALUE})
    void anOffsetBehindTheChunkIsOutOfBounds(int offset) {
        try (NativeArena arena = NativeArena.create()) {
            arena.allocateRef(16);
            long ref = arena.allocateRef(16);
            assertThrows(IndexOutOfBoundsException.class, () -> arena.getByte(ref, offset));
            assertThrows(IndexOutOfBoundsException.class, () -> arena.putDouble(ref, offset, 1));
            assertThrows(IndexOutOfBoundsException.class, () -> arena.copyIn(ref, offset, new byte[1], 0, 1));
            assertThrows(IndexOutOfBoundsException.class, () -> arena.view(ref, Math.max(offset, CHUNK - 15)));
        }
    }

    @Test
    void aValueThatStraddlesTheChunksEndIsOutOfBounds() {
        try (NativeArena arena = NativeArena.create()) {
            long ref = arena.allocateRef(CHUNK);
            arena.putLong(ref, CHUNK - 8, 1);
            assertEquals(1, arena.getLong(ref, CHUNK - 8));
            for (int offset = CHUNK - 7; offset < CHUNK; offset++) {
                int at = offset;
                assertThrows(IndexOutOfBoundsException.class, () -> arena.getLong(ref, at));
                assertThrows(IndexOutOfBoundsException.class, () -> arena.putDouble(ref, at, 1));
            }
            assertThrows(IndexOutOfBoundsException.class, () -> arena.getInt(ref, CHUNK - 3));
            assertThrows(IndexOutOfBoundsException.class, () -> arena.getFloat(ref, CHUNK - 1));
            assertThrows(IndexOutOfBoundsException.class, () -> arena.putShort(ref, CHUNK - 1, (short) 1));
            assertEquals(0, arena.view(ref + CHUNK, 0).capacity());
        }
    }

    @Test
    void copiesWithAnyRangeOutOfBoundsCopyNothing() {
        try (NativeArena arena = NativeArena.create()) {
            long ref = arena.allocateRef(CHUNK);
            byte[] nine = {9, 9, 9, 9};
            int[][] bad = {{0, -1, 2}, {0, 3, 2}, {0, 0, 5}, {0, 0, -1}, {CHUNK - 3, 0, 4}, {0, Integer.MAX_VALUE, 1},
                {0, 1, Integer.MAX_VALUE}, {CHUNK + 1, 0, 0}};
            arena.putLong(ref, 0, 0);
            arena.putLong(ref, CHUNK - 8, 0);
            for (int[] b : bad) {
                byte[] target = {1, 2, 3, 4};
                assertThrows(IndexOutOfBoundsException.class, () -> arena.copyIn(ref, b[0], nine, b[1], b[2]));
                assertThrows(IndexOutOfBoundsException.class, () -> arena.copyOut(ref, b[0], target, b[1], b[2]));
                assertArrayEquals(new byte[] {1, 2, 3, 4}, target);
            }
            assertEquals(0, arena.getLong(ref, 0));
            assertEquals(0, arena.getLong(ref, CHUNK - 8));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, Integer.MIN_VALUE, CHUNK + 1, Integer.MAX_VALUE})
    void aViewOutOfBoundsIsRefused(int size) {
        try (NativeArena arena = NativeArena.create()) {
            long ref = arena.allocateRef(16);
            assertThrows(IndexOutOfBoundsException.class, () -> arena.view(ref, size));
        }
    }

    /** In random order, so that each access finds another chunk near; what was found is of no use after each ending. */
    @Test
    void referencesIntoManyChunksFindTheirOwn() {
        Random random = new Random(7);
        try (NativeArena arena = NativeArena.builder().initialChunkSize(CHUNK).maxChunkSize(CHUNK).build()) {
            for (Runnable ending : new Runnable[] {arena::reset, arena::clear,
                () -> ArenaNatives.reset(arena.nativeHandle()), arena::reset,
                () -> ArenaNatives.clear(arena.nativeHandle()), arena::close}) {
                long[] refs = random.longs(200).map(any -> arena.allocateRef(1000)).toArray();
                for (int i = 0; i < 5_000; i++) {
                    int at = random.nextInt(refs.length);
                    arena.putLong(refs[at], 992, at);
                    arena.putLong(refs[i % refs.length], 0, i % refs.length);
                }
                for (int at : random.ints(2_000, 0, refs.length).toArray()) {
                    assertEquals(at, arena.getLong(refs[at], 0));
                    assertTrue(List.of(0L, (long) at).contains(arena.getLong(refs[at], 992)));
                    assertThrows(IndexOutOfBoundsException.class, () -> arena.getLong(refs[at], CHUNK - 7));
                }
                ending.run();
                for (long ref : refs) {
                    assertThrows(IllegalStateException.class, () -> arena.getLong(ref, 0));
                }
            }
        }
    }

    @Test
    void linkedStructuresLiveInTheArena() {
        try (NativeArena arena = NativeArena.create()) {
            long head = 0;
            for (int i = 0; i < 40_000; i++) { // over many chunks
                long node = arena.allocateRef(16);
                arena.putLong(node, 0, head);
                arena.putInt(node, 8, i);
                head = node;
            }
            int expected = 40_000;
            for (long node = head; node != 0; node = arena.getLong(node, 0)) {
                assertEquals(--expected, arena.getInt(node, 8));
            }
            assertEquals(0, expected);
            assertTrue(arena.stats().chunks() > 8, "the descriptors outgrew the arena's own slot");
            Blocks.assertSound(arena);
        }
    }

    @Test
    void randomNumbersAreNoReferences() {
        long seed = 0x5EED0001L;
        Random random = new Random(seed);
        try (NativeArena arena = NativeArena.create()) {
            arena.allocateRef(100_000);
            for (int round = 0; round < 100_000; round++) {
                access(arena, random.nextLong(), random.nextInt(), random, "seed=" + seed + " round=" + round);
            }
            Blocks.assertSound(arena);
        }
    }

    @Test
    void numbersThatLookLikeReferencesStayInsideTheArena() {
        long seed = 0x5EED0002L;
        Random random = new Random(seed);
        try (MemoryPool pool = MemoryPool.create();
                NativeArena arena = NativeArena.create(pool); NativeArena other = NativeArena.create(pool)) {
            ByteBuffer bystander = other.allocate(4096);
            Blocks.fill(bystander, 1);
            int accepted = 0;
            for (int round = 0; round < 100_000; round++) {
                if (round % 1000 == 0) {
                    arena.clear();
                    arena.allocateRef(4096);
                    arena.allocateRef(8192);
                    arena.allocateRef(50_000);
                }
                long generation = round / 1000 + 1 + random.nextInt(3);
                long chunk = random.nextInt(5);
                long ref = generation << 50 | chunk << 30 | random.nextInt(70_000);
                accepted += access(arena, ref, random.nextInt(70_000), random, "seed=" + seed + " round=" + round);
            }
            assertTrue(accepted > 100, "accepted=" + accepted);
            Blocks.assertFilled(bystander, 1);
            Blocks.assertSound(arena);
            Blocks.assertSound(pool);
        }
    }

    /** Tries one access; 1 when it was allowed. */
    private static int access(NativeArena arena, long ref, int offset, Random random, String what) {
        try {
            switch (random.nextInt(6)) {
                case 0 -> arena.putByte(ref, offset, (byte) 1);
                case 1 -> arena.putLong(ref, offset, 1);
                case 2 -> arena.getDouble(ref, offset);
                case 3 -> arena.copyIn(ref, offset, new byte[64], 0, 64);
                case 4 -> arena.copyOut(ref, offset, new byte[64], 0, 64);
                default -> arena.view(ref, offset & 0xFFFF);
            }
            return 1;
        } catch (IllegalStateException | IndexOutOfBoundsException e) {
            return 0;
        } catch (RuntimeException | Error e) {
            throw new AssertionError(what + " ref=0x" + Long.toHexString(ref) + " offset=" + offset, e);
        }
    }
}
