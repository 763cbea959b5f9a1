// SPDX-License-Identifier: Apache-2.0
package dev.corral.bench;

import com.sun.management.GarbageCollectionNotificationInfo;
import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import javax.management.NotificationEmitter;
import javax.management.openmbean.CompositeData;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.infra.IterationParams;
import org.openjdk.jmh.profile.InternalProfiler;
import org.openjdk.jmh.results.AggregationPolicy;
import org.openjdk.jmh.results.IterationResult;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.ScalarResult;

/**
 * What the whole process needs: the most memory that it had resident, Java heap and native together (Linux only), the
 * longest pause of the garbage collector, and processor time, the collector's and the JIT's included. For
 * {@code -prof dev.corral.bench.ProcessProfiler}.
 */
public final class ProcessProfiler implements InternalProfiler {
    private static final Path STATUS = Path.of("/proc/self/status");
    private static final double KIB_PER_MIB = 1024;
    private static final AtomicLong LONGEST = new AtomicLong();
    private static final OperatingSystemMXBean SYSTEM =
            ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
    /** Nanoseconds that say something on a clock that counts in steps of ten million. */
    private static final double LEAST_BUSY = 5e7;
    /** More than any cost, of an iteration that was too short: JMH takes a result that is not there for 0. */
    public static final double UNKNOWN = 1e18;
    private static boolean listens;
    private static long begun;

    /** Made by JMH. */
    public ProcessProfiler() {
    }

    @Override
    public String getDescription() {
        return "peak resident memory, longest pause and processor time of the process";
    }

    @Override
    public void beforeIteration(BenchmarkParams benchmark, IterationParams iteration) {
        if (!listens) {
            listens = true;
            for (GarbageCollectorMXBean collector : ManagementFactory.getGarbageCollectorMXBeans()) {
                ((NotificationEmitter) collector).addNotificationListener((notification, handback) -> {
                    boolean isPause = !collector.getName().contains("Concurrent");
                    if (isPause && notification.getUserData() instanceof CompositeData data) {
                        long pause = GarbageCollectionNotificationInfo.from(data).getGcInfo().getDuration();
                        LONGEST.accumulateAndGet(pause, Math::max);
                    }
                }, null, null);
            }
        }
        LONGEST.set(0);
        begun = SYSTEM.getProcessCpuTime();
    }

    @Override
    public Collection<? extends Result<?>> afterIteration(BenchmarkParams benchmark, IterationParams iteration,
            IterationResult result) {
        double busy = SYSTEM.getProcessCpuTime() - begun;
        List<Result<?>> results = new ArrayList<>();
        double cost = busy >= LEAST_BUSY ? busy / result.getMetadata().getAllOps() : UNKNOWN;
        results.add(new ScalarResult("cpu.least", cost, "ns", AggregationPolicy.MIN));
        results.add(new ScalarResult("pause.max", LONGEST.get(), "ms", AggregationPolicy.MAX));
        double peak = peakKib();
        if (peak > 0) {
            results.add(new ScalarResult("rss.peak", peak / KIB_PER_MIB, "MiB", AggregationPolicy.MAX));
        }
        return results;
    }

    private static double peakKib() {
        if (!Files.isReadable(STATUS)) {
            return 0;
        }
        try {
            return Files.readAllLines(STATUS).stream().filter(line -> line.startsWith("VmHWM:"))
                    .mapToDouble(line -> Double.parseDouble(line.replaceAll("[^0-9]", ""))).findFirst().orElse(0);
        } catch (IOException e) {
            return 0;
        }
    }
}
