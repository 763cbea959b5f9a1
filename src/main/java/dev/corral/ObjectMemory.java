// SPDX-License-Identifier: Apache-2.0
package dev.corral;

import dev.corral.internal.Failures;
import dev.corral.internal.ObjectLayout;
import dev.corral.internal.ObjectPoolNatives;
import dev.corral.internal.PoolNatives;
import dev.corral.internal.Status;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.LongBuffer;
import java.util.Arrays;

/** The hot core of {@link ObjectPool}: acquiring and releasing over the words that C uses. */
abstract class ObjectMemory {
    /* As object_pool_acquire() and object_pool_release() in object_pool.c do it, in the open block; the rest is C's.
     * The head and the states are books of the pool, which no view of a user can reach, and the buffers here are handed
     * out to nobody; the arena's control block, which the arena keeps mapped, keeps all books mapped. One comparison
     * says that they still show what they did: the key of the open block, which is another one once C has opened
     * another block, cleared the pool or ended it, or when another pool has its place.
     *
     * The link of a free object lies in the arena, where a stale reference can write. It is followed only to an object
     * that is free, and an object is acquired before its link is read. A StackOverflowError between two steps loses an
     * object at most, until C counts them again.
     */
    private static final int KEY = ObjectLayout.KEY / Long.BYTES;
    private static final int FIRST = ObjectLayout.FIRST / Long.BYTES;
    private static final int AT_PEAK = ObjectLayout.AT_PEAK / Long.BYTES;
    private static final int ACQUIRED = ObjectLayout.ACQUISITIONS / Long.BYTES;
    private static final int PEAK = ObjectLayout.PEAK / Long.BYTES;
    private static final long NO_KEY = -1;
    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    final NativeArena arena;
    final long handle;
    private final int size;
    private final long inverse;
    private final int shift;
    private final long id;
    private final ByteBuffer head;
    private final LongBuffer words;

    // Of the block with the key `openKey`; the last block that was open here.
    private long openKey = NO_KEY;
    private ByteBuffer states = NOTHING;
    private ByteBuffer objects = NOTHING;
    private int start; // of its first object in `objects`
    private int count;
    private int quick; // `count`, or 0 in a zeroed pool, where a release is C's
    private long openRef;

    // By block: what was mapped of it, so that changing between blocks makes no garbage.
    private long[] keys = {};
    private ByteBuffer[] mapped = {};

    /** Makes an arena, which belongs to this object alone, a pool of objects. */
    ObjectMemory(NativeArena arena, int size, int alignment, long largestBlock, boolean zeroed) {
        this.arena = arena;
        this.handle = create(size, alignment, largestBlock, zeroed);
        this.head = map(handle, ObjectLayout.MAPPED);
        this.words = head.asLongBuffer();
        this.id = head.getLong(ObjectLayout.ID);
        this.size = head.getInt(ObjectLayout.OBJECT_SIZE);
        this.inverse = head.getLong(ObjectLayout.INVERSE);
        this.shift = head.getInt(ObjectLayout.SHIFT);
    }

    private long create(int objectSize, int alignment, long largestBlock, boolean zeroed) {
        long created = ObjectPoolNatives.create(arena.handle, objectSize, alignment, largestBlock, zeroed);
        if (Failures.isStatus(created) && MemoryPressure.mayEase((int) -created, arena.pool)) {
            MemoryPressure.relieve();
            created = ObjectPoolNatives.create(arena.handle, objectSize, alignment, largestBlock, zeroed);
        }
        if (Failures.isStatus(created)) {
            throw Failures.of((int) -created, "create: objects=" + arena.name() + " size=" + objectSize + " alignment="
                    + alignment + " largestBlock=" + largestBlock);
        }
        return created;
    }

    private static ByteBuffer map(long address, int length) {
        ByteBuffer buffer = PoolNatives.wrap(address, length);
        if (buffer == null) {
            throw new ArenaExhaustedException("bytes=" + length + ": no memory for a buffer over a pool of objects");
        }
        return buffer.order(ByteOrder.nativeOrder());
    }

    // --- acquire

    /**
     * Acquires an object. No JNI call and no garbage while the block that was used last has a free object.
     *
     * @return the object's reference in {@link ObjectPool#arena}, never 0. The object is the caller's until it is
     *         released, or until clear or close. Its contents are unspecified unless the pool is zeroed
     * @throws ArenaExhaustedException if a limit is reached or the system has no memory
     * @throws IllegalStateException   if the pool is closed, this is not its owner's thread, or something has written
     *                                 to an object after its release: that is repaired, and the next call succeeds
     */
    public long acquire() {
        arena.requireUsable();
        long ref = acquireHere();
        return ref != 0 ? ref : acquireSlowly();
    }

    private long acquireHere() {
        if (words.get(KEY) != openKey) {
            return 0;
        }
        final ByteBuffer known = states;
        int first = (int) words.get(FIRST);
        if (first == count || known.get(first) != ObjectLayout.FREE) {
            return 0;
        }
        known.put(first, (byte) ObjectLayout.ACQUIRED);
        int offset = first * size;
        int next = objects.getInt(start + offset);
        if (Integer.compareUnsigned(next, count) > 0 || known.get(next) != ObjectLayout.FREE) {
            known.put(first, (byte) ObjectLayout.FREE);
            return 0;
        }
        words.put(FIRST, next);
        long acquired = words.get(ACQUIRED) + 1;
        words.put(ACQUIRED, acquired);
        if (acquired > words.get(AT_PEAK)) {
            words.put(AT_PEAK, acquired);
            words.put(PEAK, words.get(PEAK) + 1);
        }
        if (quick == 0) {
            objects.putInt(start + offset, 0); // the link is all that a free object has in it
        }
        Reference.reachabilityFence(this);
        return openRef + offset;
    }

    private long acquireSlowly() {
        requireAlive();
        if (words.get(KEY) != openKey) {
            mapOpenBlock();
            long ref = acquireHere();
            if (ref != 0) {
                return ref;
            }
        }
        arena.beforeAllocating();
        int status = ObjectPoolNatives.refill(handle);
        if (MemoryPressure.mayEase(status, arena.pool)) {
            MemoryPressure.relieve();
            status = ObjectPoolNatives.refill(handle);
        }
        check(status, "acquire");
        arena.afterAllocating("acquire", size);
        mapOpenBlock();
        long ref = acquireHere();
        if (ref == 0) {
            check(Status.CORRUPTED, "acquire"); // written to in this very moment
        }
        return ref;
    }

    /** Makes the fields above show the block that is open in C. */
    private void mapOpenBlock() {
        long key = words.get(KEY);
        openKey = NO_KEY;
        if (key == 0) {
            return;
        }
        int block = head.getInt(ObjectLayout.OPEN);
        count = head.getInt(ObjectLayout.COUNT);
        if (block >= keys.length) {
            int length = Math.max(block + 1, keys.length * 2);
            ByteBuffer[] longer = Arrays.copyOf(mapped, length);
            keys = Arrays.copyOf(keys, length);
            mapped = longer; // both or none: the heap may be full
        }
        if (keys[block] != key) {
            mapped[block] = map(head.getLong(ObjectLayout.STATES), count + 1);
            keys[block] = key;
        }
        states = mapped[block];
        openRef = head.getLong(ObjectLayout.REF);
        quick = head.getInt(ObjectLayout.QUICK);
        objects = arena.root(openRef);
        start = ArenaMemory.offset(openRef);
        openKey = key;
        Reference.reachabilityFence(this);
    }

    // --- release

    /**
     * Takes back an object. No JNI call and no garbage where the object lies in the block that was used last and the
     * pool is not zeroed. Views of the object are not ended.
     *
     * @throws IllegalArgumentException if no object of this pool begins there
     * @throws IllegalStateException    if the object is released already or not yet acquired, the reference is null, of
     *                                  another pool or from before a clear, the pool is closed, or this is not its
     *                                  owner's thread
     */
    public void release(long ref) {
        arena.requireUsable();
        if (!releaseHere(ref)) {
            requireAlive();
            int status = ObjectPoolNatives.release(handle, ref);
            if (status != Status.OK) {
                throw Failures.of(status, "release: ref=0x" + Long.toHexString(ref) + " objects=" + arena.name());
            }
            Reference.reachabilityFence(this);
        }
    }

    private boolean releaseHere(long ref) {
        long offset = ref - openRef;
        long index = Long.rotateRight(offset * inverse, shift); // more than any count where no object starts
        if (words.get(KEY) != openKey || Long.compareUnsigned(index, quick) >= 0
                || states.get((int) index) != ObjectLayout.ACQUIRED) {
            return false;
        }
        objects.putInt(start + (int) offset, (int) words.get(FIRST));
        states.put((int) index, (byte) ObjectLayout.FREE);
        words.put(FIRST, index);
        words.put(AT_PEAK, words.get(AT_PEAK) + 1);
        Reference.reachabilityFence(this);
        return true;
    }

    // --- state

    /** Whether the pool has ended: its arena was closed, or C has taken it back. */
    final boolean hasEnded() {
        return arena.isClosed() || head.getLong(ObjectLayout.ID) != id;
    }

    /** Throws unless the pool is open and the caller is its owner. */
    final void requireAlive() {
        arena.requireAlive();
        if (head.getLong(ObjectLayout.ID) != id) {
            throw Failures.of(Status.INVALID_ARENA, "objects=" + arena.name());
        }
    }

    final void check(int status, String operation) {
        if (status != Status.OK) {
            String what = operation + ": objects=" + arena.name();
            throw status == Status.CORRUPTED ? Failures.writtenAfterRelease(what) : Failures.of(status, what);
        }
        Reference.reachabilityFence(this);
    }

    /** After everything was taken back. */
    final void forgetBlocks() {
        openKey = NO_KEY;
        objects = NOTHING;
        Arrays.fill(mapped, null);
        Arrays.fill(keys, 0);
    }
}
