// SPDX-License-Identifier: Apache-2.0
package dev.corral;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.corral.junit.NoNativeLeaks;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledInNativeImage;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** A callback of C waits for a thread that uses the same pool: whoever takes the memory back holds no lock of Java. */
@NoNativeLeaks
@DisabledInNativeImage // loads a library
@DisabledOnOs(OS.WINDOWS) // whose C has no threads.h
class CallbackInCTest {
    private final NativeCallbacks callbacks = new NativeCallbacks();

    /** Another thread, which waits for the callback, makes a call, and lets the callback go on. */
    private CompletableFuture<Void> helpAfter(Runnable call) {
        return CompletableFuture.runAsync(() -> {
            while (!callbacks.isWaiting()) {
                Thread.onSpinWait();
            }
            try {
                call.run();
            } finally {
                callbacks.release();
            }
        });
    }

    private void assertHelped(CompletableFuture<Void> helper) throws Exception {
        helper.get(120, TimeUnit.SECONDS);
        assertFalse(callbacks.hasWaitedInVain());
    }

    @Test
    void closingAnArenaHoldsNoLock() throws Exception {
        try (MemoryPool pool = MemoryPool.create()) {
            CompletableFuture<Void> helper;
            try (NativeArena arena = NativeArena.create(pool)) {
                callbacks.register(arena);
                helper = helpAfter(() -> {
                    pool.free(pool.allocate(64));
                    NativeArena.create(pool).close();
                });
            }
            assertHelped(helper);
        }
    }

    @Test
    void closingAPoolHoldsNoLock() throws Exception {
        MemoryPool pool = MemoryPool.create();
        NativeArena debug = NativeArena.builder().pool(pool).debug(true).build();
        callbacks.register(debug.newChild());
        CompletableFuture<Void> helper = helpAfter(() -> {
            assertThrows(IllegalStateException.class, () -> pool.allocate(64));
            assertTrue(pool.isClosed());
            pool.close();
        });
        pool.close();
        assertHelped(helper);
    }

    @Test
    void freeingADroppedArenaHoldsNoLock() throws Exception {
        MemoryPool pool = MemoryPool.create();
        dropOne(pool);
        CompletableFuture<Void> helper = helpAfter(() -> pool.free(pool.allocate(64)));
        Await.collected("it is freed", callbacks::isWaiting, () -> "");
        pool.close(); // waits for the reaper
        assertHelped(helper);
    }

    private void dropOne(MemoryPool pool) {
        callbacks.register(NativeArena.create(pool));
    }
}
