// SPDX-License-Identifier: Apache-2.0
package dev.corral;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.corral.internal.ArenaNatives;
import dev.corral.junit.NoNativeLeaks;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Blocks and their views: properties, sizes, alignments, contents, and what is refused. */
@NoNativeLeaks
class ArenaAllocateTest {
    private static final int GIB = 1 << 30;

    static Stream<Named<Function<NativeArena, ByteBuffer>>> viewsOf24Bytes() {
        return Stream.of(
                Named.of("allocate(int)", arena -> arena.allocate(24)),
                Named.of("allocate(int,int)", arena -> arena.allocate(24, 128)),
                Named.of("allocateZeroed", arena -> arena.allocateZeroed(24)),
                Named.of("allocateUtf8", arena -> arena.allocateUtf8("x".repeat(24))),
                Named.of("allocateCString", arena -> arena.allocateCString("x".repeat(23))),
                Named.of("format", arena -> arena.format("%24s", "")),
                Named.of("view", arena -> arena.view(arena.allocateRef(24), 24)));
    }

    @ParameterizedTest
    @MethodSource("viewsOf24Bytes")
    void viewsAreDirectInNativeOrderFromZeroToTheirSize(Function<NativeArena, ByteBuffer> allocate) {
        try (NativeArena arena = NativeArena.create()) {
            arena.allocate(40); // so that the view does not start its chunk
            ByteBuffer view = allocate.apply(arena);
            assertTrue(view.isDirect());
            assertFalse(view.isReadOnly());
            assertEquals(ByteOrder.nativeOrder(), view.order());
            assertEquals(0, view.position());
            assertEquals(24, view.limit());
            assertEquals(24, view.capacity());
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 7, 8, 15, 16, 17, 63, 64, 4095, 4096, 4097, 65_535, 65_536, 65_537, 1_000_003})
    void everyByteOfABlockIsItsOwn(int size) {
        try (NativeArena arena = NativeArena.create()) {
            ByteBuffer before = arena.allocate(16);
            ByteBuffer block = arena.allocate(size);
            ByteBuffer after = arena.allocate(16);
            assertEquals(size, block.capacity());
            Blocks.fill(before, 1);
            Blocks.fill(block, 2);
            Blocks.fill(after, 3);
            Blocks.assertFilled(before, 1);
            Blocks.assertFilled(block, 2);
            Blocks.assertFilled(after, 3);
            Blocks.assertSound(arena);
        }
    }

    @Test
    void aViewCannotReachItsNeighbour() {
        try (NativeArena arena = NativeArena.create()) {
            ByteBuffer block = arena.allocate(16);
            arena.allocate(16);
            assertThrows(IndexOutOfBoundsException.class, () -> block.get(16));
            assertThrows(IndexOutOfBoundsException.class, () -> block.putLong(9, 1));
            assertThrows(IndexOutOfBoundsException.class, () -> block.get(-1));
            assertThrows(IllegalArgumentException.class, () -> block.limit(17));
        }
    }

    @Test
    void slicesAndDuplicatesShareTheBlock() {
        try (NativeArena arena = NativeArena.create()) {
            ByteBuffer block = arena.allocate(32);
            ByteBuffer slice = block.slice(8, 16);
            slice.put(3, (byte) 99);
            assertEquals(99, block.get(11));
            block.asIntBuffer().put(7, 0x01020304);
            assertEquals(0x01020304, block.duplicate().order(ByteOrder.nativeOrder()).getInt(28));
            assertEquals(16, slice.capacity());
        }
    }

    @Test
    void zeroBytesGiveAnEmptyViewAndMoveNothing() {
        try (NativeArena arena = NativeArena.create()) {
            arena.allocate(16);
            ByteBuffer empty = arena.allocate(0);
            assertEquals(0, empty.capacity());
            assertThrows(IndexOutOfBoundsException.class, () -> empty.get(0));
            assertEquals(16, arena.stats().used());
            assertEquals(2, arena.stats().count());
        }
    }

    @Test
    void zeroBytesFitInAFullFixedArena() {
        try (NativeArena arena = NativeArena.builder().fixedSize(64).build()) {
            arena.allocate(64);
            assertEquals(0, arena.allocate(0).capacity());
            long ref = arena.allocateRef(0);
            assertEquals(64, Blocks.offset(ref));
            assertEquals(0, arena.view(ref, 0).capacity());
            assertThrows(IndexOutOfBoundsException.class, () -> arena.getByte(ref, 0));
            Blocks.assertSound(arena);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 4096, 65_536, 262_144, 1_048_576})
    void blocksLieAtAMultipleOfTheirAlignment(int alignment) {
        try (NativeArena arena = NativeArena.create()) {
            for (int round = 0; round < 3; round++) {
                arena.allocateRef(24);
                long ref = arena.allocateRef(40, alignment);
                assertEquals(0, Blocks.address(arena, ref) % alignment);
                assertEquals(0, Blocks.address(arena, ref) % 16, "never less than the default");
                arena.putLong(ref, 32, round);
                assertEquals(round, arena.getLong(ref, 32));
            }
            Blocks.assertSound(arena);
        }
    }

    @Test
    void anAlignedViewLiesAtAMultipleOfItsAlignment() {
        try (NativeArena arena = NativeArena.create()) {
            arena.allocate(8);
            ByteBuffer view = arena.allocate(24, 4096);
            assertEquals(0, view.alignmentOffset(0, 4096));
            assertEquals(24, view.capacity());
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, -1, -16, 3, 24, 100, 2_097_152, 1 << 30, Integer.MIN_VALUE, Integer.MAX_VALUE})
    void anAlignmentThatIsNoPowerOfTwoUpToOneMebibyteIsRefused(int alignment) {
        try (NativeArena arena = NativeArena.builder().name("a").build()) {
            ArenaStats before = arena.stats();
            IllegalArgumentException thrown = assertThrows(IllegalArgumentException.class,
                    () -> arena.allocate(8, alignment));
            assertEquals("allocate: size=8 alignment=" + alignment + " arena=a status=BAD_ALIGNMENT: use a power of two"
                    + " up to 1048576 (a default alignment is 8 or 16)", thrown.getMessage());
            assertThrows(IllegalArgumentException.class, () -> arena.allocateRef(8, alignment));
            assertEquals(before, arena.stats());
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, -16, Integer.MIN_VALUE})
    void aNegativeSizeIsRefused(int size) {
        try (NativeArena arena = NativeArena.builder().name("a").build()) {
            ArenaStats before = arena.stats();
            String expected = "size=" + size + " arena=a: pass a size of 0 or more bytes";
            Stream.<Runnable>of(() -> arena.allocate(size), () -> arena.allocate(size, 64),
                    () -> arena.allocateZeroed(size), () -> arena.allocateRef(size), () -> arena.allocateRef(size, 64))
                    .forEach(call -> assertEquals(expected,
                            assertThrows(IllegalArgumentException.class, call::run).getMessage()));
            assertEquals(before, arena.stats());
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {GIB + 1, Integer.MAX_VALUE - 15, Integer.MAX_VALUE})
    void aSizeAboveOneGibibyteIsRefused(int size) {
        try (NativeArena arena = NativeArena.builder().name("a").build()) {
            ArenaStats before = arena.stats();
            String expected = "allocate: size=" + size + " alignment=1 arena=a status=SIZE_LIMIT: one request may have"
                    + " at most 1073741824 bytes";
            Stream.<Runnable>of(() -> arena.allocate(size), () -> arena.allocateZeroed(size),
                    () -> arena.allocateRef(size)).forEach(call -> assertEquals(expected,
                            assertThrows(IllegalArgumentException.class, call::run).getMessage()));
            assertThrows(IllegalArgumentException.class, () -> arena.allocate(size, 64));
            assertThrows(IllegalArgumentException.class, () -> arena.allocateRef(size, 64));
            assertEquals(before, arena.stats());
            assertEquals(8, arena.allocate(8).capacity());
        }
    }

    @Test
    void exactlyOneGibibyteIsServedAndIsUsableToItsLastByte() {
        try (MemoryPool pool = MemoryPool.create(); NativeArena arena = NativeArena.create(pool)) {
            ByteBuffer view = arena.allocate(GIB); // the system maps pages when they are touched: two here
            assertEquals(GIB, view.capacity());
            view.put(0, (byte) 1);
            view.put(GIB - 1, (byte) 2);
            assertEquals(2, view.get(GIB - 1));
            assertEquals(0, Blocks.chunk(arena.allocateRef(8)), "it never becomes the current chunk");
            assertEquals(1, arena.stats().growth().get((long) GIB));
            Blocks.assertSound(arena);
        }
    }

    @Test
    void referencesReachTheLastByteOfAGibibyte() {
        try (MemoryPool pool = MemoryPool.create(); NativeArena arena = NativeArena.create(pool)) {
            long ref = arena.allocateRef(GIB);
            arena.putByte(ref, GIB - 1, (byte) 7);
            assertEquals(7, arena.getByte(ref, GIB - 1));
            assertEquals(7, arena.getByte(ref + GIB - 1, 0));
            assertThrows(IndexOutOfBoundsException.class, () -> arena.getByte(ref, GIB));
            assertThrows(IndexOutOfBoundsException.class, () -> arena.getByte(ref + 1, GIB - 1));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 4095, 4096, 4097, 100_000})
    void allocateZeroedIsZeroOnRecycledMemory(int size) {
        try (NativeArena arena = NativeArena.create()) {
            Blocks.fill(arena.allocate(200_000), 5);
            arena.reset();
            ByteBuffer zeroed = arena.allocateZeroed(size);
            assertEquals(size, zeroed.capacity());
            assertEquals(ByteBuffer.allocate(size), zeroed);
            assertEquals(0, zeroed.position());
        }
    }

    @Test
    void aFullFixedArenaRefusesAndStaysUsable() {
        try (NativeArena arena = NativeArena.builder().fixedSize(256).name("fixed").build()) {
            ByteBuffer first = arena.allocate(200);
            Blocks.fill(first, 9);
            ArenaStats before = arena.stats();
            ArenaExhaustedException thrown = assertThrows(ArenaExhaustedException.class, () -> arena.allocate(64));
            assertEquals("allocate: size=64 alignment=1 arena=fixed status=ARENA_FULL: use a larger fixedSize, or reset"
                    + " the arena", thrown.getMessage());
            assertEquals(before, arena.stats());
            Blocks.assertFilled(first, 9);
            assertEquals(48, arena.allocate(48).capacity());
            arena.reset();
            assertEquals(256, arena.allocate(256).capacity());
            Blocks.assertSound(arena);
        }
    }

    @Test
    void anAlignmentGapThatDoesNotFitFillsAFixedArena() {
        try (NativeArena arena = NativeArena.builder().fixedSize(4096).build()) {
            arena.allocate(16);
            assertThrows(ArenaExhaustedException.class, () -> arena.allocate(16, 1 << 20));
            assertEquals(16, arena.stats().used());
        }
    }

    @Test
    void thePoolsLimitRefusesAndTheArenaStaysUsable() {
        try (MemoryPool pool = MemoryPool.builder().name("small").limit(1 << 20).build();
                NativeArena arena = NativeArena.create(pool)) {
            ByteBuffer first = arena.allocate(100);
            Blocks.fill(first, 4);
            ArenaStats before = arena.stats();
            ArenaExhaustedException thrown = assertThrows(ArenaExhaustedException.class, () -> arena.allocate(1 << 20));
            assertEquals("allocate: size=1048576 alignment=1 arena=arena status=LIMIT_REACHED: raise the limit, or"
                    + " release memory first", thrown.getMessage());
            assertEquals(before, arena.stats());
            assertTrue(pool.stats().inUse() <= pool.stats().limit());
            Blocks.assertFilled(first, 4);
            assertEquals(500_000, arena.allocate(500_000).capacity());
            Blocks.assertSound(arena);
            Blocks.assertSound(pool);
        }
    }

    @Test
    void alignmentEightRoundsToEight() {
        try (NativeArena arena = NativeArena.builder().alignment(8).build()) {
            long first = arena.allocateRef(1);
            long second = arena.allocateRef(9);
            long third = arena.allocateRef(8);
            assertEquals(8, second - first);
            assertEquals(16, third - second);
            assertEquals(32, arena.stats().used());
            Blocks.assertSound(arena);
        }
    }

    @Test
    void referencesAreNeverZeroAndNameChunkAndOffset() {
        try (NativeArena arena = NativeArena.create()) {
            long first = arena.allocateRef(100);
            long large = arena.allocateRef(51_200);
            assertNotEquals(0, first);
            assertEquals(0, Blocks.chunk(first));
            assertEquals(0, Blocks.offset(first));
            assertEquals(1, Blocks.chunk(large));
            assertEquals(112, Blocks.offset(arena.allocateRef(16)), "the large request cost the current chunk nothing");
            assertEquals(Blocks.address(arena, large), ArenaNatives.chunkBase(arena.nativeHandle(), 1));
        }
    }
}
