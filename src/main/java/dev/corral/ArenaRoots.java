// SPDX-License-Identifier: Apache-2.0
package dev.corral;

import dev.corral.internal.ArenaNatives;
import dev.corral.internal.BlockNatives;
import dev.corral.internal.ControlBlock;
import dev.corral.internal.DirectMemory;
import dev.corral.internal.Failures;
import dev.corral.internal.Status;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/** From a reference to memory: the part of {@link NativeArena} that knows where chunks lie. */
abstract class ArenaRoots extends ArenaMemory {
    /* The root buffer of each chunk is cached, and keeps the chunk mapped. Roots are of one generation, within which a
     * chunk index always means the same memory; after it they are looked up again.
     *
     * The chunk of the last access is the near one. To look up a chunk takes loads that each wait for the one before.
     * The comparison with the near chunk is predicted, so whoever walks a list need not wait. Where chunks change at
     * random the prediction is wrong, so the table has next to each other what is asked for. Buffers are stored when
     * a chunk was missed twice in a row, as the collector's barrier costs more than the loads.
     *
     * A chunk has to be entered as well, and both a reset and a rewind take chunks from the end of the list in which C
     * has the entered ones in their order. So what is known here of that list is a sparse set like C's: a chunk's row
     * in `places` says where it stands in the list, and `order` which chunk is known to stand there. To forget what
     * was given up is to shorten that list, however many chunks there are. What stands before the shortest that it was
     * is not looked up. Buffers stay, as do the chunks: when one is entered again, it is made sure once that C has not
     * put another in its place. A chunk may stand farther back here than it does in C: it is forgotten too early then.
     */
    private static final ByteBuffer[] NO_ROOTS = {};
    private static final long[] NO_PLACES = {};
    private static final int[] FIRST_ONLY = {0}; // not written to
    private static final int NOT_KNOWN = -1;
    private static final int PLACE = 2; // longs in `places`
    private static final int ENTERED = ControlBlock.ENTERED / Integer.BYTES; // index into `halfWords`
    private static final long NO_CHUNK = -1; // no reference is that large once it is shifted

    private ByteBuffer[] roots;
    private int rootsGeneration;
    private long nearChunk = NO_CHUNK; // generation and chunk, as in a reference; near() names none while watched
    private long knownChunk = NO_CHUNK; // the same, while `nearAddress` and `nearCapacity` are its
    boolean watched; // the generation must be looked at, as C can raise it
    private long[] places = NO_PLACES; // of each root: address, 0: not asked for yet; capacity, and place in `order`
    private int[] order = FIRST_ONLY; // the chunk that was entered first, second ..
    private int known = 1; // length of that list: the first chunk is always entered, and first
    private int low = Integer.MAX_VALUE; // the least that it was cut to since the tables were empty
    private long nearAddress;
    private long nearCapacity;
    private ByteBuffer nearRoot;
    private long missedChunk;

    ArenaRoots(PoolState pool, long handle, String name) {
        super(pool, handle, name);
        this.roots = slot.takeRoots();
        if (roots.length != 0) {
            places = slot.places();
            order = slot.order();
            low = known;
        }
        this.rootsGeneration = currentGeneration();
    }

    /** The buffer over the chunk that a reference names. */
    final ByteBuffer root(long ref) {
        requireReadable();
        return rootOf(ref);
    }

    /** As {@link #root}, but only of a chunk that holds blocks: others may go away while views are left. */
    final ByteBuffer enteredRoot(long ref) {
        requireReadable();
        if (chunk(ref) != currentChunk() && ArenaNatives.resolve(handle, ref - offset(ref)) == 0) {
            throw stale(ref);
        }
        return rootOf(ref);
    }

    /** As {@link #root}, for a single access where {@link DirectMemory} is not available. */
    final ByteBuffer nearRoot(long ref) {
        requireReadable();
        long chunk = ref >>> ControlBlock.REF_CHUNK_SHIFT;
        if (chunk == nearChunk && rootsGeneration == generationNow()) {
            return nearRoot;
        }
        ByteBuffer root = rootOf(ref);
        if (chunk == missedChunk) {
            nearRoot = root;
            nearChunk = chunk;
        }
        missedChunk = chunk;
        return root;
    }

    /**
     * Finds the chunk of a reference: the next access goes to the near one. Where {@link DirectMemory} is available.
     *
     * @return where {@code offset} bytes behind the reference lie in the chunk, with {@code size} bytes from there on
     * @throws IllegalStateException     if the reference is null or stale, or the arena cannot be used
     * @throws IndexOutOfBoundsException if the bytes do not lie in the reference's chunk
     */
    final long near(long ref, int offset, int size) {
        requireReadable();
        long chunk = ref >>> ControlBlock.REF_CHUNK_SHIFT;
        if (chunk != nearChunk) {
            comeNear(ref);
        }
        long from = offset(ref);
        if (offset < 0 || from + offset + size > nearCapacity) {
            throw outOfBounds(ref, offset, size, nearCapacity);
        }
        return from + offset;
    }

    final long nearAddress() {
        return nearAddress;
    }

    private void comeNear(long ref) {
        int chunk = chunk(ref);
        int at = chunk * PLACE;
        int generation = generation(ref);
        if (ref >>> ControlBlock.REF_CHUNK_SHIFT == knownChunk && generation == generationNow()) {
            return; // near already, which `nearChunk` does not say of a watched arena
        }
        if (generation == rootsGeneration && generation == generationNow() && at < places.length
                && stands(chunk, places[at + 1])) {
            comeNear(ref, places[at], (int) places[at + 1]);
        } else {
            findPlace(ref, at);
        }
    }

    /** Whether a chunk is known to be entered, by the second half of its row; 0: it has none. */
    private boolean stands(int chunk, long row) {
        int place = (int) (row >>> Integer.SIZE);
        return row != 0 && (place < low || place < known && order[place] == chunk);
    }

    /** What is near is named last: whatever is thrown in between, no address gets another chunk's bounds. */
    private void comeNear(long ref, long address, long capacity) {
        leaveNear();
        nearAddress = address;
        nearCapacity = capacity;
        knownChunk = ref >>> ControlBlock.REF_CHUNK_SHIFT;
        nearChunk = watched ? NO_CHUNK : knownChunk;
    }

    /** Before C raises the generation, at which accesses do not look. */
    final void leaveNear() {
        nearChunk = NO_CHUNK;
        knownChunk = NO_CHUNK;
    }

    /** From now on C can reset the arena without a word. */
    final void watch() {
        watched = true;
        leaveNear();
    }

    /* The current chunk, if it lies where it lay, is put at the end of the list without asking for it, unless another
     * one stands there. In C it may stand before that, when a chunk beside it was entered later. Else it is asked for;
     * an arena with one chunk does without a table, which would be garbage. It is one method so that HotSpot does not
     * inline it (325 bytes; ScopeCodeTest looks): methods that access memory would be too large to be inlined then.
     */
    private void findPlace(long ref, int at) {
        final int chunk = chunk(ref);
        final boolean current = chunk == currentChunk();
        if (current && chunk < roots.length && roots[chunk] != null && at < places.length && places[at + 1] != 0) {
            int place = chunk == 0 ? 0 : halfWords.get(ENTERED) - 1;
            long base = places[at];
            int capacity = (int) places[at + 1];
            boolean same = base == currentBase() && capacity == words.get(LIMIT) - base;
            boolean fresh = generation(ref) == rootsGeneration && rootsGeneration == generationNow();
            if (same && fresh && place < order.length
                    && (place >= known || order[place] == NOT_KNOWN || order[place] == chunk)) {
                for (; known <= place; known++) {
                    order[known] = NOT_KNOWN;
                }
                if (order[place] != chunk) {
                    order[place] = chunk;
                }
                places[at + 1] = (long) place << Integer.SIZE | capacity;
                comeNear(ref, base, capacity);
                return;
            }
        }
        ByteBuffer root = rootOf(ref);
        long address = current ? currentBase() : addressOf(chunk, root);
        if (chunk == 0 && (!current || places.length != 0)) {
            reservePlaces(1);
            setPlace(0, 0, address, root.capacity());
        }
        comeNear(ref, address, root.capacity());
    }

    /** Of the first byte of a chunk whose root is there. */
    private long addressOf(int chunk, ByteBuffer root) {
        int at = chunk * PLACE;
        long address = at < places.length ? places[at] : 0;
        return address != 0 ? address : BlockNatives.address(root); // a JNI call
    }

    private ByteBuffer rootOf(long ref) {
        final ByteBuffer[] found = roots;
        int generation = generation(ref);
        int chunk = chunk(ref);
        if (generation == rootsGeneration && generation == generationNow() && chunk < found.length) {
            int at = chunk * PLACE;
            if (chunk == 0 || at < places.length && stands(chunk, places[at + 1])) {
                ByteBuffer root = found[chunk];
                if (root != null) {
                    return root;
                }
            }
        }
        return findRoot(ref);
    }

    private ByteBuffer findRoot(long ref) {
        int current = currentGeneration();
        if (current == 0) {
            throw Failures.of(Status.INVALID_ARENA, "ref=0x" + Long.toHexString(ref) + " arena=" + name);
        }
        if (generation(ref) != current) {
            throw stale(ref);
        }
        if (rootsGeneration != current) {
            forgetRoots(); // C has reset or cleared the arena: its chunks may be others now
            rootsGeneration = current;
        }
        int chunk = chunk(ref);
        ByteBuffer root = chunk < roots.length ? roots[chunk] : null;
        long base = root == null ? 0 : addressOf(chunk, root);
        int capacity = root == null ? 0 : root.capacity();
        int place = chunk == 0 ? -1 : ArenaNatives.place(handle, chunk, base, capacity);
        if (place == 0) {
            throw stale(ref);
        }
        if (place < 0) { // no root, or that of a chunk that C has given back
            place = -place;
            base = baseOf(ref);
            capacity = (int) ArenaNatives.chunkCapacity(handle, chunk);
            root = pool.root(base, capacity).duplicate().order(ByteOrder.nativeOrder());
        }
        remember(chunk, root, place - 1, base);
        Reference.reachabilityFence(this);
        return root;
    }

    /** Adds a chunk that is entered; nothing changed when there is no heap for that. */
    private void remember(int chunk, ByteBuffer root, int place, long base) {
        if (chunk >= roots.length) {
            roots = Arrays.copyOf(roots, Math.max(chunk + 1, Math.max(4, roots.length * 2)));
        }
        if (chunk != 0) {
            reservePlaces(chunk + 1);
            if (place >= order.length) {
                order = Arrays.copyOf(order, Math.max(place + 1, Math.max(4, order.length * 2)));
            }
            for (; known <= place; known++) {
                order[known] = NOT_KNOWN;
            }
            if (order[place] != NOT_KNOWN && order[place] != chunk) {
                low = Math.min(low, place); // C may have rewound the arena by itself
            }
            order[place] = chunk;
            setPlace(chunk, place, base, root.capacity());
        }
        if (roots[chunk] != root) {
            roots[chunk] = root;
        }
    }

    private void reservePlaces(int chunks) {
        if (chunks * PLACE > places.length) {
            places = Arrays.copyOf(places, Math.max(chunks, roots.length) * PLACE);
        }
    }

    private void setPlace(int chunk, int place, long address, int capacity) {
        places[chunk * PLACE] = address;
        places[chunk * PLACE + 1] = (long) place << Integer.SIZE | capacity;
    }

    /** Address of the first byte of the chunk of a valid reference. */
    final long baseOf(long ref) {
        int chunk = chunk(ref);
        return chunk == currentChunk() ? currentBase() : ArenaNatives.chunkBase(handle, chunk);
    }

    /** After a reset from Java: chunks are where they were {@code before}; older roots are of before a clear in C. */
    final void keepRoots(int before) {
        if (rootsGeneration == before) {
            rootsGeneration = currentGeneration();
            forgetGivenUp(); // all but the first
            leaveNear(); // it names the generation
        } else {
            dropRoots();
        }
    }

    /** After blocks were taken back: references into chunks that are not entered any more are refused. */
    final void forgetGivenUp() {
        int entered = halfWords.get(ENTERED);
        if (entered < known) {
            known = entered;
            leaveNear(); // it may be one of these
        }
        low = Math.min(low, entered);
        Reference.reachabilityFence(this);
    }

    /** The roots, unless C has reset or cleared the arena since they were looked up. */
    final ByteBuffer[] validRoots() {
        return rootsGeneration == currentGeneration() ? roots : NO_ROOTS;
    }

    /** Leaves the tables to the next user of the slot, if it gets these roots: of the list it knows the first only. */
    final void leavePlaces(ByteBuffer[] left) {
        boolean own = left == roots && left.length != 0;
        slot.leavePlaces(own ? places : NO_PLACES, own ? order : FIRST_ONLY);
    }

    /** After the arena has given chunks back. */
    final void dropRoots() {
        forgetRoots();
        rootsGeneration = currentGeneration();
    }

    /** Before chunks may go away. */
    final void forgetRoots() {
        leaveNear();
        nearAddress = 0;
        nearCapacity = 0;
        nearRoot = null;
        places = NO_PLACES;
        order = FIRST_ONLY;
        known = 1;
        low = Integer.MAX_VALUE;
        roots = NO_ROOTS;
    }

    @Override
    final void detach() {
        super.detach();
        forgetRoots();
    }
}
