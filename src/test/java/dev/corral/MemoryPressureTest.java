// SPDX-License-Identifier: Apache-2.0
package dev.corral;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.corral.junit.NoNativeLeaks;
import java.lang.ref.WeakReference;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledInNativeImage;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Memory that only views hold: it goes back when its pool is closed or trimmed, and is collected when none is left. */
@NoNativeLeaks
@DisabledInNativeImage
class MemoryPressureTest {
    private static final int BIG = 32 << 20;

    @TempDir
    Path directory;

    private ChildJvm child() {
        return new ChildJvm(directory).with("-Xcheck:jni", "-XX:+UseSerialGC", "-Dcorral.leaks=off");
    }

    private static long value(ChildJvm.Result result, String name) {
        List<String> lines = result.lines(name + "=");
        assertEquals(1, lines.size(), result.output());
        return Long.parseLong(lines.get(0).substring(name.length() + 1).strip());
    }

    @ParameterizedTest
    @ValueSource(strings = {"keep", "drop"})
    void closedPoolsHoldNoMemory(String views) throws Exception {
        assumeTrue(Files.exists(ClosePools.STATUS), "no " + ClosePools.STATUS + " here");
        ChildJvm.Result result = child().with("-Xmx256m").run(ClosePools.class, views, "40").succeeded();
        assertEquals(40, value(result, "closed"));
        long resident = value(result, "residentMiB");
        assertTrue(resident > 0 && resident < 1024, "residentMiB=" + resident); // they were filled with 2560
    }

    private ChildJvm small() {
        assumeTrue(!ChildJvm.isAddressSanitized(), "AddressSanitizer needs more address space than the limit");
        return child().with("-Xmx64m", "-XX:ReservedCodeCacheSize=32m", "-XX:CompressedClassSpaceSize=16m")
                .limitedTo(2 << 20);
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void unreachableViewsAreCollectedBeforeARequestFails() throws Exception {
        assertEquals(60, value(small().run(ClosePools.class, "drop", "60").succeeded(), "closed"));
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void aRequestFailsWhenTheViewsAreReachable() throws Exception {
        ChildJvm.Result result = small().run(ClosePools.class, "keep", "60");
        assertFalse(result.lines("ArenaExhaustedException").isEmpty(), result.output());
        assertFalse(result.lines("status=NO_MEMORY").isEmpty(), result.output());
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void droppedRecyclersAreCollectedBeforeANewOneFails() throws Exception {
        assertEquals(4000, value(small().with("-Xint").run(CreateAndDrop.class, "4000").succeeded(), "created"));
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void closedFilesDoNotCountAsOpen() throws Exception {
        ChildJvm.Result result = child().withOpenFiles(256)
                .run(OpensManyFiles.class, directory.resolve("one.arena").toString(), "700").succeeded();
        assertEquals(List.of("sum=4900"), result.lines("sum="));
    }

    @Test
    void reliefEndsThePinsOfUnreachableViews() {
        try (MemoryPool pool = MemoryPool.builder().retain(0).build()) {
            for (int i = 0; i < 50; i++) {
                dropView(pool);
                for (int tries = 0; tries < 5 && pool.stats().pinnedRegions() != 0; tries++) {
                    MemoryPressure.relieve(); // it waits for five seconds at most: too short on a very busy machine
                }
                assertEquals(0, pool.stats().pinnedRegions(), "round=" + i);
            }
            Blocks.assertSound(pool);
        }
    }

    private static void dropView(MemoryPool pool) {
        ByteBuffer block = pool.allocate(BIG);
        block.put(BIG - 1, (byte) 1);
        pool.free(block);
    }

    /** Keeps the reaper until it may go on. */
    private static final class Hindrance extends WeakReference<Object> implements Reaper.Reapable {
        private final CountDownLatch begun = new CountDownLatch(1);
        private final CountDownLatch end = new CountDownLatch(1);

        Hindrance() throws InterruptedException {
            super(new Object(), Reaper.queue());
            enqueue();
            begun.await(); // the queue gives out the newest first
        }

        @Override
        public void reap() {
            begun.countDown();
            try {
                end.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"view", "arena", "pool"})
    void whatTheCollectorHasFoundIsAwaited(String dropped) throws InterruptedException {
        LeakDetection.Level level = LeakDetection.level();
        LeakDetection.level(LeakDetection.Level.OFF);
        MemoryPool pool = MemoryPool.create();
        PoolState state = pool.state();
        Hindrance hindrance = new Hindrance();
        try {
            assertFalse(state.awaitsReaper());
            switch (dropped) {
                case "view" -> dropView(pool);
                case "arena" -> NativeArena.create(pool);
                default -> pool = null;
            }
            Await.collected(dropped + " is found", state::awaitsReaper, () -> state.name);
        } finally {
            hindrance.end.countDown();
        }
        Await.until("the reaper is done", () -> !state.awaitsReaper() && Reaper.isIdle(), () -> state.name);
        LeakDetection.level(level);
        if (pool != null) {
            pool.close();
        }
    }

    @Test
    void aReliefIsNotWaitedForAfterAnInterrupt() {
        Thread.currentThread().interrupt();
        MemoryPressure.relieve();
        assertTrue(Thread.interrupted());
    }

    @Test
    void trimGivesBackWhatOnlyAViewHoldsOnce() {
        try (MemoryPool pool = MemoryPool.create()) {
            ByteBuffer block = pool.allocate(BIG);
            block.put(BIG - 1, (byte) 1);
            pool.free(block);
            assertEquals(BIG, pool.trim());
            assertEquals(0, pool.trim());
            assertEquals(0, block.get(BIG - 1));
            block.put(BIG - 1, (byte) 2); // stale, and harmless
            Blocks.assertSound(pool);
        }
    }

    @Test
    void trimLeavesLiveBlocksAlone() {
        try (MemoryPool pool = MemoryPool.create(); NativeArena arena = NativeArena.create(pool)) {
            ByteBuffer block = pool.allocate(BIG);
            ByteBuffer small = arena.allocate(1_000);
            Blocks.fill(block, 1);
            Blocks.fill(small, 2);
            pool.trim();
            Blocks.assertFilled(block, 1);
            Blocks.assertFilled(small, 2);
            Blocks.assertSound(arena);
        }
    }
}
