// SPDX-License-Identifier: Apache-2.0
package dev.corral;

import dev.corral.internal.ArenaRecyclerNatives;
import java.lang.ref.Reference;

/**
 * Lends arenas for short units of work, as a request or a message, and takes them back: close of a borrowed arena keeps
 * its chunks for the next borrower, who allocates without asking the pool.
 *
 * <table>
 * <caption>Properties</caption>
 * <tr><th>threads</th><td>any thread may call any method; a borrowed arena is owned by the thread that borrowed
 * it</td></tr>
 * <tr><th>lifetime</th><td>until {@link #close()} or the close of its pool; arenas that are borrowed then are their
 * borrowers' to close</td></tr>
 * <tr><th>memory</th><td>at most {@link Builder#keptArenas} idle arenas with {@link Builder#keptBytes} of chunks. They
 * are given up before a request of their pool fails because the system has no memory; against the pool's limit they
 * count like all others, see {@link #trim}</td></tr>
 * <tr><th>contents</th><td>unspecified, as in every arena: perhaps those of an earlier borrower, unless {@link
 * Builder#zeroed}</td></tr>
 * </table>
 *
 * {@snippet :
 * static final ArenaRecycler REQUESTS = ArenaRecycler.builder().name("requests").keptArenas(32).build();
 *
 * void serve(Request request) {
 *     try (NativeArena arena = REQUESTS.borrow()) {
 *         ByteBuffer answer = arena.allocate(request.size());
 *     }
 * }
 * }
 *
 * <p>The recycler remembers how many bytes each of the last 64 borrowers needed at most. What {@link
 * Builder#percentile} per cent of them needed at most is <i>typical</i>. A new arena starts with a first chunk of that
 * size. An arena that comes back with more than twice that size (and its initial chunk size) is not kept, so one huge
 * request leaves nothing behind, and when requests become smaller, the large arenas go: each is looked at every 32nd
 * time at the latest.
 *
 * <p>Each borrow returns a new {@link NativeArena}: one that was closed stays closed while the next borrower uses its
 * memory, and so do its views, references, marks and scopes ({@link NativeArena#viewSafety}). A borrowed arena that is
 * dropped without close is reported like any other, and taken back once no view of it is reachable.
 */
public final class ArenaRecycler implements AutoCloseable {
    private final MemoryPool owningPool; // keeps the pool from being dropped
    private final RecyclerState state;

    private ArenaRecycler(MemoryPool pool, Builder config) {
        this.owningPool = pool;
        this.state = new RecyclerState(this, pool.state(), config);
    }

    /** A recycler of the {@linkplain MemoryPool#shared() shared pool} with the defaults. */
    public static ArenaRecycler create() {
        return builder().build();
    }

    /** A recycler of {@code pool} with the defaults. */
    public static ArenaRecycler create(MemoryPool pool) {
        return builder().pool(pool).build();
    }

    /** Starts a configured recycler. */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * Lends an arena without blocks: one that was given back lately, or a new one. The calling thread becomes its
     * owner; {@link NativeArena#close} gives it back. Cost, with the close: neither a lock nor a JNI call when the
     * borrower stays in the arena's first chunk, where there is nothing but blocks, marks and scopes; each 32nd time
     * the pool's lock and a JNI call. A JNI call when more chunks were used, something was taken back, or the arenas
     * are zeroed. With what is to be released when the arena is closed, a new arena, or one that is too large to be
     * kept: the pool's lock and a JNI call for both.
     *
     * @throws ArenaExhaustedException if there is no idle arena, and the pool has no memory for a new one
     * @throws IllegalStateException   if the recycler or its pool is closed
     */
    public NativeArena borrow() {
        NativeArena arena = state.borrow(owningPool);
        Reference.reachabilityFence(this);
        return arena;
    }

    /**
     * What the recycler has done so far.
     *
     * @throws IllegalStateException if the recycler or its pool is closed
     */
    public RecyclerStats stats() {
        RecyclerStats stats = state.stats();
        Reference.reachabilityFence(this);
        return stats;
    }

    /**
     * Gives up idle arenas, those first that have been idle for longest, until at most {@code keepBytes} of chunks are
     * kept. Their memory goes back to the pool: see {@link MemoryPool#trim}.
     *
     * @return bytes of chunks that went back
     * @throws IllegalArgumentException if {@code keepBytes} is negative
     * @throws IllegalStateException    if the recycler or its pool is closed
     */
    public long trim(long keepBytes) {
        long bytes = state.trim(notNegative("keepBytes", keepBytes));
        Reference.reachabilityFence(this);
        return bytes;
    }

    /**
     * The address of the C {@code ArenaRecycler}, for native code that borrows and returns on any thread, as {@link
     * NativeArena#nativeHandle} says; {@link #close} is Java's alone. From the first call on C has all idle arenas and
     * counts each use at once, so each borrow and each close costs a JNI call and a lock. Keep this object reachable
     * and open meanwhile. Arenas that native code has borrowed it gives back itself, before the pool is closed.
     *
     * @throws IllegalStateException if the recycler or its pool is closed
     */
    public long nativeHandle() {
        long handle = state.shareWithC();
        Reference.reachabilityFence(this);
        return handle;
    }

    /** The name given to the builder, which every arena has; {@code arena} by default. */
    public String name() {
        return state.name;
    }

    /** The pool that the arenas' memory comes from. */
    public MemoryPool pool() {
        return owningPool;
    }

    /** Whether {@link #close} has been called, or the pool has been closed. */
    public boolean isClosed() {
        return state.isClosed();
    }

    /**
     * Frees the idle arenas; nobody can borrow any more. Arenas that are borrowed stay open, and their close frees
     * them. Closing again does nothing.
     */
    @Override
    public void close() {
        state.close();
        Reference.reachabilityFence(this);
    }

    /** Name and state. */
    @Override
    public String toString() {
        return "ArenaRecycler[name=" + name() + " pool=" + owningPool.name() + (isClosed() ? " closed" : "") + "]";
    }

    RecyclerState state() {
        return state;
    }

    private static long notNegative(String what, long value) {
        if (value < 0) {
            throw new IllegalArgumentException(what + "=" + value + ": pass 0 or more");
        }
        return value;
    }

    /**
     * Configuration of a recycler and of its arenas. Not thread-safe. Borrowed arenas have neither a parent nor an
     * observer.
     */
    public static final class Builder extends ArenaOptions<Builder> {
        private int keptArenas = 64;
        private long keptBytes = 64L << 20;
        private int percentile = 90;

        private Builder() {
        }

        @Override
        Builder self() {
            return this;
        }

        /**
         * Idle arenas that are kept at most, up to 65,536; 64 by default.
         *
         * @throws IllegalArgumentException if negative or larger
         */
        public Builder keptArenas(int arenas) {
            if (arenas > ArenaRecyclerNatives.KEPT_MAX) {
                throw new IllegalArgumentException("keptArenas=" + arenas + ": keep at most "
                        + ArenaRecyclerNatives.KEPT_MAX);
            }
            this.keptArenas = (int) notNegative("keptArenas", arenas);
            return this;
        }

        /**
         * Bytes of chunks that idle arenas may have together; 64 MiB by default.
         *
         * @throws IllegalArgumentException if negative
         */
        public Builder keptBytes(long bytes) {
            this.keptBytes = notNegative("keptBytes", bytes);
            return this;
        }

        /**
         * How many per cent of recent borrowers an arena is to suit, 1 to 100; 90 by default. With 100 only what
         * exceeds all of them is not kept.
         *
         * @throws IllegalArgumentException if out of range
         */
        public Builder percentile(int perCent) {
            if (perCent < 1 || perCent > 100) {
                throw new IllegalArgumentException("percentile=" + perCent + ": pass 1 to 100");
            }
            this.percentile = perCent;
            return this;
        }

        IdleArenas idleArenas(RecyclerState state) {
            return new IdleArenas(state, keptArenas, keptBytes);
        }

        long create(long poolHandle) {
            return ArenaRecyclerNatives.create(poolHandle, fields(), PoolState.utf8(name()), keptArenas, keptBytes,
                    percentile);
        }

        /**
         * Creates the recycler.
         *
         * @throws IllegalArgumentException if a value is out of range, they contradict each other, a parent or an
         *                                  observer is set, or the pool has a {@linkplain MemoryPool.Builder#quarantine
         *                                  quarantine}, which is about memory that nobody uses again
         * @throws ArenaExhaustedException  if the pool has no memory
         * @throws IllegalStateException    if the pool is closed
         * @throws UnsatisfiedLinkError     if the native library cannot be loaded; the message lists every attempt
         */
        public ArenaRecycler build() {
            if (parent != null || observer != null) {
                throw new IllegalArgumentException("recycler=" + name() + (parent != null ? " parent=" + parent.name()
                        : " observer=" + observer) + ": borrowed arenas have no parent and no observer, set neither");
            }
            requireConsistent();
            MemoryPool from = pool == null ? MemoryPool.shared() : pool;
            if (from.state().quarantine) {
                throw new IllegalArgumentException("recycler=" + name() + " pool=" + from.name()
                        + ": a recycler hands memory on that views may show, use a pool without quarantine");
            }
            return new ArenaRecycler(from, this);
        }
    }
}
