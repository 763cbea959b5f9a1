// SPDX-License-Identifier: Apache-2.0
package dev.corral;

import dev.corral.StackAllocator.Frame;
import dev.corral.internal.ControlBlock;
import dev.corral.internal.StackNatives;
import dev.corral.internal.Status;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/** The frames of a {@link StackAllocator} that Java pushes and pops by itself, and allocates in. */
abstract class QuickFrames {
    /* As long as nobody else looks, a stack keeps its state here, and the JIT merges what a frame does into a few
     * additions. The one who looks is Java code that calls C, as C has an arena's address from `nativeHandle()` only,
     * and a stack whose address was asked for keeps its state no more. While it does, `arena.owner` is null. So
     * whatever needs the control block, be it to call C, finds that it must not go on, and comes to giveStateBack()
     * first (ArenaMemory.requireUsable); again after code of the user has run. Only access to blocks goes on: chunks
     * stay what they are. A leak report says what C knew last.
     *
     * To keep it costs two calls, so a stack that has to give it back soon tries that ever less often. In between
     * frames are marks as scopes are (StackMemory).
     *
     * A frame is known by its depth and by the count of frames that were pushed at this depth, which is never the
     * same. So nothing has to be kept of the open ones but these counts: what the stack was when one began is for the
     * Frame to remember, an object that the JIT does without. In marks, C needs that when the frame ends. Giving back
     * must not fail, so before the counts get longer C makes room for as many marks.
     *
     * A StackOverflowError can come out of every call, so there is none between two steps that belong together.
     */
    private static final int CURSOR = ControlBlock.CURSOR / Long.BYTES;
    private static final int BASE = ControlBlock.BASE / Long.BYTES;
    private static final int COUNT = ControlBlock.COUNT / Long.BYTES;
    private static final int REF_BIAS = ControlBlock.REF_BIAS / Long.BYTES;
    private static final int USED_ELSEWHERE = ControlBlock.USED_ELSEWHERE / Long.BYTES;
    private static final int PEAK_USED = ControlBlock.PEAK_USED / Long.BYTES;
    private static final int MARK_STATE = ControlBlock.MARK_COUNT / Long.BYTES; // the count, and `tied` above it
    private static final int FIRST_MARK = ControlBlock.INLINE_MARKS / Long.BYTES;
    private static final int MARK_WORDS = ControlBlock.MARK_BYTES / Long.BYTES;
    private static final int DEPTHS = ControlBlock.INLINE_MARKS_ROOM; // for which C has room from the beginning
    private static final int DEPTHS_MAX = 1 << 15;
    private static final long NEXT_MARK = (1L << ControlBlock.MARK_DEPTH_BITS) + 1; // from a mark's id to that inside
    private static final int ALIGN_MASK = 15; // of every stack
    private static final int ALIGNMENT_MAX = 1 << 20;
    private static final long ONE_BLOCK = 1L << Integer.SIZE; // in `place`
    private static final long VIEWED = Long.MIN_VALUE; // in a number: with views it is not what is quick knows
    private static final long KEPT_VIEWS = Long.MAX_VALUE - DEPTHS_MAX; // and a depth: a frame, where views have a mark
    private static final char NONE = Character.MAX_VALUE; // no depth is that large
    private static final int NO_DEPTH = Integer.MAX_VALUE;
    /** What makes the first of two neighbours the low half of their word, whatever the byte order. */
    private static final int SWAP = ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN ? 0 : Integer.SIZE;
    // Frames that are pushed as marks before the state is kept again.
    private static final int SHORTEST_WAIT = 4;
    private static final int LONGEST_WAIT = 1024;
    private static final int LONG_KEPT = 4 * LONGEST_WAIT; // frames: whoever keeps it that long may try again soon

    final NativeArena arena;
    private char depth = NONE; // of the frames, scopes and marks that are open; NONE: the state is C's
    private int peak;          // (bytes) end of what was ever used of the chunk
    private long place;        // (bytes) in the chunk, of the next block, and the count of blocks above it
    private long origin;       // reference of the chunk's first byte
    private long[] numbers = new long[DEPTHS]; // of the frame that was pushed last, per depth

    private int base;        // depth from which on frames are kept
    private int room;        // bytes of the chunk
    private long address;    // of its first byte
    private long latest;     // mark before them
    private long firstCount; // of the lowest frames, when it began
    private long deepest;    // number of any frame that was too deep for `numbers` as they are, at most
    private int wait;        // frames until the state is kept again
    private int nextWait = SHORTEST_WAIT;
    GivenFrames given = new GivenFrames(DEPTHS);

    // The lowest frame that an Error has cut off, and the highest one; see StackMemory.
    int lostAt = NO_DEPTH;
    long lostNumber;
    long lostStart;
    int lastLostAt = -1;
    long lastLostNumber;

    QuickFrames(NativeArena arena) {
        this.arena = arena;
    }

    // --- frames, while the state is kept; as few lines as can be, for the JIT

    /**
     * Begins a frame. Close it in the order of try-with-resources: the innermost one first.
     *
     * @throws ArenaExhaustedException if the pool has no memory to remember the frame
     * @throws IllegalStateException   if the stack is closed or another thread's; in a release action, close throws
     */
    public final Frame push() {
        int at = depth;
        long[] counts = numbers;
        if (Thread.currentThread() != arena.user || at >= counts.length) {
            return pushSlowly();
        }
        long number = counts[at] + 1;
        Frame frame = new Frame(this, at, number, place);
        counts[at] = number;
        depth = (char) (at + 1);
        return frame;
    }

    /** Allocates in the frame of this depth and number. */
    final long allocateRef(int at, long number, int size) {
        if (depth == at + 1 && numbers[at] == number && Thread.currentThread() == arena.user) {
            long here = place;
            int offset = (int) here;
            long less = -size & ~ALIGN_MASK;
            if (offset - less <= peak && size > 0) {
                place = here + ONE_BLOCK - less;
                return origin + offset;
            }
        }
        return allocateSlowly(at, number, size);
    }

    /** Ends the frame of this depth and number, which began at {@code start}. */
    final void pop(int at, long number, long start) {
        if (depth == at + 1 && numbers[at] == number && Thread.currentThread() == arena.user) {
            place = start;
            depth = (char) at;
        } else {
            popSlowly(at, number, start);
        }
    }

    abstract Frame pushSlowly();

    abstract long allocateSlowly(int at, long number, int size);

    abstract long allocateRef(int at, long number, int size, int alignment);

    /** As {@link #allocateRef(int, long, int)}, and returns a view. */
    final ByteBuffer allocate(int at, long number, int size) {
        return arena.viewOfNew(allocateRef(at, number, size), size);
    }

    abstract ByteBuffer allocate(int at, long number, int size, int alignment);

    abstract void popSlowly(int at, long number, long start);

    // --- the same, if it takes more

    /** Whether the state is kept, and the caller may use it. */
    final boolean keepsState() {
        return depth != NONE && arena.isOwnedByCurrentThread();
    }

    /** Whether a frame is open and has not become a mark; the state is kept. */
    final boolean isKept(int at, long number) {
        return at >= base && at < depth && (numbers[at] & ~VIEWED) == number;
    }

    /** Whether no other frame is open inside one that {@link #isKept}. */
    final boolean isTop(int at) {
        return depth == at + 1;
    }

    /** Allocates in the innermost frame; 0: it has no room, or only C knows what such a block is. */
    final long allocateKept(int size, int alignment) {
        int offset = (int) place;
        int gap = (int) -(address + offset) & alignment - 1;
        long end = (long) offset + gap - (-size & ~ALIGN_MASK);
        if (size <= 0 || end > room || alignment < 1 || alignment > ALIGNMENT_MAX
                || Integer.bitCount(alignment) != 1) {
            return 0;
        }
        peak = Math.max(peak, (int) end);
        place += ONE_BLOCK + end - offset;
        return origin + offset + gap;
    }

    /** Before a view is made: it ends with the innermost frame. */
    final void beginKeptViews() {
        int at = depth - 1;
        if (at >= base && numbers[at] >= 0 && arena.viewSafety() == ViewSafety.CHECKED) {
            arena.beginViews(KEPT_VIEWS + at);
            numbers[at] |= VIEWED;
        }
    }

    /**
     * Ends a frame that {@link #isKept} with those inside; returns their count.
     *
     * @throws IllegalStateException if an input or output operation is using a view; the frames are open
     */
    final int endKept(int at, long start) {
        int inner = depth - at - 1;
        if (arena.hasViewsSince(KEPT_VIEWS + at)) {
            arena.endViews(KEPT_VIEWS + at);
        }
        for (int inside = at; inside < depth; inside++) { // no call from here on
            numbers[inside] &= ~VIEWED;
        }
        place = start;
        depth = (char) at;
        int around = at - 1;
        while (around >= base && numbers[around] >= 0) {
            around--;
        }
        arena.latest = around >= base ? KEPT_VIEWS + around : latest;
        arena.viewedChunk = ArenaViews.NO_CHUNK;
        return inner;
    }

    /** Frames, scopes and marks that are open, while the state is kept. */
    final int keptDepth() {
        return depth;
    }

    /** Bytes that the chunk has left, while the state is kept. */
    final int keptRoom() {
        return room - (int) place;
    }

    /** Whether frames may have been cut off. */
    final boolean hasLost() {
        return lostAt != NO_DEPTH;
    }

    /** Ends them if they are kept, once no later frame is open. */
    final void endLostKept() {
        if (lostAt >= base && !isKept(lostAt, lostNumber)) {
            forgetLost();
        } else if (lostAt >= base && isTop(lastLostAt) && isKept(lastLostAt, lastLostNumber)) {
            endKept(lostAt, lostStart);
            forgetLost();
        }
    }

    final void forgetLost() {
        lostAt = NO_DEPTH;
        lastLostAt = -1;
    }

    // --- whose the state is

    /** Takes the state over from C, if that is worth it and there is nothing that only C can do. By the owner. */
    final boolean keepState() {
        NativeArena memory = arena;
        if (!memory.isUsableNow()) {
            return false;
        }
        if (wait > 0) {
            wait--;
            return false;
        }
        long marks = Long.rotateLeft(memory.word(MARK_STATE), SWAP);
        if (Long.compareUnsigned(marks, DEPTHS) >= 0 || memory.hasSpilled() || memory.isClosed() || memory.debug
                || memory.events() != null || memory.isShownToC()) { // or it is tied
            return false;
        }
        long top = marks == 0 ? 0 : memory.word(FIRST_MARK + ((int) marks - 1) * MARK_WORDS);
        long count = memory.word(COUNT);
        if (top != memory.latestMark() || count > Integer.MAX_VALUE / 2) {
            return false;
        }
        long start = memory.word(BASE);
        long used = memory.word(CURSOR) - start;
        room = (int) (memory.word(ArenaMemory.LIMIT) - start);
        peak = (int) Math.min(room, Math.max(used, memory.word(PEAK_USED) - memory.word(USED_ELSEWHERE)));
        place = count << Integer.SIZE | used;
        origin = start + memory.word(REF_BIAS);
        address = start;
        base = (int) marks;
        if (numbers.length != DEPTHS) {
            changeDepths(DEPTHS); // C has given back its room
        }
        if (base != 0) {
            numbers[base - 1]++; // pop() must not take a frame for a kept one that is a mark, or over
        }
        latest = top;
        firstCount = numbers[base];
        memory.owner = null; // no call from here on
        depth = (char) base;
        return true;
    }

    /** Before a frame is kept; false: it is too deep, or C has no room for its mark. The state is kept. */
    final boolean mayKeepOneMore() {
        int more = 2 * numbers.length;
        if (depth < numbers.length) {
            return true;
        }
        if (more > DEPTHS_MAX || StackNatives.reserve(arena.handle, more) != Status.OK) {
            return false;
        }
        changeDepths(more);
        return true;
    }

    /** How many depths there are counts for. Deeper frames are over, and begin where their counts ended. */
    private void changeDepths(int depths) {
        long most = deepest;
        for (int at = depths; at < numbers.length; at++) {
            most = Math.max(most, numbers[at]);
        }
        long[] newNumbers = Arrays.copyOf(numbers, depths);
        Arrays.fill(newNumbers, Math.min(numbers.length, depths), depths, most);
        GivenFrames newGiven = new GivenFrames(given, depths);
        deepest = most; // no call from here on
        given = newGiven;
        numbers = newNumbers;
    }

    /** Gives the state back to C, to which frames are marks. By the user, while the state is kept. */
    final void giveStateBack() {
        NativeArena memory = arena;
        int open = depth - base;
        long id = StackNatives.settle(memory.handle, place, peak, open);
        for (int at = base; at < base + open; at++, id += NEXT_MARK) { // no call from here on
            given.numbers[at] = numbers[at] &= ~VIEWED;
            given.ids[at] = id;
            given.before[at] = latest;
            latest = id;
        }
        for (ViewLevel level = memory.level; level != null && level.mark >= KEPT_VIEWS; level = level.outer) {
            level.mark = given.ids[(int) (level.mark - KEPT_VIEWS)];
        }
        depth = NONE;
        memory.latest = latest;
        memory.viewedChunk = ArenaViews.NO_CHUNK;
        memory.owner = memory.user;
        if (numbers[base] - firstCount > LONG_KEPT) {
            nextWait = SHORTEST_WAIT;
        } else if (nextWait < LONGEST_WAIT) {
            nextWait *= 2;
        }
        wait = nextWait;
    }
}
