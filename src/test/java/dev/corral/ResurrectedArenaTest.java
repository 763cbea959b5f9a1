// SPDX-License-Identifier: Apache-2.0
package dev.corral;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.corral.junit.NoNativeLeaks;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledInNativeImage;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Arenas that were dropped and that a finalizer brings back: in use until nobody can reach them any more. */
@NoNativeLeaks
@DisabledInNativeImage // it runs no finalizers
class ResurrectedArenaTest {
    private final LeakDetection.Level before = LeakDetection.level();

    /** Arenas are dropped on purpose. */
    @BeforeEach
    void reportNothing() {
        LeakDetection.level(LeakDetection.Level.OFF);
    }

    @AfterEach
    void reportAsBefore() {
        LeakDetection.level(before);
    }

    @Test
    void anotherThreadCannotCloseThePoolOfAResurrectedArena() throws Exception {
        try (MemoryPool pool = MemoryPool.builder().name("nest").build()) {
            try (NativeArena risen = Phoenix.arena(() -> NativeArena.create(pool))) {
                Throwable thrown = OtherThread.thrownBy(pool::close);
                assertTrue(thrown instanceof IllegalStateException, () -> "not refused: " + thrown);
                assertEquals("pool=nest arena=arena owner=" + Thread.currentThread().getName() + " caller="
                        + OtherThread.NAME + ": an arena of another thread is open, close it first",
                        thrown.getMessage());
                assertFalse(pool.isClosed());
                risen.putLong(risen.allocateRef(8), 0, 1);
                Blocks.assertSound(risen);
            }
            assertEquals(null, OtherThread.thrownBy(pool::close));
        }
    }

    static Stream<Arguments> pools() {
        Map<String, PageSource> sources = Map.of("system", PageSource.operatingSystem(), "buffer",
                PageSource.of(ByteBuffer.allocateDirect(8 << 20)));
        Consumer<NativeArena.Builder> plain = builder -> { };
        Consumer<NativeArena.Builder> observed = builder -> builder.observer(new ArenaObserver() { });
        Consumer<NativeArena.Builder> debug = builder -> builder.debug(true);
        return sources.entrySet().stream().flatMap(source -> Stream.of(
                Arguments.of(source.getKey(), "plain", source.getValue(), plain),
                Arguments.of(source.getKey(), "observed", source.getValue(), observed),
                Arguments.of(source.getKey(), "debug", source.getValue(), debug)));
    }

    /** The pool cannot tell the object, as it has lost it; what C has left of the arena refuses. */
    @ParameterizedTest(name = "{0}, {1}")
    @MethodSource("pools")
    void aResurrectedArenaOfAClosedPoolIsHarmless(String source, String kind, PageSource pages,
            Consumer<NativeArena.Builder> options) {
        MemoryPool pool = MemoryPool.builder().pages(pages).build();
        long[] ref = new long[1];
        NativeArena risen = Phoenix.arena(() -> {
            NativeArena.Builder builder = NativeArena.builder().pool(pool);
            options.accept(builder);
            NativeArena arena = builder.build();
            ref[0] = arena.allocateRef(5000);
            arena.putLong(ref[0], 0, 7);
            return arena;
        });
        pool.close();
        ArenaCalls.OWNERS.forEach((signature, call) -> {
            try {
                call.on(risen, ref[0]);
            } catch (IllegalStateException | ArenaExhaustedException e) {
                assertTrue(e.getMessage().contains("arena=") || e.getMessage().contains("pool="), e::getMessage);
            }
        });
        risen.close();
        assertTrue(risen.isClosed());
    }

    static Stream<PageSource> sources() {
        return Stream.of(PageSource.operatingSystem(), PageSource.of(ByteBuffer.allocateDirect(8 << 20)));
    }

    /** The same of what keeps its state in Java. */
    @ParameterizedTest
    @MethodSource("sources")
    void aResurrectedSlotPoolOfAClosedPoolRefuses(PageSource pages) {
        MemoryPool pool = MemoryPool.builder().pages(pages).build();
        long[] handles = new long[100];
        SlotPool risen = Phoenix.slots(() -> {
            SlotPool slots = SlotPool.create(pool);
            for (int i = 0; i < handles.length; i++) {
                handles[i] = slots.putInt(i);
            }
            slots.remove(handles[7]);
            return slots;
        });
        pool.close();
        try (MemoryPool next = MemoryPool.create(); SlotPool others = SlotPool.create(next)) {
            others.putInt(1);
            assertTrue(risen.isClosed());
            assertThrows(IllegalStateException.class, () -> risen.putInt(1));
            assertThrows(IllegalStateException.class, () -> risen.remove(handles[0]));
            assertThrows(IllegalStateException.class, () -> risen.getInt(handles[0]));
            assertThrows(IllegalStateException.class, risen::newRegion);
            assertThrows(IllegalStateException.class, risen::nativeHandle);
            assertThrows(IllegalStateException.class, risen::stats);
            assertEquals(1, others.stats().live());
        }
        risen.close();
    }
}
