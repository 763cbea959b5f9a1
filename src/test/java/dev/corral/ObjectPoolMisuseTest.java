// SPDX-License-Identifier: Apache-2.0
package dev.corral;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.corral.internal.ArenaNatives;
import dev.corral.internal.Status;
import dev.corral.junit.NoNativeLeaks;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** Pools of objects under attack: whatever the caller does is refused, or spoils the caller's own bytes. */
@NoNativeLeaks
@SuppressWarnings("try") // a scope is opened for its end
class ObjectPoolMisuseTest {
    private static List<Long> acquire(ObjectPool objects, int count) {
        List<Long> refs = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            refs.add(objects.acquire());
        }
        return refs;
    }

    private static void assertStatus(int status, Executable call) {
        RuntimeException refused = assertThrows(RuntimeException.class, call);
        assertTrue(refused.getMessage().contains("status=" + Status.name(status)), refused::getMessage);
    }

    @Test
    void doubleReleaseIsRefused() {
        try (ObjectPool objects = ObjectPool.builder(512).build()) {
            List<Long> refs = acquire(objects, 20);
            for (long ref : List.of(refs.get(0), refs.get(19))) {
                objects.release(ref);
                assertStatus(Status.DOUBLE_FREE, () -> objects.release(ref));
                assertFalse(objects.isLive(ref));
            }
            assertEquals(18, objects.stats().live());
        }
    }

    @Test
    void foreignAndForgedReferencesAreRefused() {
        try (MemoryPool pool = MemoryPool.create(); // a new one: pools that follow others may begin like one of them
                NativeArena parent = NativeArena.create(pool);
                ObjectPool objects = ObjectPool.create(parent, 32);
                ObjectPool others = ObjectPool.create(parent, 32)) {
            long ref = objects.acquire();
            long samePlace = others.acquire();
            assertStatus(Status.STALE_REF, () -> objects.release(samePlace));
            assertFalse(objects.isLive(samePlace));
            long other = others.arena().allocateRef(5_000);
            Random random = new Random(7);
            for (int i = 0; i < 20_000; i++) {
                long forged = random.nextBoolean() ? random.nextLong() : ref + random.nextInt(2_000_000) - 1_000_000;
                if (forged != ref) {
                    assertThrows(RuntimeException.class, () -> objects.release(forged));
                    assertFalse(objects.isLive(forged));
                }
            }
            assertStatus(Status.FOREIGN_POINTER, () -> objects.release(ref + 1));
            assertStatus(Status.FOREIGN_POINTER, () -> objects.next(ref + 8));
            assertStatus(Status.STALE_REF, () -> objects.release(0));
            assertThrows(RuntimeException.class, () -> objects.release(other));
            assertTrue(objects.isLive(ref));
            assertEquals(1, objects.stats().live());
            objects.check();
        }
    }

    @Test
    void staleReferencesAreRefused() {
        try (ObjectPool objects = ObjectPool.builder(32).build()) {
            List<Long> refs = acquire(objects, 500);
            objects.clear();
            assertEquals(0, objects.next(0));
            List<Long> again = acquire(objects, 500);
            refs.forEach(ref -> assertStatus(Status.STALE_REF, () -> objects.release(ref)));
            again.forEach(objects::release);
            objects.clear();
            objects.trim(0);
            assertEquals(16, objects.stats().allocated());
        }
    }

    @Test
    void valuesOutOfRangeAreRefused() {
        for (int size : new int[] {0, -1, 65_537, Integer.MAX_VALUE, Integer.MIN_VALUE}) {
            assertThrows(IllegalArgumentException.class, () -> ObjectPool.builder(size).build());
        }
        for (int alignment : new int[] {0, -8, 4, 12, 8192, Integer.MIN_VALUE}) {
            assertThrows(IllegalArgumentException.class, () -> ObjectPool.builder(8).alignment(alignment).build());
        }
        for (long block : new long[] {-1, (16 << 20) + 1, Long.MAX_VALUE, Long.MIN_VALUE}) {
            assertThrows(IllegalArgumentException.class, () -> ObjectPool.builder(8).largestBlock(block).build());
        }
        assertThrows(NullPointerException.class, () -> ObjectPool.create(null, 8));
        String advice = ": pass a size of 1 to 65536 bytes, an alignment that is a power of two of 8 to 4096, and a "
                + "largestBlock of 0 to 16777216";
        for (ObjectPool.Builder wrong : List.of(ObjectPool.builder(65_537), ObjectPool.builder(8).alignment(8192),
                ObjectPool.builder(8).largestBlock((16 << 20) + 1))) {
            String message = assertThrows(IllegalArgumentException.class, wrong::build).getMessage();
            assertTrue(message.endsWith(advice), message);
        }
        ObjectPool.builder(65_536).alignment(4096).largestBlock(16 << 20).build().close();
    }

    private static List<Executable> calls(ObjectPool objects, long ref) {
        return List.of(objects::acquire, () -> objects.release(ref), () -> objects.isLive(ref), () -> objects.next(0),
                () -> objects.next(ref), () -> objects.forEach(at -> { }), objects::clear, () -> objects.trim(0),
                objects::stats, objects::check, objects::nativeHandle);
    }

    @Test
    void everyCallOfAClosedPoolIsRefused() {
        List<Consumer<NativeArena>> ends = List.of(NativeArena::reset, NativeArena::clear,
                NativeArena::close, arena -> ArenaNatives.reset(arena.nativeHandle()),
                arena -> { });
        for (Consumer<NativeArena> end : ends) {
            try (NativeArena parent = NativeArena.create()) {
                ObjectPool objects = ObjectPool.create(parent, 48);
                long ref = objects.acquire();
                end.accept(parent);
                if (!objects.isClosed()) {
                    objects.close();
                }
                assertTrue(objects.isClosed());
                assertTrue(objects.toString().contains("closed"));
                calls(objects, ref).forEach(call -> assertThrows(IllegalStateException.class, call));
                objects.close();
            }
        }
    }

    @Test
    void everyCallOfAnotherThreadIsRefused() throws Exception {
        try (ObjectPool objects = ObjectPool.builder(48).build()) {
            long ref = objects.acquire();
            List<Executable> calls = new ArrayList<>(calls(objects, ref));
            calls.add(objects::close);
            for (Executable call : calls) {
                OtherThread.assertRefused(objects.arena(), OtherThread.thrownBy(call::execute));
            }
            assertTrue(objects.isLive(ref));
        }
    }

    @Test
    void itsArenaMayBeMisused() {
        try (ObjectPool objects = ObjectPool.builder(64).build()) {
            NativeArena inside = objects.arena();
            Mark mark = inside.mark();
            List<Long> refs = acquire(objects, 300);
            inside.allocateRef(100);
            inside.rewind(mark);
            inside.trim(0);
            refs.forEach(ref -> assertThrows(RuntimeException.class, () -> objects.release(ref)));
            assertEquals(0, objects.stats().live());
            List<Long> again = acquire(objects, 300);
            inside.resize(inside.view(again.get(0), 64), 16);
            again.forEach(objects::release);
            objects.check();
            try (Scope scope = inside.openScope()) {
                acquire(objects, 1_000);
            }
            acquire(objects, 1_000);
            objects.check();
            inside.reset();
            assertThrows(IllegalStateException.class, objects::acquire);
        }
    }

    @Test
    void clearIsRefusedWhileItIsCleared() {
        try (ObjectPool objects = ObjectPool.builder(64).build()) {
            objects.acquire();
            List<RuntimeException> refused = new ArrayList<>();
            objects.arena().onRelease(() -> refused.add(assertThrows(IllegalStateException.class, objects::clear)));
            objects.arena().newChild().onRelease(
                    () -> refused.add(assertThrows(IllegalStateException.class, objects::clear)));
            objects.clear();
            assertEquals(2, refused.size());
            assertFalse(objects.isClosed());
            objects.acquire();
            objects.check();
        }
    }

    /** Whatever stands in released objects: no object is handed out twice, no call does worse than throw. */
    @Test
    void damagedLinksNeverLeadAstray() {
        Random random = new Random(11);
        try (ObjectPool objects = ObjectPool.builder(16).largestBlock(4096).build()) {
            Set<Long> live = new HashSet<>();
            List<Long> known = new ArrayList<>();
            int damaged = 0;
            for (int i = 0; i < 50_000; i++) {
                int what = random.nextInt(100);
                if (what < 45) {
                    try {
                        long ref = objects.acquire();
                        assertTrue(live.add(ref), "handed out twice");
                        known.add(ref);
                    } catch (IllegalStateException e) {
                        assertTrue(e.getMessage().contains("CORRUPTED: an object was written to after its release"),
                                e::getMessage);
                        damaged++;
                    }
                } else if (what < 90 && !known.isEmpty()) {
                    long ref = known.get(random.nextInt(known.size()));
                    if (live.remove(ref)) {
                        objects.release(ref);
                    } else {
                        assertStatus(Status.DOUBLE_FREE, () -> objects.release(ref));
                    }
                } else if (what < 92 && !known.isEmpty()) {
                    long ref = known.get(random.nextInt(known.size()));
                    objects.arena().putInt(ref, 0, random.nextInt(300) - 20); // also where it is not ours any more
                }
                if (known.size() > 1_000) {
                    objects.clear();
                    known.clear();
                    live.clear();
                }
            }
            assertTrue(damaged > 10, "damaged=" + damaged);
        }
    }

    @Test
    void limitAboveRefusesAndLeavesThePoolUsable() {
        try (NativeArena parent = NativeArena.builder().limit(20_000).build();
                ObjectPool objects = ObjectPool.create(parent, 1_024)) {
            List<Long> refs = acquire(objects, 15);
            assertStatus(Status.LIMIT_REACHED, objects::acquire);
            objects.release(refs.get(0));
            assertEquals(refs.get(0), objects.acquire());
        }
    }
}
