// SPDX-License-Identifier: Apache-2.0
package dev.corral;

import dev.corral.internal.ArenaNatives;
import dev.corral.internal.ControlBlock;
import dev.corral.internal.DirectMemory;
import dev.corral.internal.DebugNatives;
import dev.corral.internal.Failures;
import dev.corral.internal.NativeLibrary;
import dev.corral.internal.Status;
import java.lang.ref.Reference;
import java.nio.IntBuffer;
import java.nio.LongBuffer;

/**
 * The hot core of {@link NativeArena}: allocation over the control block, and the owner. A class of its own so that no
 * part outgrows a page or two; it cannot be extended outside the package.
 */
abstract class ArenaMemory {
    /* The control block is the truth: C code may allocate, reset or clear through the same address at any time (on the
     * owner's thread), so nothing that it holds is cached here. Whatever touches the native arena is followed by a
     * reachability fence: without it the JIT may find `this` unreachable while its memory is in use, and the reaper
     * would free it.
     *
     * One compare of `owner` answers both "is this the owner's thread" and "is the arena open": closing sets it to
     * null. So does a stack that keeps its state in Java for a while (QuickFrames): whoever needs the control block
     * then has the wrong `owner`, and lets the stack give it back first. Who only reads and writes blocks compares
     * `user`, which is the owner at all times.
     */
    // Indices into `words`: a typed view in native order has one range check, which the JIT merges for constants.
    private static final int CURSOR = ControlBlock.CURSOR / Long.BYTES;
    static final int LIMIT = ControlBlock.LIMIT / Long.BYTES;
    private static final int BASE = ControlBlock.BASE / Long.BYTES;
    private static final int COUNT = ControlBlock.COUNT / Long.BYTES;
    private static final int REF_BIAS = ControlBlock.REF_BIAS / Long.BYTES;
    private static final int TAKE_BACKS = ControlBlock.TAKE_BACKS / Long.BYTES;
    // Indices into `halfWords`.
    private static final int CHUNK = ControlBlock.CHUNK / Integer.BYTES;
    private static final int GENERATION = ControlBlock.GENERATION / Integer.BYTES;

    /** A field: the JIT stops inlining when a method has grown too large, and even the call of a getter counts. */
    static final boolean DIRECT = isDirect();

    final PoolState pool;
    final long handle;
    final String name;
    final ControlSlots.Slot slot;
    final LongBuffer words;
    final IntBuffer halfWords;
    final long alignMask;
    /** Whether blocks have tags and allocations may find damage. */
    final boolean debug;
    private ArenaEvents events; // null: nobody observes
    Thread owner; // null: the arena is closed, or a stack keeps its state
    Thread user;  // null: the arena is closed

    ArenaMemory(PoolState pool, long handle, String name) {
        this.pool = pool;
        this.handle = handle;
        this.name = name;
        this.slot = pool.slots.of(handle);
        this.words = slot.words;
        this.halfWords = slot.halfWords;
        this.alignMask = ControlBlock.alignMask(halfWords);
        boolean closedWindow = words.get(LIMIT) == words.get(CURSOR); // a new arena has room
        this.debug = closedWindow && DebugNatives.isOn(handle);
        this.owner = Thread.currentThread();
        this.user = owner;
    }

    /** The question is asked once, and loading the library is what grants access by address from JDK 24 on. */
    private static boolean isDirect() {
        try {
            NativeLibrary.load();
        } catch (UnsatisfiedLinkError e) {
            return false; // creating the pool fails as well, and says why
        }
        return DirectMemory.isAvailable();
    }

    // --- allocation

    /**
     * As {@code arena_alloc()} in {@code arena.h}, over the same words; what does not fit there goes through JNI, as do
     * sizes that are not positive. The rounded size is subtracted as a negative number, which is one operation less
     * between the old and the new cursor than rounding up; limit and cursor are multiples of the alignment, so it fits
     * when the raw size does. No sum overflows: an {@code int} is added to an address, and those are below 2^63.
     */
    final long bump(int size) {
        if (Thread.currentThread() != owner) {
            return bumpInStack(size, 1);
        }
        long bias = word(REF_BIAS);
        long cursor = word(CURSOR);
        long next = cursor - (-size & ~alignMask);
        if (next <= word(LIMIT) && size > 0) {
            putWord(CURSOR, next);
            putWord(COUNT, word(COUNT) + 1);
            Reference.reachabilityFence(this);
            return cursor + bias;
        }
        return allocateSlowly(size, 1);
    }

    /** As {@link #bump}, at a multiple of {@code alignment}, through JNI if need be. */
    final long bumpAligned(int size, int alignment) {
        return Thread.currentThread() != owner ? bumpInStack(size, alignment) : allocateSlowly(size, alignment);
    }

    private long bumpInStack(int size, int alignment) {
        long ref = owner == null && user == Thread.currentThread() ? allocateKept(size, alignment) : 0;
        return ref != 0 ? ref : allocateSlowly(size, alignment);
    }

    /** Allocates in a stack that keeps its state; 0: that takes C. */
    abstract long allocateKept(int size, int alignment);

    /** Allocates through JNI; the arguments have not been checked yet. */
    final long allocateSlowly(int size, int alignment) {
        requireUsable();
        if (size < 0) {
            throw new IllegalArgumentException("size=" + size + " arena=" + name + ": pass a size of 0 or more bytes");
        }
        try {
            beforeAllocating();
            long ref = ArenaNatives.allocate(handle, size, alignment);
            if (ref == 0 && MemoryPressure.mayEase(ArenaNatives.lastStatus(handle), pool)) {
                MemoryPressure.relieve();
                ref = ArenaNatives.allocate(handle, size, alignment);
            }
            if (ref == 0) {
                throw Failures.of(ArenaNatives.lastStatus(handle), "allocate: size=" + size + " alignment="
                        + alignment + " arena=" + name);
            }
            afterAllocating("allocate", size);
            return ref;
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    /** Before whatever may allocate through JNI. */
    final void beforeAllocating() {
        if (debug) {
            DebugMode.tagCaller(handle);
        }
    }

    /** After it has succeeded. */
    final void afterAllocating(String operation, int size) {
        tellObserver();
        if (debug) {
            DebugMode.throwIfDamaged(operation + ": size=" + size + " arena=" + name);
        }
    }

    // --- observer

    /** Before the first event is told. */
    final void observe(ArenaEvents newEvents) {
        this.events = newEvents;
    }

    final ArenaEvents events() {
        return events;
    }

    /** Tells the observer what has happened; the last step but one of an operation. */
    final void tellObserver() {
        if (events != null) {
            events.tell((NativeArena) this);
        }
    }

    /** Throws while the observer is being told. */
    final void requireNotTelling() {
        if (events != null && events.telling()) {
            throw Failures.of(Status.OBSERVING, "arena=" + name);
        }
    }

    // --- state

    /** A word of the control block; the caller has checked {@link #requireUsable} or {@link #requireReadable}. */
    final long word(int index) {
        return DIRECT ? DirectMemory.getLong(this, handle, (long) index * Long.BYTES) : words.get(index);
    }

    /** As {@link #word}. */
    final void putWord(int index, long value) {
        if (DIRECT) {
            DirectMemory.putLong(this, handle, (long) index * Long.BYTES, value);
        } else {
            words.put(index, value);
        }
    }

    /** As {@link #currentGeneration}, by an owner who has checked {@link #requireUsable}. */
    final int generationNow() {
        return DIRECT ? DirectMemory.getInt(this, handle, ControlBlock.GENERATION) : halfWords.get(GENERATION);
    }

    /** By any thread, and whether or not the arena is open; 0 once it is destroyed. */
    final int currentGeneration() {
        return halfWords.get(GENERATION);
    }

    /** As long as it stays the same, nothing was taken back; each reset, clear or rewind of C makes it one more. */
    final long takeBacks() {
        if (owner == null && user == Thread.currentThread()) {
            giveStateBack();
        }
        return words.get(TAKE_BACKS);
    }

    final long currentBase() {
        return words.get(BASE);
    }

    final int currentChunk() {
        return halfWords.get(CHUNK);
    }

    // --- what a reference says

    static int offset(long ref) {
        return (int) ref & ControlBlock.REF_OFFSET_MASK;
    }

    static int chunk(long ref) {
        return (int) (ref >>> ControlBlock.REF_CHUNK_SHIFT) & ControlBlock.REF_CHUNK_MASK;
    }

    static int generation(long ref) {
        return (int) (ref >>> ControlBlock.REF_GENERATION_SHIFT);
    }

    final IndexOutOfBoundsException outOfBounds(long ref, int offset, int size, long capacity) {
        if (offset < 0) {
            return negative(ref, offset);
        }
        return new IndexOutOfBoundsException("offset=" + offset + " size=" + size + " ref=0x" + Long.toHexString(ref)
                + " chunk=" + capacity + " arena=" + name + ": the bytes do not lie in the reference's chunk");
    }

    static IndexOutOfBoundsException negative(long ref, int offset) {
        return new IndexOutOfBoundsException("offset=" + offset + " ref=0x" + Long.toHexString(ref)
                + ": pass an offset of 0 or more");
    }

    final IllegalStateException stale(long ref) {
        return new IllegalStateException("ref=0x" + Long.toHexString(ref) + " generation=" + generation(ref)
                + " current=" + currentGeneration() + " arena=" + name
                + ": the reference is null, of another arena, or was taken back by a reset, clear or rewind");
    }

    // --- owner

    /** Throws unless the arena is open and the caller is its owner. From here on the control block is up to date. */
    final void requireUsable() {
        if (Thread.currentThread() != owner) {
            becomeUsable();
        }
    }

    private void becomeUsable() {
        if (owner != null || user != Thread.currentThread()) {
            throw notUsable();
        }
        giveStateBack();
    }

    /** As {@link #requireUsable}, for who does not need the control block but for what names chunks. */
    final void requireReadable() {
        if (Thread.currentThread() != user) {
            throw notUsable();
        }
    }

    /** Whether {@link #requireUsable} would do nothing. */
    final boolean isUsableNow() {
        return Thread.currentThread() == owner;
    }

    /** Makes {@code owner} the user again, and the control block what it says. By the user, when the two differ. */
    abstract void giveStateBack();

    /** As {@link #requireUsable}; it also sees that C has destroyed the arena. */
    final void requireAlive() {
        requireUsable();
        if (currentGeneration() == 0) {
            throw Failures.of(Status.INVALID_ARENA, "arena=" + name);
        }
    }

    /** As {@link #requireReadable}, but false when the arena is closed, which another thread may be doing. */
    final boolean isUsableUnlessClosed() {
        Thread expected = user;
        if (expected != null && expected != Thread.currentThread()) {
            throw Failures.wrongThread(name, expected);
        }
        return expected != null;
    }

    private RuntimeException notUsable() {
        Thread expected = user;
        if (expected == null) {
            return new IllegalStateException("arena=" + name + ": the arena is closed");
        }
        return Failures.wrongThread(name, expected);
    }

    /** Whether the arena is open and its owner has ended. */
    final boolean hasEndedOwner() {
        Thread expected = user;
        return expected != null && !expected.isAlive();
    }

    /** Makes the calling thread the owner. */
    final void makeOwner() {
        user = Thread.currentThread();
        if (owner != null) {
            owner = user;
        }
    }

    /** Makes every further call fail. */
    void detach() {
        owner = null;
        user = null;
    }

    /** Whether {@link #detach} was called. */
    final boolean isDetached() {
        return user == null;
    }

    /**
     * Whether the arena has been closed: by its own close, by a reset, clear or close of its parent, by the close of
     * its pool, or because C has destroyed it.
     */
    public boolean isClosed() {
        return user == null || currentGeneration() == 0;
    }

    /** Whether the calling thread may use this arena: it is open and was created by this thread. */
    public boolean isOwnedByCurrentThread() {
        return user == Thread.currentThread();
    }
}
