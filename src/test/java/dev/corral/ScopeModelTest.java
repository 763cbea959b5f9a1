// SPDX-License-Identifier: Apache-2.0
package dev.corral;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.corral.internal.ArenaNatives;
import dev.corral.internal.Status;
import dev.corral.junit.NoNativeLeaks;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Scopes that Java opens and closes by itself, step by step beside a twin whose scopes are all C's. */
@NoNativeLeaks
class ScopeModelTest {
    private static final int STEPS = 20_000;

    private final MemoryPool pool = MemoryPool.create();
    private final NativeArena arena = build();
    private final NativeArena twin = build();
    private final long twinHandle = twin.nativeHandle();
    private final Deque<Scope> scopes = new ArrayDeque<>();
    private final Deque<Long> twins = new ArrayDeque<>();

    private NativeArena build() {
        return NativeArena.builder().pool(pool).initialChunkSize(1024).maxChunkSize(4096).build();
    }

    @ParameterizedTest
    @CsvSource({"1,5", "2,12", "3,40", "4,5", "5,12"}) // below the room for Java's marks, about it, far above it
    void javaAndCAgree(int seed, int depth) {
        Random random = new Random(seed);
        for (int step = 0; step < STEPS; step++) {
            step(random, depth);
            assertEquals(twin.stats(), arena.stats(), "step=" + step);
            if (step % 64 == 0) {
                assertEquals(Status.OK, ArenaNatives.check(arena.nativeHandle()), "step=" + step);
            }
        }
        pool.close();
    }

    private void step(Random random, int depth) {
        int choice = random.nextInt(100);
        if (choice < 55) {
            allocate(random.nextInt(10) == 0 ? random.nextInt(3000) : random.nextInt(64));
        } else if (choice < 75 && scopes.size() < depth) {
            scopes.push(arena.openScope());
            twins.push(ArenaNatives.openScope(twinHandle));
        } else if (choice < 95 && !scopes.isEmpty()) {
            scopes.pop().close();
            assertEquals(Status.OK, ArenaNatives.closeScope(twinHandle, twins.pop()));
        } else if (choice < 98) {
            Mark mark = arena.mark();
            long twinMark = ArenaNatives.mark(twinHandle);
            allocate(random.nextInt(200));
            arena.rewind(mark);
            assertEquals(Status.OK, ArenaNatives.rewind(twinHandle, twinMark));
        } else if (random.nextInt(20) == 0) {
            arena.reset();
            twin.reset();
            scopes.forEach(Scope::close); // they are over
            scopes.clear();
            twins.clear();
        }
    }

    private void allocate(int size) {
        assertEquals(twin.allocateRef(size), arena.allocateRef(size));
    }

    @Test
    void anOuterScopeIsNotClosedBeforeTheInnerOneAlsoWhenTheInnermostWasTakenBack() {
        Scope outer = arena.openScope();
        Scope inner = arena.openScope();
        arena.allocateRef(1);
        Mark mark = arena.mark();
        Scope innermost = arena.openScope();
        arena.rewind(mark);
        assertThrows(IllegalStateException.class, outer::close);
        innermost.close();
        assertThrows(IllegalStateException.class, outer::close);
        inner.close();
        outer.close();
        assertEquals(0, arena.stats().used());
        pool.close();
    }

    @Test
    void aScopeThatWasTakenBackDoesNotEndWhatCameAfterIt() {
        Mark start = arena.mark();
        arena.allocateRef(1);
        Scope over = arena.openScope();
        arena.rewind(start);
        arena.allocateRef(1);
        Mark later = arena.mark();
        over.close();
        ByteBuffer view = arena.allocate(8);
        assertEquals(0, view.position());
        arena.rewind(later);
        assertFalse(arena.hasViewsSince(later.id));
        if (arena.viewSafety() == ViewSafety.CHECKED) {
            assertThrows(IllegalStateException.class, () -> view.get(0));
        }
        pool.close();
    }

    @Test
    void noScopeIsOpenedInAnArenaThatCHasDestroyed() {
        Scope scope = arena.openScope();
        assertEquals(Status.OK, ArenaNatives.destroy(arena.nativeHandle()));
        assertThrows(IllegalStateException.class, arena::openScope);
        scope.close(); // over with its arena
        assertThrows(IllegalStateException.class, () -> arena.allocateRef(8));
        pool.close();
    }

    /** More than moving the cursor has to be done, which Java leaves to C. */
    @Test
    void aScopeOfAZeroedArenaIsWiped() {
        try (NativeArena zeroed = NativeArena.builder().pool(pool).zeroed(true).build()) {
            Scope scope = zeroed.openScope();
            zeroed.putByte(zeroed.allocateRef(64), 0, (byte) 1);
            scope.close();
            assertEquals(0, zeroed.getByte(zeroed.allocateRef(64), 0));
            Blocks.assertSound(zeroed);
        }
        pool.close();
    }
}
