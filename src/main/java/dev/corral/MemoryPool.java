// SPDX-License-Identifier: Apache-2.0
package dev.corral;

import dev.corral.internal.PoolFields;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Objects;

/**
 * Native memory that arenas take their chunks from, and that also hands out single blocks. Memory that is given back is
 * kept for the next user, up to a cap, so that a warm pool serves arenas without asking the operating system.
 *
 * <table>
 * <caption>Properties</caption>
 * <tr><th>threads</th><td>any thread may call any method</td></tr>
 * <tr><th>lifetime</th><td>until {@link #close()}; {@link #shared()} for ever</td></tr>
 * <tr><th>views</th><td>see {@link ViewSafety}: memory stays mapped while a view of it is reachable, also after
 * close</td></tr>
 * </table>
 *
 * {@snippet :
 * try (MemoryPool pool = MemoryPool.builder().name("requests").limit(64 << 20).build();
 *      NativeArena arena = NativeArena.create(pool)) {
 *     ByteBuffer header = arena.allocate(16);
 * }
 * }
 */
public final class MemoryPool implements AutoCloseable {
    private static MemoryPool shared;

    private final PoolState state;
    private final boolean permanent;

    private MemoryPool(Builder config, boolean permanent) {
        this.permanent = permanent;
        this.state = new PoolState(this, config);
    }

    /**
     * The pool of the whole process, without a limit; it cannot be closed.
     *
     * @throws UnsatisfiedLinkError if the native library cannot be loaded; the message lists every attempt
     */
    public static synchronized MemoryPool shared() {
        if (shared == null) {
            shared = new MemoryPool(builder().name("shared"), true);
        }
        return shared;
    }

    /** A new pool without a limit; as {@code builder().build()}. */
    public static MemoryPool create() {
        return builder().build();
    }

    /** Starts a configured pool. */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * Allocates a block that is freed on its own. A block that is dropped without {@link #free} stays allocated until
     * the pool is closed. Cost: one JNI call, and a lock.
     *
     * @param size size (in bytes); 0 is allowed
     * @return a direct buffer in native byte order, position 0, limit and capacity {@code size}; its contents are
     *         unspecified. It is valid until {@link #free} or {@link #close}
     * @throws IllegalArgumentException if {@code size} is negative
     * @throws ArenaExhaustedException  if the limit is reached or the system has no memory; nothing changed then
     * @throws IllegalStateException    if the pool is closed
     */
    public ByteBuffer allocate(int size) {
        try {
            return state.blocks.allocate(size);
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    /**
     * Frees a block, from any thread.
     *
     * @param block the very buffer that {@link #allocate} returned; not a slice or duplicate of it
     * @throws IllegalArgumentException if the buffer is not a live block of this pool, or has been freed already
     * @throws MemoryDamageException    if a {@linkplain Builder#debug debug} pool has found damage; the block is freed
     * @throws IllegalStateException    if the pool is closed
     */
    public void free(ByteBuffer block) {
        state.blocks.free(Objects.requireNonNull(block, "block"));
        Reference.reachabilityFence(this);
    }

    /**
     * What the pool holds now.
     *
     * @throws IllegalStateException if the pool is closed
     */
    public PoolStats stats() {
        PoolStats stats = state.stats();
        Reference.reachabilityFence(this);
        return stats;
    }

    /**
     * What the pool holds now, as C prints it: a table of at most 80 columns with all numbers, and a row per size of
     * block: how many are live and free, and how many bytes that takes. Cost: O(blocks).
     *
     * @throws IllegalStateException if the pool is closed
     */
    public String statsTable() {
        String table = state.statsTable();
        Reference.reachabilityFence(this);
        return table;
    }

    /**
     * Gives memory that no block uses back to the operating system. Where a view may still be reachable the addresses
     * stay, and read as zero.
     *
     * @return bytes given back
     * @throws MemoryDamageException if a {@linkplain Builder#debug debug} pool has found damage; it is trimmed
     * @throws IllegalStateException if the pool is closed
     */
    public long trim() {
        long returned = state.trim();
        state.blocks.throwIfDamaged("trim");
        Reference.reachabilityFence(this);
        return returned;
    }

    /** The name given to the builder; {@code pool} by default. */
    public String name() {
        return state.name;
    }

    /** Whether {@link #close} has been called. */
    public boolean isClosed() {
        return state.isClosed();
    }

    /**
     * Closes the pool with all its blocks and all arenas of the calling thread, and gives their memory back to the
     * operating system; where a view may still be reachable the addresses stay, and read as zero. The arenas' release
     * actions run first, those of the newest arena before the others'; what they throw is thrown when all is done.
     * Closing again does nothing.
     *
     * @throws IllegalStateException if an arena of another thread is open (nothing changed then), or this is {@link
     *                               #shared()}
     */
    @Override
    public void close() {
        if (permanent) {
            throw new IllegalStateException("pool=" + state.name
                    + ": the shared pool cannot be closed, create one of your own");
        }
        state.close();
    }

    /** Name, and state or statistics. */
    @Override
    public String toString() {
        return "MemoryPool[name=" + state.name + (isClosed() ? " closed" : "") + "]";
    }

    PoolState state() {
        return state;
    }

    static synchronized boolean isShared(PoolState state) {
        return shared != null && shared.state == state;
    }

    /** Configuration of a pool. Not thread-safe. */
    public static final class Builder {
        private String name = "pool";
        private long limit = -1;
        private long retain = -1;
        private boolean quarantine;
        private boolean debug = DebugMode.isOnEverywhere();
        private long decay = -1; // milliseconds
        private PageSource pages = PageSource.operatingSystem();

        private Builder() {
        }

        /** The configuration for C. */
        long[] fields() {
            long[] fields = PoolFields.of(limit, retain);
            fields[PoolFields.QUARANTINE] = quarantine ? 1 : 0;
            fields[PoolFields.DECAY] = decay;
            fields[PoolFields.DEBUG] = debug ? 1 : 0;
            return fields;
        }

        String name() {
            return name;
        }

        PageSource pages() {
            return pages;
        }

        boolean quarantine() {
            return quarantine;
        }

        boolean debug() {
            return debug;
        }

        /** Whether nobody can tell that a closed arena keeps its chunk: see {@link ParkedArenas}. */
        boolean parking() {
            return limit == -1 && !quarantine && !debug && pages == PageSource.operatingSystem();
        }

        /** What a failure's message says of the configuration. */
        String describe() {
            return "limit=" + limit + " pages=" + pages;
        }

        /** Name for statistics and reports; the first 31 UTF-8 bytes are shown. */
        public Builder name(String newName) {
            this.name = Objects.requireNonNull(newName, "name");
            return this;
        }

        /**
         * Bytes that live blocks, arenas' chunks included, may have together; no limit by default.
         *
         * @throws IllegalArgumentException if not positive
         */
        public Builder limit(long bytes) {
            if (bytes <= 0) {
                throw new IllegalArgumentException("limit=" + bytes + ": pass a positive number of bytes");
            }
            this.limit = bytes;
            return this;
        }

        /**
         * Bytes of free memory that stay reserved for the next user; 64 MiB by default.
         *
         * @throws IllegalArgumentException if negative
         */
        public Builder retain(long bytes) {
            if (bytes < 0) {
                throw new IllegalArgumentException("retain=" + bytes + ": pass 0 or more bytes");
            }
            this.retain = bytes;
            return this;
        }

        /**
         * Whether memory that is given back stays out of use while a view of it may be reachable: then a stale view
         * never sees another owner's bytes, and what is written through it is lost; false by default. The garbage
         * collector decides how long that is; until then the memory counts as in use, also against the limit, and
         * shows as {@link PoolStats#retained}. A request that would fail for it collects garbage first. What an arena
         * takes back and uses again itself (reset, rewind) is not kept. Every operation of the pool takes its lock.
         */
        public Builder quarantine(boolean on) {
            this.quarantine = on;
            return this;
        }

        /**
         * Whether the pool looks for damage in the blocks of {@link #allocate} and the chunks of its arenas: writes
         * past a block's end, and through views whose block was freed. Off by default; {@code -Dcorral.debug=true}
         * turns it on for all pools of the process, also where this says {@code false}. What is written inside a chunk
         * is for the {@linkplain NativeArena.Builder#debug debug mode of arenas}.
         *
         * <p>New blocks hold 0xCD, freed ones 0xDD; at least 16 guard bytes stand behind each. The last freed blocks, 1
         * MiB of them, are kept from use. What is found is thrown as a {@link MemoryDamageException} by the operation
         * that finds it, after it has completed: {@link #free}, {@link #trim} or {@link #close}, which also logs which
         * blocks were not freed ({@code dev.corral}); of a pool that is dropped all is logged. Each block takes 192
         * bytes more, each call a walk of the stack and the pool's lock.
         */
        public Builder debug(boolean on) {
            this.debug = on || DebugMode.isOnEverywhere();
            return this;
        }

        /**
         * How long memory that no block uses is kept for the next user although {@link #retain} would keep it longer;
         * 10 seconds by default, in whole milliseconds. No thread waits for that time: it goes back when the pool is
         * used, by the next call that a thread's own cache of blocks cannot serve, or after 4,096 that it can. A
         * duration of more milliseconds than a long holds means for ever.
         *
         * @throws IllegalArgumentException if negative
         */
        public Builder decay(Duration time) {
            if (time.isNegative()) {
                throw new IllegalArgumentException("decay=" + time + ": pass a duration of 0 or more");
            }
            try {
                this.decay = time.toMillis();
            } catch (ArithmeticException e) {
                this.decay = Long.MAX_VALUE;
            }
            return this;
        }

        /** Where the pool's memory comes from; {@link PageSource#operatingSystem} by default. */
        public Builder pages(PageSource source) {
            this.pages = Objects.requireNonNull(source, "pages");
            return this;
        }

        /**
         * Creates the pool.
         *
         * @throws ArenaExhaustedException if the system has no memory
         * @throws UnsupportedOperationException if the machine lacks what the page source needs
         * @throws java.io.UncheckedIOException  if the page source's file is refused
         * @throws IllegalArgumentException      if the page source's buffer cannot be used
         * @throws IllegalStateException         if another pool is on the page source's buffer
         * @throws UnsatisfiedLinkError    if the native library cannot be loaded; the message lists every attempt
         */
        public MemoryPool build() {
            return new MemoryPool(this, false);
        }
    }
}
