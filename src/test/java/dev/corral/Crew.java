// SPDX-License-Identifier: Apache-2.0
package dev.corral;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

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
                    start.await(120, TimeUnit.SECONDS);
                    work.run(member);
                    return null;
                }));
            }
            waitFor(members);
            executor.shutdown();
            assertTrue(executor.awaitTermination(120, TimeUnit.SECONDS), "a thread does not end");
        } finally {
            executor.shutdownNow(); // after a failure, which is the one to report
        }
    }

    /** A member that fails lets the others wait in vain: what they say comes as suppressed. */
    private static void waitFor(List<Future<?>> members) throws Exception {
        List<Exception> failures = new ArrayList<>();
        for (Future<?> member : members) {
            try {
                member.get(120, TimeUnit.SECONDS);
            } catch (ExecutionException | TimeoutException e) {
                boolean waited = e.getCause() instanceof TimeoutException
                        || e.getCause() instanceof BrokenBarrierException;
                failures.add(waited ? failures.size() : 0, e);
            }
        }
        if (!failures.isEmpty()) {
            Exception first = failures.remove(0);
            failures.forEach(first::addSuppressed);
            throw first;
        }
    }
}
