// SPDX-License-Identifier: Apache-2.0
package dev.corral;

import dev.corral.internal.ArenaNatives;
import dev.corral.internal.Failures;
import dev.corral.internal.Status;
import java.lang.ref.Reference;
import java.util.Objects;

/**
 * Native memory for objects that die together: allocated by moving a cursor, taken back in one operation.
 *
 * <table>
 * <caption>Properties</caption>
 * <tr><th>threads</th><td>one owner, the thread that created the arena; any other gets an exception</td></tr>
 * <tr><th>lifetime</th><td>a block lives until {@link #reset}, {@link #clear}, {@link #close} of its arena, or a
 * {@link #rewind} to an earlier mark</td></tr>
 * <tr><th>views</th><td>direct buffers in native byte order; after their lifetime see {@link #viewSafety}</td></tr>
 * <tr><th>references</th><td>64-bit numbers, 0 is null; checked at every use, may be stored in arena memory</td></tr>
 * <tr><th>contents</th><td>unspecified, unless the method says zeroed</td></tr>
 * </table>
 *
 * {@snippet :
 * try (NativeArena arena = NativeArena.create()) {
 *     ByteBuffer header = arena.allocate(16);
 *     header.putInt(0, 42);
 *     long node = arena.allocateRef(24);
 *     arena.putLong(node, 8, 7L);
 *     arena.reset();
 * }
 * }
 *
 * <p>A reference keeps working until the arena is reset or cleared; using it afterwards throws (after a rewind see
 * {@link #rewind}). Its generation has 14 bits and wraps: a reference that is kept for exactly 16,383 resets is taken
 * for a fresh one.
 *
 * <p>An arena that becomes unreachable without close is reported with the place where it was created, and its memory is
 * freed once no view of it is reachable.
 */
public final class NativeArena extends ArenaBlocks implements AutoCloseable {
    private final MemoryPool owningPool; // keeps the pool from being dropped while the arena is in use
    private final ArenaState state;
    private Scope scope; // the innermost open one

    NativeArena(MemoryPool pool, long handle, String name) {
        super(pool.state(), handle, name);
        this.owningPool = pool;
        this.state = pool.state().register(this, handle, name);
    }

    /** An arena of the {@linkplain MemoryPool#shared() shared pool} with the defaults; as {@code builder().build()}. */
    public static NativeArena create() {
        return builder().build();
    }

    /** An arena of {@code pool} with the defaults: chunks of 4 KiB growing to 64 KiB, alignment 16. */
    public static NativeArena create(MemoryPool pool) {
        return builder().pool(pool).build();
    }

    /** Starts a configured arena. */
    public static Builder builder() {
        return new Builder();
    }

    // --- bulk

    /**
     * Takes back all blocks; chunks are kept for the next ones. References become stale, views should not be used any
     * more.
     * Cost: O(1), whatever the number of blocks and chunks.
     *
     * @throws IllegalStateException if the arena is closed, or this is not its owner's thread
     */
    public void reset() {
        requireUsable();
        int before = currentGeneration();
        check(ArenaNatives.reset(handle), "reset");
        endScopes(0);
        keepRoots(before);
        Reference.reachabilityFence(this);
    }

    /** As {@link #reset}, and gives all chunks but the first back to the pool. Cost: O(chunks). */
    public void clear() {
        requireUsable();
        check(ArenaNatives.clear(handle), "clear");
        endScopes(0);
        dropRoots();
        Reference.reachabilityFence(this);
    }

    /**
     * Marks the present point, to which {@link #rewind} can take the arena back any number of times. Cost: O(1), a JNI
     * call.
     *
     * @throws ArenaExhaustedException if the pool has no memory to remember the mark
     * @throws IllegalStateException   if the arena is closed, or this is not its owner's thread
     */
    public Mark mark() {
        requireUsable();
        return new Mark(this, made(ArenaNatives.mark(handle), "mark"));
    }

    /**
     * Takes back all blocks that were allocated since the mark; chunks are kept. Scopes that were opened since are
     * over. Views of those blocks should not be used any more. A reference to one is refused when its chunk was entered
     * after the mark and has not been entered again, unless it lies in a chunk of its own beside the current one; any
     * other one reads bytes of this arena that are free or belong to a later block. Cost: O(1), a JNI call.
     *
     * @throws IllegalStateException if a reset, clear or rewind to an earlier mark has made the mark stale, it belongs
     *                               to another arena, the arena is closed, or this is not its owner's thread; nothing
     *                               changed
     */
    public void rewind(Mark mark) {
        requireUsable();
        Objects.requireNonNull(mark, "mark");
        if (mark.arena != this) {
            throw Failures.of(Status.STALE_MARK, "rewind: arena=" + name + " mark.arena=" + mark.arena.name);
        }
        long before = currentBase();
        check(ArenaNatives.rewind(handle, mark.id), "rewind");
        forgetGivenUp(before);
        endScopes(mark.id);
    }

    /**
     * Opens a scope: what is allocated until its close is taken back then. Any number may follow each other; up to
     * 2^20 scopes and marks can be valid at a time.
     *
     * @throws ArenaExhaustedException if the pool has no memory to remember the scope
     * @throws IllegalStateException   if the arena is closed, or this is not its owner's thread
     */
    public Scope openScope() {
        requireUsable();
        scope = new Scope(this, made(ArenaNatives.openScope(handle), "openScope"), scope);
        return scope;
    }

    /** Closes the innermost scope. */
    void closeScope(Scope closing) {
        requireUsable();
        if (closing != scope) {
            throw new IllegalStateException("arena=" + name
                    + ": another scope was opened inside this one and is still open, close the inner scope first");
        }
        long before = currentBase();
        int status = ArenaNatives.closeScope(handle, closing.id);
        if (status != Status.STALE_MARK) { // else C has taken the scope back already
            check(status, "close scope");
        }
        forgetGivenUp(before);
        scope = closing.outer;
    }

    /** The id of a mark, unless it is 0. */
    private long made(long id, String operation) {
        if (id == 0) {
            throw Failures.of(ArenaNatives.lastStatus(handle), operation + ": arena=" + name);
        }
        Reference.reachabilityFence(this);
        return id;
    }

    /** So that references into chunks that were given up are looked up, and refused. */
    private void forgetGivenUp(long before) {
        if (currentBase() != before) {
            dropRoots();
        }
        Reference.reachabilityFence(this);
    }

    /** Scopes whose marks are later than {@code id} have been taken back. */
    private void endScopes(long id) {
        while (scope != null && Long.compareUnsigned(scope.id, id) > 0) {
            scope.over = true;
            scope = scope.outer;
        }
    }

    /**
     * Takes back all blocks and gives all memory back to the pool. Closing again does nothing.
     *
     * @throws IllegalStateException if this is not the owner's thread, before JDK 19 (later: {@code
     *                               WrongThreadException})
     */
    @Override
    public void close() {
        if (!isClosed()) {
            adoptFromEndedOwner();
            requireUsable();
            detach();
            pool.closeArena(state);
        }
    }

    private void check(int status, String operation) {
        if (status != Status.OK) {
            throw Failures.of(status, operation + ": arena=" + name);
        }
    }

    // --- about the arena

    /**
     * What the arena holds now.
     *
     * @throws IllegalStateException if the arena is closed, or this is not its owner's thread
     */
    public ArenaStats stats() {
        requireUsable();
        long[] values = new long[ArenaStats.NATIVE_LONGS];
        check(ArenaNatives.stats(handle, values), "stats");
        Reference.reachabilityFence(this);
        return ArenaStats.of(values);
    }

    /**
     * The address of the C {@code Arena}, for native code that allocates from the same arena on the owner's thread.
     * Keep this object reachable meanwhile. Exactly 16,383 resets in C between two uses from Java make old references
     * look fresh.
     *
     * @throws IllegalStateException if the arena is closed, or this is not its owner's thread
     */
    public long nativeHandle() {
        requireUsable();
        return handle;
    }

    /** What a stale view does. */
    public ViewSafety viewSafety() {
        return ViewSafety.RETAINED;
    }

    /** The name given to the builder; {@code arena} by default. */
    public String name() {
        return name;
    }

    /** The pool that the arena's memory comes from. */
    public MemoryPool pool() {
        return owningPool;
    }

    /** Name and state; callable from any thread. */
    @Override
    public String toString() {
        return "NativeArena[name=" + name + " pool=" + owningPool.name() + (isClosed() ? " closed" : "") + "]";
    }

    /** Configuration of an arena. Not thread-safe. Values are checked by {@link #build}. */
    public static final class Builder {
        private static final long INITIAL_DEFAULT = 4096;
        private static final long MAXIMUM_DEFAULT = 65536;

        private MemoryPool pool;
        private long initialChunkSize;
        private long maxChunkSize;
        long fixedSize;
        int alignment = 16;
        String name = "arena";

        private Builder() {
        }

        /** Pool that chunks come from; the shared pool by default. */
        public Builder pool(MemoryPool newPool) {
            this.pool = Objects.requireNonNull(newPool, "pool");
            return this;
        }

        /** Size of the first chunk (in bytes), below 1 GiB; 4 KiB by default. */
        public Builder initialChunkSize(long bytes) {
            this.initialChunkSize = positive("initialChunkSize", bytes);
            return this;
        }

        /**
         * Size up to which chunks double (in bytes), below 1 GiB; 64 KiB by default, or the initial size if that is
         * larger.
         */
        public Builder maxChunkSize(long bytes) {
            this.maxChunkSize = positive("maxChunkSize", bytes);
            return this;
        }

        /**
         * One chunk of this size (in bytes), below 1 GiB, and no growth; cannot be combined with the other two sizes.
         */
        public Builder fixedSize(long bytes) {
            this.fixedSize = positive("fixedSize", bytes);
            return this;
        }

        /** Default alignment of blocks: 8 or 16 (the default) bytes. */
        public Builder alignment(int bytes) {
            this.alignment = bytes;
            return this;
        }

        /** Name for statistics and reports; the first 31 UTF-8 bytes are shown by C. */
        public Builder name(String newName) {
            this.name = Objects.requireNonNull(newName, "name");
            return this;
        }

        /**
         * Creates the arena; the calling thread becomes its owner.
         *
         * @throws IllegalArgumentException if a size or the alignment is out of range, or they contradict each other
         * @throws ArenaExhaustedException  if the pool has no memory for the first chunk
         * @throws IllegalStateException    if the pool is closed
         * @throws UnsatisfiedLinkError     if the native library cannot be loaded; the message lists every attempt
         */
        public NativeArena build() {
            if (fixedSize != 0 && (initialChunkSize != 0 || maxChunkSize != 0)) {
                throw new IllegalArgumentException("fixedSize=" + fixedSize + " initialChunkSize=" + initialChunkSize
                        + " maxChunkSize=" + maxChunkSize + ": a fixed arena has one chunk, set only fixedSize");
            }
            MemoryPool from = pool == null ? MemoryPool.shared() : pool;
            return from.state().open(from, this);
        }

        long initial() {
            return fixedSize != 0 ? fixedSize : initialChunkSize != 0 ? initialChunkSize : INITIAL_DEFAULT;
        }

        long maximum() {
            return fixedSize != 0 ? fixedSize : maxChunkSize != 0 ? maxChunkSize : Math.max(initial(), MAXIMUM_DEFAULT);
        }

        private static long positive(String what, long bytes) {
            if (bytes <= 0) {
                throw new IllegalArgumentException(what + "=" + bytes + ": pass a positive number of bytes");
            }
            return bytes;
        }
    }
}
