// SPDX-License-Identifier: Apache-2.0
package dev.corral.cli;

import com.sun.management.ThreadMXBean;
import dev.corral.cli.json.JsonSyntaxException;
import dev.corral.cli.tree.JsonText;
import dev.corral.cli.tree.JsonTree;
import java.lang.management.ManagementFactory;
import java.util.stream.LongStream;

/**
 * One kind of tree under measurement. Building counts from the first event to the complete tree and again while the
 * tree is released; formatting counts apart.
 */
final class Variant implements AutoCloseable {
    private final String name;
    private final JsonTree tree;
    private JsonText text;
    private final Samples build = new Samples();
    private final Samples format = new Samples();
    private long textBytes;

    Variant(final String name, final JsonTree tree) {
        this.name = name;
        this.tree = tree;
    }

    /** Time and heap bytes of one activity: summed up over a round, then kept as one sample. */
    private static final class Samples {
        private long nanos;
        private long heapBytes;
        private final LongStream.Builder nanosOfRounds = LongStream.builder();
        private final LongStream.Builder heapBytesOfRounds = LongStream.builder();

        void endRound(final boolean keep) {
            if (keep) {
                nanosOfRounds.add(nanos);
                heapBytesOfRounds.add(heapBytes);
            }
            nanos = 0;
            heapBytes = 0;
        }

        Cost median() {
            return new Cost(Numbers.median(nanosOfRounds.build().toArray()),
                    Numbers.median(heapBytesOfRounds.build().toArray()));
        }
    }

    /**
     * What one activity cost in a round, over all documents.
     *
     * @param nanos nanoseconds, the median of the rounds
     * @param heapBytes bytes allocated on the Java heap, the median of the rounds
     */
    record Cost(double nanos, double heapBytes) {
    }

    /**
     * What was measured.
     *
     * @param name the kind of tree
     * @param build parsing, building and releasing
     * @param format formatting
     * @param textBytes bytes of formatted text of one round
     */
    record Result(String name, Cost build, Cost format, long textBytes) {
    }

    /** Builds and formats a document; the tree and the text stay until {@link #release}. */
    JsonText run(final byte[] document) throws JsonSyntaxException {
        final long heapAtStart = heapBytes();
        final long start = System.nanoTime();
        tree.build(document);
        final long built = System.nanoTime();
        final long heapWhenBuilt = heapBytes();
        text = tree.format();
        format.nanos += System.nanoTime() - built;
        format.heapBytes += heapBytes() - heapWhenBuilt;
        build.nanos += built - start;
        build.heapBytes += heapWhenBuilt - heapAtStart;
        textBytes += text.length();
        return text;
    }

    /** Takes the tree back. */
    void release() {
        text = null;
        final long heapAtStart = heapBytes();
        final long start = System.nanoTime();
        tree.release();
        build.nanos += System.nanoTime() - start;
        build.heapBytes += heapBytes() - heapAtStart;
    }

    /** Ends a round, whose sums become samples if {@code keep}. */
    void endRound(final boolean keep) {
        build.endRound(keep);
        format.endRound(keep);
        if (!keep) {
            textBytes = 0;
        }
    }

    /** The medians of {@code rounds} kept rounds. */
    Result result(final int rounds) {
        return new Result(name, build.median(), format.median(), textBytes / rounds);
    }

    String name() {
        return name;
    }

    @Override
    public void close() {
        tree.close();
    }

    private static long heapBytes() {
        return Heap.THREADS == null ? 0 : Heap.THREADS.getCurrentThreadAllocatedBytes();
    }

    /** Whether heap bytes are counted here; if not, all of them are 0. */
    static boolean countsHeapBytes() {
        return Heap.THREADS != null;
    }

    /** The JVM's counter, null where it has none. */
    private static final class Heap {
        static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean() instanceof ThreadMXBean threads
                && threads.isThreadAllocatedMemorySupported() && threads.isThreadAllocatedMemoryEnabled()
                ? threads : null;
    }
}
