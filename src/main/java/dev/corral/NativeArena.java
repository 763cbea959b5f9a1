// SPDX-License-Identifier: Apache-2.0
package dev.corral;

import dev.corral.internal.ArenaNatives;
import dev.corral.internal.Status;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

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
 * <tr><th>contents</th><td>unspecified, unless the arena or the method is zeroed</td></tr>
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
public final class NativeArena extends ArenaEpochs implements AutoCloseable {
    private static final int LEFT_ROOTS = 16; // length of an array that is left almost empty

    private final MemoryPool owningPool; // keeps the pool from being dropped while the arena is in use
    private final ArenaState state;

    NativeArena(MemoryPool pool, long handle, String name, NativeArena parent) {
        super(pool.state(), handle, name, parent);
        this.owningPool = pool;
        this.state = pool.state().arenas.register(this, parent == null ? null : parent.state);
        join();
    }

    /** Over an arena that was parked. */
    NativeArena(MemoryPool pool, ArenaState parked) {
        super(pool.state(), parked.handle, parked.name, null);
        this.owningPool = pool;
        this.state = parked;
        parked.beginUse(this);
    }

    /** An arena of the {@linkplain MemoryPool#shared() shared pool} with the defaults; as {@code builder().build()}. */
    public static NativeArena create() {
        return create(MemoryPool.shared());
    }

    /** An arena of {@code pool} with the defaults: chunks of 4 KiB growing to 64 KiB, alignment 16. */
    public static NativeArena create(MemoryPool pool) {
        NativeArena revived = DebugMode.isOnEverywhere() ? null : pool.state().arenas.parked.revive(pool);
        return revived != null ? revived : builder().pool(pool).build();
    }

    /** Starts a configured arena. */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * Closes the children, takes back all blocks and gives all memory back to the pool. Closing again does nothing.
     *
     * @throws MemoryDamageException if a debug arena has found damage; the arena is closed
     * @throws IllegalStateException if a checked view is being used by an input or output operation or a release action
     *                               is running (the arena stays open), or if this is not the owner's thread, before
     *                               JDK 19 (later: {@code WrongThreadException})
     */
    @Override
    public void close() {
        if (isDetached()) {
            return;
        }
        if (!isOwnedByCurrentThread()) {
            if (hasEndedOwner()) {
                pool.arenas.adoptFamily(this); // nobody else could close it
            }
            if (!isUsableUnlessClosed()) {
                return; // by the owner, since the first line
            }
        }
        requireNotTelling();
        if (hasChildren()) {
            endChildrenThen("close", this::end);
        } else {
            end();
        }
    }

    @Override
    void end() {
        if (hasActions()) {
            releaseLast(this::closeNow);
        } else {
            closeNow();
        }
    }

    private void closeNow() {
        if (state.parking != null && state.parking.hasRoomFor(state) && (isUneventful() ? park() : renewAndPark())) {
            return;
        }
        requireNothingReleasing("close");
        endViews(0);
        int status;
        try {
            status = check(pool.arenas.close(state, events()), "close");
        } finally {
            if (state.isDestroyed()) {
                detach(); // whatever was thrown: the memory is another's from here on
            }
        }
        detach();
        leaveParent();
        try {
            tellEnd();
        } finally {
            if (status != Status.OK || debug) {
                DebugMode.throwIfDamaged("close: arena=" + name);
            }
        }
    }

    private boolean park() {
        endViews(0);
        park(validRoots(), 0);
        return true;
    }

    /** In C, which is one call instead of those that destroy this arena and create the next. False: there is more. */
    private boolean renewAndPark() {
        endAllViews("close");
        leaveNear();
        ByteBuffer[] left = validRoots();
        long renewed = ArenaNatives.beginAnew(handle, state.parking.keepsChunks());
        if (renewed == ArenaNatives.NOT_SIMPLE) {
            return false;
        }
        boolean sameChunks = (renewed & 1) == 0;
        park(sameChunks ? left : firstOf(left), renewed >>> 1);
        return true;
    }

    /** Roots of this arena without those of chunks that went back to the pool, which are all but the first. */
    private static ByteBuffer[] firstOf(ByteBuffer[] roots) {
        if (roots.length > LEFT_ROOTS) {
            return new ByteBuffer[] {roots[0]};
        }
        for (int chunk = 1; chunk < roots.length; chunk++) {
            roots[chunk] = null;
        }
        return roots;
    }

    private void park(ByteBuffer[] left, long used) {
        leavePlaces(left);
        detach();
        state.parking.park(state, left, used);
        Reference.reachabilityFence(this); // as long as `state` has it, it could be found to be dropped
    }

    @Override
    NativeArena self() {
        return this;
    }

    @Override
    void adopt() {
        endViews(0); // they belong to the thread that has ended
        makeOwner();
        state.owner = Thread.currentThread();
    }

    /** The arena goes back to this recycler when it is closed, or dropped. */
    void borrowFrom(RecyclerState lender) {
        state.lender = lender;
    }

    /** Nobody will close this arena: it is no leak when its thread ends. */
    void endWithThread() {
        state.ofThread = true;
        state.parking = null;
    }

    /** When nobody could tell this arena, which is new, from the next one. */
    void mayBeParked(ParkedArenas parking) {
        slot.rememberFirst();
        state.parking = parking;
    }

    /** Connects a new arena with its observer; null: it has none. */
    void observeWith(ArenaEvents events) {
        observe(events);
        state.log = events == null ? 0 : events.log;
    }

    /** Tells the observer what it has not been told of a closed arena. */
    void tellEnd() {
        if (events() != null) {
            events().tellRest(this);
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
        tellObserver();
        check(ArenaNatives.stats(handle, values), "stats");
        Reference.reachabilityFence(this);
        return ArenaStats.of(values);
    }

    /**
     * What the arena holds now, as C prints it: a table of at most 80 columns with all numbers, and for the first 16
     * chunks a bar that shows how full each is. Cost: O(chunks).
     *
     * @throws IllegalStateException if the arena is closed, or this is not its owner's thread
     */
    public String statsTable() {
        requireAlive();
        byte[] table = new byte[ArenaNatives.TABLE_MAX];
        int length = ArenaNatives.statsTable(handle, table);
        Reference.reachabilityFence(this);
        return new String(table, 0, length, StandardCharsets.UTF_8);
    }

    /**
     * The address of the C {@code Arena}, for native code that allocates from the same arena on the owner's thread. It
     * must use the copy of Corral that Java has loaded: link it with {@code corral::jni}, and let Java load the result
     * ({@code -Dcorral.library.path}). A second copy in the process does not know the pools of the first.
     * Keep this object reachable meanwhile. Exactly 16,383 resets in C between two uses from Java make old references
     * look fresh.
     *
     * @throws IllegalStateException if the arena is closed, or this is not its owner's thread
     */
    public long nativeHandle() {
        requireAlive();
        showToC();
        return handle;
    }

    /**
     * The live blocks of an arena in {@linkplain Builder#debug debug mode}, each with its size, its place and who
     * allocated it, and the damage that there is now, of which nothing is repaired. In any other arena it says that
     * nothing is known. Cost: O(allocated bytes).
     *
     * @throws IllegalStateException if the arena is closed, or this is not its owner's thread
     */
    public String debugReport() {
        requireAlive();
        String text = DebugMode.text(handle);
        Reference.reachabilityFence(this);
        return text;
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
    public static final class Builder extends ArenaOptions<Builder> {
        private Builder() {
        }

        @Override
        Builder self() {
            return this;
        }

        /**
         * Creates the arena; the calling thread becomes its owner.
         *
         * @throws IllegalArgumentException if a value is out of range, or they contradict each other
         * @throws ArenaExhaustedException  if the pool has no memory for the first chunk
         * @throws IllegalStateException    if the pool is closed
         * @throws UnsatisfiedLinkError     if the native library cannot be loaded; the message lists every attempt
         */
        public NativeArena build() {
            requireConsistent();
            if (parent != null) {
                parent.forgetEndedChildren();
                if (parent.isOwnedByCurrentThread()) {
                    parent.endCutShort();
                }
            }
            MemoryPool from = parent != null ? parent.pool() : pool == null ? MemoryPool.shared() : pool;
            return from.state().arenas.create(from, this);
        }
    }
}
