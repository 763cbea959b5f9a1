// SPDX-License-Identifier: Apache-2.0
package dev.corral;

import dev.corral.internal.BackingMemory;
import dev.corral.internal.Failures;
import dev.corral.internal.PageSourceNatives;
import java.nio.ByteBuffer;
import java.nio.file.Path;

/**
 * Where a pool's memory comes from; see {@link MemoryPool.Builder#pages}. A source is a description: nothing is
 * reserved before a pool is built on it, and any number of pools may be, except on {@link #of}. Each pool then has
 * pages of its own.
 *
 * <table>
 * <caption>Sources, and what they do where a machine lacks what they need</caption>
 * <tr><th>{@link #operatingSystem}</th><td>ordinary pages; the default</td></tr>
 * <tr><th>{@link #hugePages}</th><td>huge pages; else ordinary pages</td></tr>
 * <tr><th>{@link #requiredHugePages}</th><td>huge pages; else building the pool fails</td></tr>
 * <tr><th>{@link #transparentHugePages}</th><td>asks the kernel to make pages huge when it can</td></tr>
 * <tr><th>{@link #numaNode}</th><td>memory of one node; else building the pool fails</td></tr>
 * <tr><th>{@link #numaInterleaved}</th><td>pages from all nodes by turns; else ordinary pages</td></tr>
 * <tr><th>{@link #file}</th><td>a file's pages; else building the pool fails</td></tr>
 * <tr><th>{@link #guarded}</th><td>ordinary pages with inaccessible ones around large blocks</td></tr>
 * <tr><th>{@link #of}</th><td>a direct buffer of the caller's</td></tr>
 * </table>
 *
 * <p>Building a pool fails with {@link UnsupportedOperationException} where the machine, or this process on it, lacks
 * the feature, and with {@link java.io.UncheckedIOException} where a file is refused. Immutable and thread-safe.
 */
public final class PageSource {
    private static final int SYSTEM = 0;
    private static final PageSource OPERATING_SYSTEM = new PageSource(SYSTEM, 0, null, null, "operatingSystem");

    private final int kind;
    private final long number;
    private final byte[] path;
    private final ByteBuffer memory;
    private final String description;
    private boolean taken; // a pool is on the buffer. Guarded by this

    private PageSource(int kind, long number, byte[] path, ByteBuffer memory, String description) {
        this.kind = kind;
        this.number = number;
        this.path = path;
        this.memory = memory;
        this.description = description;
    }

    private static PageSource of(int kind, String description) {
        return new PageSource(kind, 0, null, null, description);
    }

    /** Ordinary pages of the operating system. */
    public static PageSource operatingSystem() {
        return OPERATING_SYSTEM;
    }

    /**
     * Huge pages from the kernel's pool of them ({@code vm.nr_hugepages}); what the pool has not is served with {@link
     * #transparentHugePages}.
     */
    public static PageSource hugePages() {
        return of(PageSourceNatives.HUGE_PREFERRED, "hugePages");
    }

    /** As {@link #hugePages}, but what the kernel's pool has not is refused. Bookkeeping may use ordinary pages. */
    public static PageSource requiredHugePages() {
        return of(PageSourceNatives.HUGE_REQUIRED, "requiredHugePages");
    }

    /** Ordinary pages that the kernel is asked to make huge; it need not. */
    public static PageSource transparentHugePages() {
        return of(PageSourceNatives.HUGE_ADVISED, "transparentHugePages");
    }

    /**
     * Memory of one NUMA node, and of no other. Node 0 is to be had on every machine that has no other node.
     *
     * @throws IllegalArgumentException if {@code node} is negative
     */
    public static PageSource numaNode(int node) {
        if (node < 0) {
            throw new IllegalArgumentException("node=" + node + ": nodes count from 0");
        }
        return new PageSource(PageSourceNatives.NUMA_NODE, node, null, null, "numaNode=" + node);
    }

    /** Pages by turns from all NUMA nodes that this process may use. */
    public static PageSource numaInterleaved() {
        return of(PageSourceNatives.NUMA_INTERLEAVED, "numaInterleaved");
    }

    /**
     * A file that the operating system writes memory to instead of swapping it. {@code path} is a directory, or the
     * name of a file that does not exist yet; the file has no name while it is in use, and goes with the pool. Room in
     * it is allocated when it is needed, so that a full disk is an {@link ArenaExhaustedException}.
     *
     * @throws IllegalArgumentException if the path is not of the default file system
     */
    public static PageSource file(Path path) {
        return new PageSource(PageSourceNatives.FILE, 0, SystemPaths.encode(path), null,
                "file=" + path.toAbsolutePath());
    }

    /**
     * A direct buffer of the caller's, from its position to its limit; 64 KiB at an aligned address at least. It stays
     * reachable as long as the pool is open or a view of the pool's memory is reachable. What the buffer holds is
     * overwritten; who writes to it meanwhile spoils the contents of blocks, and nothing else. One pool at a time can
     * be on it.
     *
     * @throws IllegalArgumentException if the buffer is not direct or read-only, or belongs to something that can take
     *                                  its memory away: a mapped file, or an arena of {@code java.lang.foreign} that is
     *                                  not the global one (JDK 22 and newer can tell; on older ones it must not)
     */
    public static PageSource of(ByteBuffer buffer) {
        if (!buffer.isDirect() || buffer.isReadOnly()) {
            throw new IllegalArgumentException("buffer=" + buffer + " direct=" + buffer.isDirect() + " readOnly="
                    + buffer.isReadOnly() + ": pass a writable direct buffer");
        }
        ByteBuffer memory = buffer.slice();
        return new PageSource(PageSourceNatives.RANGE, memory.capacity(), null, memory,
                "buffer of " + memory.capacity() + " bytes");
    }

    /** Ordinary pages, and inaccessible ones around each block above 32 KiB: for mistakes of native code. */
    public static PageSource guarded() {
        return of(PageSourceNatives.GUARDED, "guarded");
    }

    /** The kind of source and its argument. */
    @Override
    public String toString() {
        return "PageSource[" + description + "]";
    }

    /** Takes the buffer for a pool, which has it alone. Views of an earlier one may be garbage not found yet. */
    private void take(String pool) {
        BackingMemory.require(memory);
        if (tryTake()) {
            return;
        }
        MemoryPressure.relieve();
        if (!tryTake()) {
            throw new IllegalStateException("pool=" + pool + " pages=" + description
                    + ": another pool is on this buffer, or views of it are reachable");
        }
    }

    private synchronized boolean tryTake() {
        boolean free = !taken;
        taken = true;
        return free;
    }

    /** No pool and no view uses the memory any more. */
    synchronized void release() {
        taken = false;
    }

    /** Makes the native source for a pool: for {@link #close} and the pool's configuration; 0: ordinary pages. */
    long open(String pool) {
        if (kind == SYSTEM) {
            return 0;
        }
        if (memory != null) {
            take(pool);
        }
        byte[] message = new byte[PageSourceNatives.MESSAGE_BYTES];
        long opened = -1;
        try {
            opened = PageSourceNatives.open(kind, number, path, memory, message);
        } finally {
            if (Failures.isStatus(opened)) {
                release();
            }
        }
        if (Failures.isStatus(opened)) {
            throw Failures.of((int) -opened, "create: pool=" + pool + " " + SystemPaths.text(message));
        }
        return opened;
    }

    /** Once the pool holds the native source, or could not be created. */
    static void close(long source) {
        if (source != 0) {
            PageSourceNatives.close(source);
        }
    }
}
