// SPDX-License-Identifier: Apache-2.0
package dev.corral;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.corral.internal.ArenaNatives;
import dev.corral.internal.ControlBlock;
import dev.corral.internal.FamilyNatives;
import dev.corral.junit.NoNativeLeaks;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Java knows which chunks hold blocks without asking C each time, and is never wrong. */
@NoNativeLeaks
class EnteredChunksTest {
    private static final int SMALL = 256;
    private static final int SIDE = 3_000;
    private static final int STEPS = 3_000;

    private final List<Long> refs = new ArrayList<>();
    private final List<Object> points = new ArrayList<>(); // marks and open scopes
    private Random random;
    private int refused;
    private int accepted;

    /** What C would not resolve is refused, and what it would is at the address that it says. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void referencesLeadWhereCSaysOrNowhere(long seed) {
        random = new Random(seed);
        int largest = SMALL << seed % 3;
        try (MemoryPool pool = MemoryPool.create(); NativeArena other = NativeArena.create(pool); NativeArena arena =
                NativeArena.builder().pool(pool).initialChunkSize(SMALL).maxChunkSize(largest).build()) {
            for (int step = 0; step < STEPS; step++) {
                change(arena);
                if (step % 8 == 0) { // takes what C gave back to the pool
                    other.allocateRef(random.nextInt(SIDE));
                }
                for (int i = 0; i < 6; i++) {
                    compare(arena, refs.get(Math.max(0, refs.size() - 1 - random.nextInt(40))), "step=" + step);
                }
            }
            Blocks.assertSound(arena);
            Blocks.assertSound(pool);
        }
        assertTrue(refused > STEPS / 10 && accepted > STEPS / 10, "refused=" + refused + " accepted=" + accepted);
    }

    private void change(NativeArena arena) {
        int what = random.nextInt(100);
        if (refs.isEmpty() || what < 60) {
            refs.add(arena.allocateRef(1 + random.nextInt(what < 6 ? SIDE : SMALL)));
        } else if (what < 66) {
            refs.add(ArenaNatives.allocate(arena.handle, 1 + random.nextInt(SIDE), 1)); // by C: Java has not looked
        } else if (what < 74) {
            points.add(random.nextBoolean() ? arena.mark() : arena.openScope());
        } else if (what < 93 && !points.isEmpty()) {
            takeBack(arena, points.get(random.nextInt(points.size())));
        } else if (what == 93) {
            takeBackAll(arena);
        } else if (what < 97) {
            FamilyNatives.trim(arena.handle, random.nextInt(20_000)); // in C: Java is not told
        } else if (what < 98) {
            arena.trim(random.nextInt(20_000));
        }
    }

    private void takeBack(NativeArena arena, Object point) {
        int later = points.indexOf(point) + 1;
        if (point instanceof Mark mark) {
            arena.rewind(mark);
            points.subList(later, points.size()).clear();
        } else if (later == points.size()) {
            ((Scope) point).close();
            points.remove(point);
        }
    }

    private void takeBackAll(NativeArena arena) {
        switch (random.nextInt(8)) {
            case 0 -> arena.clear();
            case 1 -> ArenaNatives.reset(arena.handle);
            case 2 -> ArenaNatives.clear(arena.handle);
            default -> arena.reset();
        }
        points.clear();
    }

    private void compare(NativeArena arena, long ref, String what) {
        long chunk = ref - Blocks.offset(ref);
        if (Blocks.address(arena, chunk) == 0) {
            refused++;
            assertThrows(IllegalStateException.class, () -> arena.getByte(ref, 0), what);
            assertThrows(IllegalStateException.class, () -> arena.putByte(chunk, 0, (byte) 1), what);
            assertThrows(IllegalStateException.class, () -> arena.copyOut(ref, 0, new byte[1], 0, 1), what);
            assertThrows(IllegalStateException.class, () -> arena.view(ref, 1), what);
        } else {
            accepted++;
            byte[] value = new byte[1];
            random.nextBytes(value);
            arena.putByte(chunk, 0, value[0]);
            assertEquals(value[0], Blocks.asC(arena, chunk, 1).get(0), what);
            value[0]++;
            arena.copyIn(chunk, 0, value, 0, 1);
            assertEquals(value[0], Blocks.asC(arena, chunk, 1).get(0), what);
            assertEquals(value[0], arena.view(chunk, 1).get(0), what);
        }
    }

    @Test
    void aChunkThatCHasReplacedIsFoundAgain() {
        try (MemoryPool pool = MemoryPool.create(); NativeArena arena = NativeArena.create(pool)) {
            arena.allocateRef(64);
            arena.putLong(arena.allocateRef(100_000), 0, 1);
            arena.reset();
            assertEquals(0, FamilyNatives.trim(arena.handle, 0));
            arena.allocateRef(64);
            long ref = arena.allocateRef(200_000);
            assertEquals(1, Blocks.chunk(ref));
            arena.putLong(ref, 199_992, 42);
            assertEquals(42, Blocks.asC(arena, ref, 200_000).getLong(199_992));
            assertThrows(IndexOutOfBoundsException.class, () -> arena.getLong(ref, 200_000));
        }
    }

    /** Whoever goes back to few chunks and then looks at the last of many has not looked at those between. */
    @Test
    void chunksThatNobodyHasLookedAtAreAskedFor() {
        try (NativeArena arena = NativeArena.builder().initialChunkSize(SMALL).maxChunkSize(SMALL).build()) {
            Mark mark = arena.mark();
            for (int round = 0; round < 3; round++) {
                long[] block = new long[50];
                for (int i = 0; i < block.length; i++) {
                    block[i] = arena.allocateRef(SMALL);
                }
                for (int i = block.length; i-- > 0;) {
                    arena.putLong(block[i], 0, round * 100 + i);
                }
                for (int i = 0; i < block.length; i += 3) {
                    assertEquals(round * 100 + i, arena.getLong(block[i], 0));
                }
                arena.rewind(mark);
                for (int i = 1; i < block.length; i++) {
                    long ref = block[i];
                    assertThrows(IllegalStateException.class, () -> arena.getLong(ref, 0), "i=" + i);
                }
            }
        }
    }

    /** Its generation is 0 then, which numbers that are no references have as well. */
    @Test
    void nothingIsFoundInAnArenaThatCHasDestroyed() {
        try (NativeArena parent = NativeArena.create()) {
            NativeArena arena = NativeArena.builder().parent(parent).initialChunkSize(SMALL).maxChunkSize(SMALL)
                    .build();
            for (int i = 0; i < 5; i++) {
                arena.putLong(arena.allocateRef(SMALL), 0, i);
            }
            assertEquals(0, ArenaNatives.reset(parent.handle));
            for (long chunk = 0; chunk < 9; chunk++) {
                long ref = chunk << 30;
                assertThrows(IllegalStateException.class, () -> arena.getByte(ref, 0));
                assertThrows(IllegalStateException.class, () -> arena.copyOut(ref, 0, new byte[1], 0, 1));
            }
        }
    }

    /** Rows of tables that were kept over all resets must not look fresh when generations begin anew. */
    @Test
    void chunksAreAskedForWhenGenerationsBeginAnew() {
        try (NativeArena arena = NativeArena.builder().initialChunkSize(SMALL).maxChunkSize(SMALL).build()) {
            long[] block = new long[5];
            for (int i = 0; i < block.length; i++) {
                block[i] = arena.allocateRef(SMALL);
                arena.putLong(block[i], 0, i);
            }
            for (int i = 0; i < ControlBlock.GENERATION_MAX; i++) {
                arena.reset();
            }
            for (int i = 1; i < block.length; i++) {
                long ref = block[i];
                assertThrows(IllegalStateException.class, () -> arena.getLong(ref, 0), "i=" + i);
            }
        }
    }

    /** And a chunk that stands where another one stood before makes that known. */
    @Test
    void whatCRewoundIsFoundWhereItIs() {
        try (NativeArena arena = NativeArena.builder().initialChunkSize(SMALL).maxChunkSize(SMALL).build()) {
            arena.allocateRef(SMALL);
            Mark outer = arena.mark();
            long first = arena.allocateRef(SMALL);
            long second = arena.allocateRef(SMALL);
            arena.putLong(first, 0, 1);
            arena.putLong(second, 0, 2);
            assertEquals(0, ArenaNatives.rewind(arena.handle, outer.id));
            long large = ArenaNatives.allocate(arena.handle, 5 * SMALL, 1); // stands where `first` stood
            arena.putLong(large, 4 * SMALL, 3);
            assertEquals(3, Blocks.asC(arena, large, 5 * SMALL).getLong(4 * SMALL));
            assertThrows(IllegalStateException.class, () -> arena.getLong(first, 0));
            arena.rewind(outer);
            for (long ref : new long[] {first, second, large}) {
                assertThrows(IllegalStateException.class, () -> arena.getLong(ref, 0));
            }
        }
    }
}
