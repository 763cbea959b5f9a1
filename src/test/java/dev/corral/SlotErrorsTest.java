// SPDX-License-Identifier: Apache-2.0
package dev.corral;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import dev.corral.junit.NoNativeLeaks;
import java.util.Random;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledInNativeImage;

/** What the end of a thread's own stack leaves of a slot pool. */
@NoNativeLeaks
@DisabledInNativeImage // which gives its threads other stacks
class SlotErrorsTest {
    private static final int ERRORS = 400;
    private static final long JAVA_STACK = 256 * 1024;

    /** Calls {@code action} so many levels deeper. */
    private static long sink(Runnable action, int levels, long a, long b) {
        if (levels == 0) {
            action.run();
            return 1;
        }
        return sink(action, levels - 1, b, a + 1) + a;
    }

    private static void closeRegions() {
        Random random = new Random(11);
        try (SlotPool slots = SlotPool.create()) {
            int errors = 0;
            for (int levels = 0; errors < ERRORS;) {
                SlotRegion region = slots.newRegion();
                long handle = region.putLong(errors);
                slots.remove(region.putLong(1));
                try {
                    sink(region::close, levels, 1, 2);
                    levels += 1 + random.nextInt(errors == 0 ? 50 : 4);
                } catch (StackOverflowError e) {
                    errors++;
                    levels = Math.max(0, levels - random.nextInt(5));
                }
                assertEquals(region.isClosed() ? 0 : 1, slots.stats().regions());
                assertEquals(!region.isClosed(), slots.contains(handle));
                region.close();
                assertEquals(0, slots.stats().regions());
                assertEquals(0, slots.stats().live());
            }
        }
    }

    @Test
    void regionIsOpenOrOverWhereverAnErrorCutsItsCloseShort() throws InterruptedException {
        AtomicReference<Throwable> thrown = new AtomicReference<>();
        Thread thread = new Thread(null, SlotErrorsTest::closeRegions, "small", JAVA_STACK);
        thread.setUncaughtExceptionHandler((ended, cause) -> thrown.set(cause));
        thread.start();
        thread.join();
        assertNull(thrown.get(), () -> String.valueOf(thrown.get()));
    }
}
