// SPDX-License-Identifier: Apache-2.0
package dev.corral.cli;

import dev.corral.cli.json.JsonSyntaxException;
import dev.corral.cli.tree.JsonText;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Measures kinds of trees against each other: in one JVM, document by document in turn, the kind that begins changing
 * from round to round, after a warm-up that no figure contains. Every tree is formatted, and every text compared with
 * the first kind's, so that no kind can save work unseen.
 */
final class Measurement {
    private static final double DEFAULT_SECONDS = 3;
    private static final int LEAST_ROUNDS = 5;
    private static final int MOST_ROUNDS = 2_000;

    private final List<Document> documents;
    private final List<Variant> variants;
    private final ProgressBar bar;
    private int counted;
    private double warmedUpSeconds;

    Measurement(final List<Document> documents, final List<Variant> variants, final ProgressBar bar) {
        this.documents = documents;
        this.variants = variants;
        this.bar = bar;
    }

    /**
     * Measures.
     *
     * @param warmUpSeconds rounds are run and forgotten until they have taken so much processor time, at least one;
     *        up to twice the time while the JIT compilers work
     * @param rounds how many rounds count; 0 for as many as three seconds take
     */
    void run(final double warmUpSeconds, final int rounds) {
        final Timer warmUp = new Timer(processorClock(), warmUpSeconds);
        final JitWatch jit = new JitWatch();
        int round = 0;
        boolean quiet;
        do {
            round(round++, false);
            quiet = jit.isQuiet();
            bar.update("warming up", warmUp.fraction());
        } while (warmUp.fraction() < 1 || warmUp.fraction() < 2 && !quiet);
        warmedUpSeconds = warmUp.seconds();
        final Timer measuring = new Timer(System::nanoTime, DEFAULT_SECONDS);
        while (rounds > 0 ? counted < rounds : wantsMore(counted, measuring)) {
            round(round++, true);
            counted++;
            bar.update("measuring", rounds > 0 ? (double) counted / rounds : measuring.fraction());
        }
        bar.clear();
    }

    /** How many rounds counted. */
    int rounds() {
        return counted;
    }

    /** The processor time of the rounds that do not count. */
    double warmedUpSeconds() {
        return warmedUpSeconds;
    }

    /** The medians of each variant. */
    List<Variant.Result> results() {
        return variants.stream().map(variant -> variant.result(counted)).toList();
    }

    private static boolean wantsMore(final int counted, final Timer timer) {
        return counted < LEAST_ROUNDS || counted < MOST_ROUNDS && timer.fraction() < 1;
    }

    private void round(final int round, final boolean keep) {
        for (final Document document : documents) {
            compareTexts(document, round);
            for (final Variant variant : variants) {
                variant.release();
            }
        }
        for (final Variant variant : variants) {
            variant.endRound(keep);
        }
    }

    private void compareTexts(final Document document, final int round) {
        final JsonText[] texts = new JsonText[variants.size()];
        for (int i = 0; i < texts.length; i++) {
            final int next = (round + i) % texts.length;
            texts[next] = run(variants.get(next), document);
        }
        final byte[] expected = TextComparison.bytes(texts[0]);
        for (int i = 1; i < texts.length; i++) {
            if (!TextComparison.isEqual(expected, texts[i])) {
                throw new IllegalStateException(document.input().name() + ": " + variants.get(i).name() + " and "
                        + variants.get(0).name() + " differ in the formatted text");
            }
        }
    }

    private static JsonText run(final Variant variant, final Document document) {
        try {
            return variant.run(document.bytes());
        } catch (JsonSyntaxException impossible) {
            throw new IllegalStateException(document.input().name() + ": was valid before", impossible);
        }
    }

    /** A span of time that has begun, on a clock of nanoseconds. */
    private static final class Timer {
        private final LongSupplier clock;
        private final long start;
        private final double nanos;

        Timer(final LongSupplier clock, final double seconds) {
            this.clock = clock;
            start = clock.getAsLong();
            nanos = seconds * TimeUnit.SECONDS.toNanos(1);
        }

        /** How much of the span has passed, 1 and more when it is over. */
        double fraction() {
            return nanos <= 0 ? 2 : (clock.getAsLong() - start) / nanos;
        }

        double seconds() {
            return (clock.getAsLong() - start) / (double) TimeUnit.SECONDS.toNanos(1);
        }
    }

    /** The processor time of this thread where the JVM has it: on a busy machine a second of warm-up is still one. */
    private static LongSupplier processorClock() {
        final ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        return threads.isCurrentThreadCpuTimeSupported() && threads.isThreadCpuTimeEnabled()
                ? threads::getCurrentThreadCpuTime : System::nanoTime;
    }
}
