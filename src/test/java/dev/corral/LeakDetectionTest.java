// SPDX-License-Identifier: Apache-2.0
package dev.corral;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.corral.junit.NoNativeLeaks;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Levels and listeners; the log is what DroppedTest and ChildJvmTest look at. */
@NoNativeLeaks
class LeakDetectionTest {
    private final LeakDetection.Level before = LeakDetection.level();
    private final List<LeakDetection.Leak> told = new CopyOnWriteArrayList<>();
    private final Reports reports = new Reports();

    @AfterEach
    void restore() {
        LeakDetection.level(before);
        reports.detach();
    }

    /** A method of its own, so that no frame keeps the arena. */
    private static void drop(String name) {
        try (MemoryPool pool = MemoryPool.builder().name("p").build()) {
            NativeArena.builder().pool(pool).name(name).build();
            Await.collected("it is found", () -> pool.stats().droppedArenas() == 1, pool::stats);
        }
    }

    private List<LeakDetection.Leak> naming(String name) {
        return told.stream().filter(leak -> leak.what().startsWith("arena=" + name + " ")).collect(Collectors.toList());
    }

    @Test
    void aListenerIsToldOnceWithTheSite() {
        LeakDetection.level(LeakDetection.Level.ALL);
        reports.attach();
        try (LeakDetection.Subscription subscription = LeakDetection.onLeak(told::add)) {
            assertNotNull(subscription);
            drop("heard");
            Await.collected("told", () -> !naming("heard").isEmpty(), told::toString);
            Await.reaped();
        }
        assertEquals(1, naming("heard").size());
        assertTrue(java.util.Arrays.stream(naming("heard").get(0).site().getStackTrace())
                .anyMatch(frame -> frame.getMethodName().equals("drop")));
        assertEquals(1, reports.naming("arena=heard ").size());
        drop("after the end");
        Await.reaped();
        assertEquals(1, told.size());
    }

    @Test
    void offKeepsTheLogQuietButNotTheListener() {
        LeakDetection.level(LeakDetection.Level.OFF);
        reports.attach();
        try (LeakDetection.Subscription subscription = LeakDetection.onLeak(told::add)) {
            assertNotNull(subscription);
            drop("quiet");
            Await.collected("told", () -> !naming("quiet").isEmpty(), told::toString);
        }
        assertNull(naming("quiet").get(0).site());
        assertEquals(List.of(), reports.naming("arena=quiet "));
    }

    @Test
    void aListenerThatFailsStopsNobody() {
        LeakDetection.level(LeakDetection.Level.ALL);
        reports.attach();
        try (LeakDetection.Subscription first = LeakDetection.onLeak(leak -> {
            throw new IllegalStateException("of the listener");
        }); LeakDetection.Subscription second = LeakDetection.onLeak(told::add)) {
            assertNotNull(first);
            assertNotNull(second);
            drop("survives");
            Await.collected("told", () -> !naming("survives").isEmpty(), told::toString);
            Await.collected("logged", () -> !reports.naming("a listener for leaks has failed").isEmpty(), reports::all);
        }
        assertEquals(1, reports.naming("arena=survives ").size());
    }

    @Test
    void aSnapshotTellsWhatWasOpenedSince() {
        try (NativeArena earlier = NativeArena.create()) {
            LeakDetection.Snapshot snapshot = LeakDetection.snapshot();
            assertEquals(List.of(), snapshot.openedSince());
            try (NativeArena later = NativeArena.builder().name("later").build()) {
                assertEquals(List.of("arena=later pool=shared owner=" + Thread.currentThread().getName()),
                        snapshot.openedSince().stream().map(LeakDetection.Leak::what).collect(Collectors.toList()));
                assertTrue(later.isOwnedByCurrentThread() && earlier.isOwnedByCurrentThread());
            }
            assertEquals(List.of(), snapshot.openedSince());
        }
    }
}
