// SPDX-License-Identifier: Apache-2.0
package dev.corral;

import dev.corral.internal.Failures;
import dev.corral.internal.ObjectPoolNatives;
import dev.corral.internal.Status;
import java.util.Objects;
import java.util.function.LongConsumer;

/**
 * Objects of one size in native memory: acquired and released one by one, and given back all at once.
 *
 * <table>
 * <caption>Properties</caption>
 * <tr><th>threads</th><td>one owner, as the arena that the pool is created in</td></tr>
 * <tr><th>objects</th><td>references in {@link #arena}, whose {@code get} and {@code put} methods read and write
 * them</td></tr>
 * <tr><th>lifetime</th><td>an object lives until {@link #release}, {@link #clear} or {@link #close}; the pool until
 * {@link #close}, or reset, clear or close of an arena above</td></tr>
 * <tr><th>misuse</th><td>double releases, references that are no object of this pool, and use after close are refused
 * (a reference of another pool unless both have come to the same of 16,383 generations, which each clear raises);
 * a write to an object after its release is found by {@link #acquire} or {@link #check}, or spoils the object's next
 * life, and never crashes</td></tr>
 * </table>
 *
 * {@snippet :
 * try (ObjectPool nodes = ObjectPool.create(arena, 24)) {
 *     long node = nodes.acquire();
 *     nodes.arena().putLong(node, 0, 42L);
 *     nodes.release(node);
 * }
 * }
 */
public final class ObjectPool extends ObjectMemory implements AutoCloseable {
    private static final int CHUNK = 16; // each block is a request of its own

    private boolean clearing;

    private ObjectPool(NativeArena arena, Builder config) {
        super(arena, config.size, config.alignment, config.largestBlock, config.zeroed);
    }

    /** A pool of objects of {@code size} bytes, at multiples of 16, that ends with {@code parent} at the latest. */
    public static ObjectPool create(NativeArena parent, int size) {
        return builder(size).parent(parent).build();
    }

    /** Starts a configured pool of objects of {@code size} bytes: 1 to 65,536, rounded up to the alignment. */
    public static Builder builder(int size) {
        return new Builder(size);
    }

    // --- objects

    /**
     * Whether an object is acquired now; false for every number that is no object of this pool. Costs a JNI call.
     *
     * @throws IllegalStateException if the pool is closed, or this is not its owner's thread
     */
    public boolean isLive(long ref) {
        requireAlive();
        return ObjectPoolNatives.isLive(handle, ref);
    }

    /**
     * The live object after {@code ref} in the order of their places, or the first one for 0; 0 when there is none.
     * Between two calls objects may be released, {@code ref} as well, and acquired. Costs a JNI call.
     *
     * @throws IllegalArgumentException if no object of this pool begins there
     * @throws IllegalStateException    if it is of another pool or from before a clear, the pool is closed, or this is
     *                                  not its owner's thread
     */
    public long next(long ref) {
        requireAlive();
        long next = ObjectPoolNatives.next(handle, ref);
        if (next < 0 && Failures.isStatus(next)) {
            throw Failures.of((int) -next, "next: ref=0x" + Long.toHexString(ref) + " objects=" + arena.name());
        }
        return next;
    }

    /**
     * Calls {@code action} with each live object. It may release the object, and acquire others, which are visited or
     * not; it may not clear the pool.
     */
    public void forEach(LongConsumer action) {
        Objects.requireNonNull(action, "action");
        for (long ref = next(0); ref != 0; ref = next(ref)) {
            action.accept(ref);
        }
    }

    /**
     * Takes back all objects; their references become stale, and their views as after {@link NativeArena#reset}. The
     * memory stays with the pool; see {@link #trim}. Cost: O(blocks).
     *
     * @throws IllegalStateException as {@link NativeArena#reset}
     */
    public void clear() {
        requireAlive();
        if (clearing) {
            throw Failures.of(Status.RELEASING, "clear: objects=" + arena.name());
        }
        arena.requireNothingReleasing("clear");
        ObjectPoolNatives.beginClear(handle);
        int status = Status.OK;
        clearing = true;
        try {
            arena.reset();
        } finally {
            clearing = false;
            if (!hasEnded()) {
                status = ObjectPoolNatives.endClear(handle);
            }
            forgetBlocks();
        }
        check(status, "clear");
    }

    /** Gives memory that a clear has left back to the memory pool until {@code keepBytes} stay. Cost: O(blocks). */
    public void trim(long keepBytes) {
        requireAlive();
        arena.trim(keepBytes);
    }

    // --- about the pool

    /**
     * The arena that holds the objects. What else is allocated there is taken back by {@link #clear}. Resetting or
     * clearing it ends this pool; rewinding it to a mark from before a block of objects takes back all objects.
     */
    public NativeArena arena() {
        return arena;
    }

    /**
     * What the pool holds now.
     *
     * @throws IllegalStateException if the pool is closed, or this is not its owner's thread
     */
    public ObjectPoolStats stats() {
        requireAlive();
        long[] values = new long[ObjectPoolStats.NATIVE_LONGS];
        check(ObjectPoolNatives.stats(handle, values), "stats");
        return ObjectPoolStats.of(values);
    }

    /**
     * Verifies all that the pool knows. Cost: O(capacity).
     *
     * @throws IllegalStateException if something has written to an object after its release, the pool is closed, or
     *                               this is not its owner's thread
     */
    public void check() {
        requireAlive();
        check(ObjectPoolNatives.check(handle), "check");
    }

    /**
     * The address of the C {@code ObjectPool}, for native code that uses the same pool on the owner's thread. Keep this
     * object reachable meanwhile.
     *
     * @throws IllegalStateException if the pool is closed, or this is not its owner's thread
     */
    public long nativeHandle() {
        requireAlive();
        arena.showToC();
        return handle;
    }

    /** Whether the pool has ended; callable from any thread. */
    public boolean isClosed() {
        return hasEnded();
    }

    /**
     * Gives all memory of the pool back, objects included. Closing again does nothing.
     *
     * @throws IllegalStateException as {@link NativeArena#close}
     */
    @Override
    public void close() {
        arena.close();
    }

    /** Name and state; callable from any thread. */
    @Override
    public String toString() {
        return "ObjectPool[name=" + arena.name() + (isClosed() ? " closed" : "") + "]";
    }

    /** Configuration of a pool of objects. Not thread-safe. Values are checked by {@link #build}. */
    public static final class Builder {
        private static final int ALIGNMENT_DEFAULT = 16;
        private static final int ALIGNMENT_LEAST = 8;
        private static final int ALIGNMENT_MOST = 4096;
        private static final int BLOCK_DEFAULT = 65536;
        private static final int BLOCK_MOST = 16 << 20;
        private static final int SIZE_MOST = 65536;

        private final int size;
        private int alignment = ALIGNMENT_DEFAULT;
        private long largestBlock = BLOCK_DEFAULT;
        private boolean zeroed;
        private String name = "objects";
        private NativeArena parent;
        private MemoryPool pool;

        private Builder(int size) {
            this.size = size;
        }

        /** The arena that the pool is created in; without one it lives until it is closed. */
        public Builder parent(NativeArena newParent) {
            this.parent = Objects.requireNonNull(newParent, "parent");
            return this;
        }

        /** Where memory comes from when there is no parent; the shared pool by default. */
        public Builder pool(MemoryPool newPool) {
            this.pool = Objects.requireNonNull(newPool, "pool");
            return this;
        }

        /** Alignment of objects: a power of two, 8 to 4,096; 16 by default. */
        public Builder alignment(int bytes) {
            this.alignment = bytes;
            return this;
        }

        /**
         * Bytes up to which blocks double, at most 16 MiB; 64 KiB by default. The first block has 4 KiB, or what holds
         * 8 objects where that is more; this is the least. Where a limit or the system has no room for the next block,
         * smaller ones are tried, down to one object.
         */
        public Builder largestBlock(long bytes) {
            this.largestBlock = bytes;
            return this;
        }

        /**
         * Whether objects are zero when they are acquired: they are wiped when they are released, which then costs a
         * JNI call and O(size). So it is, whatever this says, where the parent is zeroed. What is written to an object
         * after its release stays in it.
         */
        public Builder zeroed(boolean on) {
            this.zeroed = on;
            return this;
        }

        /** Name for statistics and reports; {@code objects} by default. */
        public Builder name(String newName) {
            this.name = Objects.requireNonNull(newName, "name");
            return this;
        }

        private void requireInRange() {
            boolean aligned = Integer.bitCount(alignment) == 1 && alignment >= ALIGNMENT_LEAST
                    && alignment <= ALIGNMENT_MOST;
            boolean ranged = size > 0 && largestBlock >= 0 && largestBlock <= BLOCK_MOST;
            if (!aligned || !ranged || size > SIZE_MOST) {
                int status = !ranged ? Status.INVALID_ARGUMENT
                        : size > SIZE_MOST ? Status.SIZE_LIMIT : Status.BAD_ALIGNMENT; // as C would say
                throw new IllegalArgumentException("size=" + size + " alignment=" + alignment + " largestBlock="
                        + largestBlock + " objects=" + name + " status=" + Status.name(status)
                        + ": pass a size of 1 to " + SIZE_MOST + " bytes, an alignment that is a power of two of "
                        + ALIGNMENT_LEAST + " to " + ALIGNMENT_MOST + ", and a largestBlock of 0 to " + BLOCK_MOST);
            }
        }

        /**
         * Creates the pool; the calling thread becomes its owner.
         *
         * @throws IllegalArgumentException if a value is out of range
         * @throws ArenaExhaustedException  if the system has no memory
         * @throws IllegalStateException    if the parent is closed, or this is not its owner's thread
         */
        public ObjectPool build() {
            requireInRange();
            NativeArena.Builder inside = NativeArena.builder().name(name).initialChunkSize(CHUNK).maxChunkSize(CHUNK)
                    .onExhausted(OnExhausted.GROW);
            if (parent != null) {
                inside.parent(parent);
            }
            if (pool != null) {
                inside.pool(pool);
            }
            NativeArena arena = inside.build();
            try {
                return new ObjectPool(arena, this);
            } catch (RuntimeException | Error e) {
                arena.close();
                throw e;
            }
        }
    }
}
