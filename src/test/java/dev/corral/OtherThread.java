// SPDX-License-Identifier: Apache-2.0
package dev.corral;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;

/** Runs code in a thread of its own, to its end. */
final class OtherThread {
    static final String NAME = "intruder";

    /** Code that may throw. */
    interface Action {
        void run() throws Throwable;
    }

    private OtherThread() {
    }

    /** What {@code code} returns in a thread called {@link #NAME}. */
    static <T> T call(Callable<T> code) throws Exception {
        FutureTask<T> task = new FutureTask<>(code);
        Thread thread = new Thread(task, NAME);
        thread.start();
        thread.join();
        return task.get();
    }

    /** What {@code action} throws in a thread called {@link #NAME}; null when it returns. */
    static Throwable thrownBy(Action action) throws Exception {
        return call(() -> {
            try {
                action.run();
                return null;
            } catch (Throwable e) {
                return e;
            }
        });
    }

    /** Asserts the exception that names the arena, its owner (the calling thread) and the intruder. */
    static void assertRefused(NativeArena arena, Throwable thrown) {
        assertNotNull(thrown, "another thread's call was not refused");
        boolean hasOwnType = Runtime.version().feature() >= 19;
        assertEquals("java.lang." + (hasOwnType ? "WrongThreadException" : "IllegalStateException"),
                thrown.getClass().getName());
        assertEquals("arena=" + arena.name() + " owner=" + Thread.currentThread().getName() + " caller=" + NAME
                + ": an arena may be used by its owner thread only", thrown.getMessage());
    }
}
