// SPDX-License-Identifier: Apache-2.0
package dev.corral;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.corral.internal.ArenaNatives;
import dev.corral.internal.ObjectPoolNatives;
import dev.corral.internal.Status;
import dev.corral.junit.NoNativeLeaks;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Pools of objects: what is acquired and released, and what C sees of it. */
@NoNativeLeaks
class ObjectPoolTest {
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

    // --- acquire and release

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void objectsKeepTheirBytesApart(boolean zeroed) {
        try (ObjectPool objects = ObjectPool.builder(20).alignment(8).zeroed(zeroed).build()) {
            List<Long> refs = acquire(objects, 1_000);
            assertEquals(1_000, new HashSet<>(refs).size());
            refs.forEach(ref -> {
                objects.arena().putLong(ref, 0, ref);
                objects.arena().putLong(ref, 16, ~ref);
            });
            refs.forEach(ref -> {
                assertEquals(ref, objects.arena().getLong(ref, 0));
                assertEquals(~ref, objects.arena().getLong(ref, 16));
                assertTrue(objects.isLive(ref));
            });
            assertEquals(24, objects.stats().objectSize());
            assertEquals(1_000, objects.stats().live());
            objects.check();
        }
    }

    @Test
    void lastReleasedObjectIsAcquiredNext() {
        try (ObjectPool objects = ObjectPool.builder(24).build()) {
            List<Long> refs = acquire(objects, 10);
            objects.release(refs.get(3));
            objects.release(refs.get(7));
            assertEquals(refs.get(7), objects.acquire());
            assertEquals(refs.get(3), objects.acquire());
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void zeroedObjectsReadAsZero(boolean below) {
        try (NativeArena arena = NativeArena.builder().zeroed(below).build();
                ObjectPool objects = ObjectPool.builder(64).parent(arena).zeroed(!below).build()) {
            for (int round = 0; round < 3; round++) {
                List<Long> refs = acquire(objects, 200);
                for (long ref : refs) {
                    for (int at = 0; at < 64; at += 8) {
                        assertEquals(0, objects.arena().getLong(ref, at));
                        objects.arena().putLong(ref, at, -1);
                    }
                }
                refs.forEach(objects::release);
            }
        }
    }

    @Test
    void randomCallsAgreeWithAModel() {
        Random random = new Random(42);
        try (ObjectPool objects = ObjectPool.builder(40).largestBlock(8192).build()) {
            List<Long> live = new ArrayList<>();
            for (int i = 0; i < 30_000; i++) {
                if (random.nextInt(100) < 52) {
                    long ref = objects.acquire();
                    objects.arena().putLong(ref, 0, ref);
                    live.add(ref);
                } else if (!live.isEmpty()) {
                    int at = random.nextInt(live.size());
                    long ref = live.set(at, live.get(live.size() - 1));
                    live.remove(live.size() - 1);
                    assertEquals(ref, objects.arena().getLong(ref, 0));
                    objects.release(ref);
                }
                if (i % 5_000 == 0) {
                    objects.check();
                    assertEquals(live.size(), objects.stats().live());
                }
                if (i % 9_999 == 0) {
                    objects.clear();
                    live.clear();
                }
            }
            Set<Long> visited = new HashSet<>();
            objects.forEach(ref -> assertTrue(visited.add(ref)));
            assertEquals(new HashSet<>(live), visited);
        }
    }

    @Test
    void peakCountsAllBlocks() {
        try (ObjectPool objects = ObjectPool.builder(512).build()) {
            List<Long> refs = acquire(objects, 30);
            refs.subList(0, 25).forEach(objects::release);
            acquire(objects, 5);
            assertEquals(30, objects.stats().peakLive());
            assertEquals(10, objects.stats().live());
            assertEquals(25, objects.stats().released());
        }
    }

    // --- C and Java

    @Test
    void callsOfCAndJavaAgree() {
        try (ObjectPool objects = ObjectPool.builder(512).build()) {
            List<Long> refs = acquire(objects, 40);
            long[] none = new long[ObjectPoolStats.NATIVE_LONGS];
            for (long ref : refs) {
                assertEquals(Status.OK, ObjectPoolNatives.release(objects.nativeHandle(), ref));
                assertStatus(Status.DOUBLE_FREE, () -> objects.release(ref));
            }
            assertEquals(Status.OK, ObjectPoolNatives.stats(objects.nativeHandle(), none));
            assertEquals(0, none[1]);
            assertEquals(40, new HashSet<>(acquire(objects, 40)).size());
            objects.check();
        }
    }

    @Test
    void clearInCIsSeen() {
        try (ObjectPool objects = ObjectPool.builder(64).build()) {
            long ref = objects.acquire();
            ObjectPoolNatives.beginClear(objects.nativeHandle());
            ArenaNatives.reset(objects.arena().nativeHandle());
            assertEquals(Status.OK, ObjectPoolNatives.endClear(objects.nativeHandle()));
            assertStatus(Status.STALE_REF, () -> objects.release(ref));
            assertNotEquals(ref, objects.acquire());
            objects.check();
        }
    }
}
