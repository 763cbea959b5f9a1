// SPDX-License-Identifier: Apache-2.0
package dev.corral;

import dev.corral.internal.StackNatives;
import java.nio.ByteBuffer;
import java.util.Objects;

/**
 * Memory for what is needed until a method returns: frames over one block, last in first out.
 *
 * <table>
 * <caption>Properties</caption>
 * <tr><th>threads</th><td>one owner, the thread that created the stack; any other gets an exception</td></tr>
 * <tr><th>blocks</th><td>references in {@link #arena}, or views in native byte order</td></tr>
 * <tr><th>lifetime</th><td>a block lives until its frame is closed; views of it are as after {@link
 * Scope#close}</td></tr>
 * <tr><th>misuse</th><td>a frame that is not the innermost one does not allocate, and its close ends the inner ones as
 * well and says so; a closed one allocates nothing</td></tr>
 * <tr><th>errors</th><td>what a {@code StackOverflowError} or {@code OutOfMemoryError} in push or close leaves behind
 * is taken back by the next {@link #depth} or {@link #room}, or by a push or close that is more than a few
 * instructions; a frame whose close could not even be entered ends with the one around it</td></tr>
 * </table>
 *
 * {@snippet :
 * try (StackAllocator.Frame frame = StackAllocator.ofCurrentThread().push()) {
 *     long scratch = frame.allocateRef(64);
 *     frame.arena().putInt(scratch, 0, 42);
 * }
 * }
 *
 * <p>Opening a frame, allocating references in it and closing it is a matter of a few instructions, without a JNI call
 * as long as the block has room; at a depth of 6, 12, 24 and so on to 24,576 a frame that is deeper than any before
 * takes one. What else is done with {@link #arena}, but for access, allocation and views, takes a JNI call before; a
 * stack with which that happens again and again, or that C can reach by a {@linkplain NativeArena#nativeHandle handle},
 * opens and closes frames as {@linkplain NativeArena#openScope scopes} are. Once the JIT has compiled {@link #push} and
 * {@link Frame#close} into one method, a frame is no garbage; before JDK 22 it is an object of 40 bytes if the block
 * between them calls something that is not compiled into it.
 */
public final class StackAllocator extends StackMemory implements AutoCloseable {
    private final boolean ofThread;
    int lookups; // of the stack of a thread
    private boolean taken; // from a thread that has ended, but not yet served another or closed

    private StackAllocator(NativeArena arena, boolean ofThread) {
        super(arena);
        this.ofThread = ofThread;
        StackNatives.adopt(arena.handle);
        arena.becomeStack(this);
        if (ofThread) {
            arena.endWithThread();
        }
    }

    /** A stack of 64 KiB of the shared pool, which fails when it overflows; as {@code builder().build()}. */
    public static StackAllocator create() {
        return builder().build();
    }

    /** Starts a configured stack. */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * The calling thread's own stack, virtual threads included: 64 KiB, made at the first call; what overflows falls
     * back to the shared pool. It cannot be closed. Once the thread has ended, its memory goes to the next thread that
     * asks for a stack, or back to the pool: at the latest when an allocation would fail without it, and else within
     * about 8 seconds, half a second usually, without a garbage collection. What has release actions or children waits
     * for the collector.
     *
     * @throws ArenaExhaustedException if the system has no memory
     */
    public static StackAllocator ofCurrentThread() {
        return ThreadStacks.current();
    }

    static StackAllocator newOfThread() {
        return new StackAllocator(builder().name("stack").overflow(OnExhausted.FALL_BACK).newArena(), true);
    }

    /** Takes the stack of a thread that has ended; false when it has not, or another thread was faster. */
    boolean takeOver() {
        if (!mayBeTaken()) {
            return false;
        }
        arena.forgetAsRegular();
        arena.pool.arenas.adoptFamily(arena);
        if (!arena.isOwnedByCurrentThread()) {
            return false;
        }
        taken = true;
        try {
            arena.clear();
        } catch (IllegalStateException e) { // an input or output operation of another thread uses a view
            return false;
        }
        taken = false;
        return true;
    }

    /** Closes the stack of a thread that has ended; false when it has not, or is for the collector to find. */
    boolean freeIfEnded() {
        if (!mayBeTaken()) {
            return false;
        }
        arena.forgetAsRegular();
        arena.pool.arenas.adoptFamily(arena);
        taken = true;
        try {
            arena.close();
        } catch (IllegalStateException e) { // as above: the next look tries again
            return false;
        }
        return true;
    }

    /** What was arranged for the end of that thread's blocks is nobody else's to run. */
    private boolean mayBeTaken() {
        boolean ended = arena.hasEndedOwner() || taken && arena.isOwnedByCurrentThread();
        return ended && !arena.hasActions() && !arena.hasChildren();
    }

    // --- about the stack

    /** Frames, and marks and scopes of {@link #arena}, that are open. Costs a JNI call at most. */
    public int depth() {
        endLost();
        if (keepsState()) {
            return keptDepth();
        }
        arena.requireAlive();
        return (int) StackNatives.depth(arena.handle);
    }

    /** Bytes that the block still has room for. Costs a JNI call at most. */
    public long room() {
        endLost();
        if (keepsState()) {
            return keptRoom();
        }
        arena.requireAlive();
        return StackNatives.room(arena.handle);
    }

    /**
     * The arena that is this stack: its {@code get} and {@code put} methods read and write through references. What is
     * allocated there directly belongs to the innermost frame, and without one to none: it stays, and with it what fell
     * back, until the arena is reset, cleared or closed. Reset, clear and rewind take frames back.
     */
    public NativeArena arena() {
        return arena;
    }

    /** Whether the stack is closed; callable from any thread. */
    public boolean isClosed() {
        return arena.isClosed();
    }

    /**
     * Closes all frames and gives the memory back to the pool. Closing again does nothing.
     *
     * @throws IllegalStateException as {@link NativeArena#close}, or if this is the stack of a thread
     */
    @Override
    public void close() {
        if (ofThread) {
            throw new IllegalStateException("stack=" + arena.name()
                    + ": the stack of a thread ends with the thread, do not close it");
        }
        arena.close();
    }

    /** Name and state; callable from any thread. */
    @Override
    public String toString() {
        return "StackAllocator[name=" + arena.name() + (isClosed() ? " closed" : "") + "]";
    }

    /**
     * Blocks that die together: what is allocated here is taken back by {@link #close}; from then on the frame is
     * refused.
     */
    public static final class Frame implements AutoCloseable {
        private final QuickFrames stack;
        private final int at;      // depth, or that it is a mark
        private final long number; // of the frames at this depth, or the mark's id
        private final long start;  // what the stack was, or the latest mark before

        Frame(QuickFrames stack, int at, long number, long start) {
            this.stack = stack;
            this.at = at;
            this.number = number;
            this.start = start;
        }

        /**
         * Allocates a block and returns its reference in {@link #arena}. No garbage, no JNI call while the block of the
         * stack has room.
         *
         * @param size size (in bytes), 0 to 1 GiB
         * @return never 0
         * @throws IllegalArgumentException if {@code size} is negative or above 1 GiB
         * @throws ArenaExhaustedException  if the stack overflows, or the system has no memory
         * @throws IllegalStateException    if the frame is closed, another frame was opened inside it and is open, the
         *                                  stack is closed, or this is not its owner's thread
         */
        public long allocateRef(int size) {
            return stack.allocateRef(at, number, size);
        }

        /** As {@link #allocateRef(int)}, at a multiple of {@code alignment}: a power of two up to 1 MiB. */
        public long allocateRef(int size, int alignment) {
            return stack.allocateRef(at, number, size, alignment);
        }

        /** As {@link #allocateRef(int)}, and returns a view as {@link NativeArena#allocate(int)} does. */
        public ByteBuffer allocate(int size) {
            return stack.allocate(at, number, size);
        }

        /** As {@link #allocateRef(int, int)}, and returns a view as {@link NativeArena#allocate(int)} does. */
        public ByteBuffer allocate(int size, int alignment) {
            return stack.allocate(at, number, size, alignment);
        }

        /** The stack's arena: its {@code get} and {@code put} methods read and write through references. */
        public NativeArena arena() {
            return stack.arena;
        }

        /**
         * Takes back what was allocated in this frame. Does nothing when the frame is over already: closed, or taken
         * back by a reset, clear, rewind or close of the stack's arena.
         *
         * @throws IllegalStateException if another frame was opened inside this one and was still open: both are over
         *                               now; or if this is not the stack's owner's thread, or a checked view is being
         *                               used by an input or output operation: the frame is still open then
         */
        @Override
        public void close() {
            try {
                stack.pop(at, number, start);
            } catch (Error e) { // no call from here on: the thread's own stack may be at its end
                if (at >= 0 && at < stack.lostAt) {
                    stack.lostAt = at;
                    stack.lostNumber = number;
                    stack.lostStart = start;
                }
                if (at > stack.lastLostAt) {
                    stack.lastLostAt = at;
                    stack.lastLostNumber = number;
                }
                throw e;
            }
        }
    }

    /** Configuration of a stack. Not thread-safe. Values are checked by {@link #build}. */
    public static final class Builder {
        private long size = 65536; // bytes
        private OnExhausted overflow = OnExhausted.FAIL;
        private String name = "stack";
        private NativeArena parent;
        private MemoryPool pool;

        private Builder() {
        }

        /** Bytes of the block, 1 to 1 GiB - 16; 64 KiB by default. */
        public Builder size(long bytes) {
            this.size = bytes;
            return this;
        }

        /**
         * What happens to a request for which the block has no room: it fails (the default); the stack gets another
         * block of its size, which it keeps; or the pool serves it, until the last frame is closed and the arena is
         * empty.
         */
        public Builder overflow(OnExhausted what) {
            this.overflow = Objects.requireNonNull(what, "overflow");
            return this;
        }

        /** Where memory comes from when there is no parent; the shared pool by default. */
        public Builder pool(MemoryPool newPool) {
            this.pool = Objects.requireNonNull(newPool, "pool");
            return this;
        }

        /** An arena with which the stack ends: its reset, clear or close. */
        public Builder parent(NativeArena newParent) {
            this.parent = Objects.requireNonNull(newParent, "parent");
            return this;
        }

        /** Name for statistics and reports; {@code stack} by default. */
        public Builder name(String newName) {
            this.name = Objects.requireNonNull(newName, "name");
            return this;
        }

        private NativeArena newArena() {
            requireSize(size, name);
            NativeArena.Builder inside = NativeArena.builder().name(name).alignment(16).onExhausted(overflow);
            if (overflow == OnExhausted.GROW) {
                inside.initialChunkSize(size).maxChunkSize(size);
            } else {
                inside.fixedSize(size);
            }
            if (parent != null) {
                inside.parent(parent);
            }
            if (pool != null) {
                inside.pool(pool);
            }
            return inside.build();
        }

        /**
         * Creates the stack; the calling thread becomes its owner.
         *
         * @throws IllegalArgumentException if a value is out of range
         * @throws ArenaExhaustedException  if the system has no memory for the block
         * @throws IllegalStateException    if the parent is closed, or this is not its owner's thread
         */
        public StackAllocator build() {
            return new StackAllocator(newArena(), false);
        }
    }
}
