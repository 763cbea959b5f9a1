// SPDX-License-Identifier: Apache-2.0
package dev.corral;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/** Threads that start at the same moment. */
final class Crew {
    /** What one thread does; {@code member} counts from 0. */
    interface Work {
        void run(int member) throws Exception;
    }

    private Crew() {
    }

    /** Runs {@code work} in that many threads at once, and fails with the first failure of any. */
    static void run(int threads, Work work) throws Exception {
        ExecutorService executor = Executors.newFixedThreadPool(threads);
        try {
            CyclicBarrier start = new CyclicBarrier(threads);
            List<Future<?>> members = new ArrayList<>();
            for (int i = 0; i < threads; i++) {
                int member = i;
                members.add(executor.submit(() -> {
                    start.await(10, TimeUnit.SECONDS);
                    work.run(member);
                    return null;
                }));
            }
            for (Future<?> member : members) {
                member.get(60, TimeUnit.SECONDS);
            }
            executor.shutdown();
            assertTrue(executor.awaitTermination(10, TimeUnit.SECONDS), "a thread does not end");
        } finally {
            executor.shutdownNow(); // after a failure, which is the one to report
        }
    }
}
