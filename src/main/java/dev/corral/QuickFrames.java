// SPDX-License-Identifier: Apache-2.0
package dev.corral;

import dev.corral.StackAllocator.Frame;
import dev.corral.internal.ControlBlock;
import dev.corral.internal.StackNatives;
import java.nio.ByteOrder;

/** The frames of a {@link StackAllocator} that Java pushes and pops by itself, and allocates in. */
abstract class QuickFrames {
    /* As long as there is nothing but blocks and frames, a frame is three words behind the last mark: its id, the count
     * of blocks and the cursor; and one word counts them all. The words are C's: before it does anything else, it makes
     * marks of these frames and sets that word to 0 (frames_settle() in arena_parts.h). From then on they are pushed
     * and popped as marks are, by ArenaScopes or C, until none is open but those that Java knows, and quick ones may
     * follow.
     *
     * That word also tells that blocks were taken back: see `arena.takeBacks()`.
     *
     * `arena.latestMark()` is the innermost frame, scope or mark that Java knows; while the word is not 0, there is no
     * other.
     *
     * A StackOverflowError can come out of every call. What it leaves is not quick any more (see StackMemory).
     */
    private static final int CURSOR = ControlBlock.CURSOR / Long.BYTES;
    private static final int LIMIT = ControlBlock.LIMIT / Long.BYTES;
    private static final int BASE = ControlBlock.BASE / Long.BYTES;
    private static final int COUNT = ControlBlock.COUNT / Long.BYTES;
    private static final int REF_BIAS = ControlBlock.REF_BIAS / Long.BYTES;
    private static final int TAKE_BACKS = ControlBlock.TAKE_BACKS / Long.BYTES;
    private static final int USED_ELSEWHERE = ControlBlock.USED_ELSEWHERE / Long.BYTES;
    private static final int NEXT_MARK = ControlBlock.NEXT_MARK / Long.BYTES;
    private static final int PEAK_USED = ControlBlock.PEAK_USED / Long.BYTES;
    private static final int MARK_STATE = ControlBlock.MARK_COUNT / Long.BYTES; // the count, and `tied` above it
    private static final int FRAMES = ControlBlock.FRAMES / Long.BYTES;
    private static final int FIRST_MARK = ControlBlock.INLINE_MARKS / Long.BYTES;
    private static final int MARK_WORDS = ControlBlock.MARK_BYTES / Long.BYTES;
    private static final int BLOCKS = ControlBlock.MARK_BLOCKS / Long.BYTES;
    private static final int MARK_CURSOR = ControlBlock.MARK_CURSOR / Long.BYTES;
    private static final int ROOM = ControlBlock.INLINE_MARKS_ROOM;
    private static final int DEPTH_MASK = (1 << ControlBlock.MARK_DEPTH_BITS) - 1;
    private static final long NEXT_NUMBER = 1L << ControlBlock.MARK_DEPTH_BITS;
    private static final long ALIGN_MASK = 15; // of every stack
    /** What makes the first of two neighbours the low half of their word, whatever the byte order. */
    private static final int SWAP = ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN ? 0 : Integer.SIZE;
    /** Of no frame. */
    static final long NEVER = Long.MAX_VALUE;

    /* Frame objects are used again, by turns: the JIT cannot do without them in a try-with-resources statement before
     * JDK 22, where it compiles handlers that never run. Each is known by the id of its mark, so one that is over is
     * refused, for as long as its turn has not come again.
     */
    static final int TURNS = 8;
    private static final int TURN_BITS = 3; // and as many for the depth

    final NativeArena arena;
    final Frame[] frames = new Frame[TURNS << TURN_BITS];
    /** Frames with greater ids are quick, if any is. {@link #NEVER}: an error has cut something off. */
    long quickFrom = NEVER;
    // Of the current chunk, which stays the same while there are quick frames.
    private long limit;
    private long bias;
    private long peak; // cursors up to here make no new peak

    QuickFrames(NativeArena arena) {
        this.arena = arena;
    }

    /** Where the object of a frame lies. */
    static int place(long id) {
        return (int) (id >>> ControlBlock.MARK_DEPTH_BITS - TURN_BITS) & TURNS - 1 << TURN_BITS | (int) id & DEPTH_MASK;
    }

    /** Pushes a frame; null: that takes more. */
    final Frame pushQuickly() {
        final NativeArena memory = arena;
        if (!memory.isOwnedByCurrentThread()) {
            return null;
        }
        long before = memory.word(FRAMES);
        int depth = (int) before & DEPTH_MASK;
        if (before == 0 || depth >= ROOM || quickFrom == NEVER) {
            return null;
        }
        long id = before + NEXT_NUMBER;
        Frame frame = frames[place(id)];
        if (frame == null) {
            return null;
        }
        long latest = memory.latestMark();
        long cursor = memory.word(CURSOR);
        long count = memory.word(COUNT);
        int entry = FIRST_MARK + depth * MARK_WORDS;
        memory.words.put(entry, id); // not by address: that would cost the JIT 1,000 nodes of 18,000
        memory.words.put(entry + BLOCKS, count);
        memory.putWord(entry + MARK_CURSOR, cursor);
        frame.id = id;
        frame.latest = latest;
        frame.cursor = cursor;
        frame.count = count;
        memory.opened = id;
        memory.putWord(FRAMES, id + 1);
        memory.beginViews(id);
        return frame;
    }

    /** Whether a frame is the innermost one, quick, and the caller its owner. */
    final boolean isQuick(long id) {
        return isInnermost(id) && arena.word(FRAMES) != 0;
    }

    /** The same, unless C has done something. */
    private boolean isInnermost(long id) {
        return arena.latestMark() == id && id > quickFrom && arena.isOwnedByCurrentThread();
    }

    /** Allocates in a frame; 0: that takes more. */
    final long allocateQuickly(long frame, int size) {
        final NativeArena memory = arena;
        if (!isInnermost(frame) || memory.word(FRAMES) == 0) {
            return 0;
        }
        long cursor = memory.word(CURSOR);
        long next = cursor - (-size & ~ALIGN_MASK);
        if (next > limit || size <= 0) {
            return 0;
        }
        memory.putWord(CURSOR, next);
        memory.putWord(COUNT, memory.word(COUNT) + 1);
        return cursor + bias;
    }

    /** Pops a frame; false: that takes more, and nothing has happened. */
    final boolean popQuickly(Frame frame) {
        final NativeArena memory = arena;
        long id = frame.id;
        long last;
        if (!isInnermost(id) || (last = memory.word(FRAMES)) == 0) {
            return false;
        }
        if (memory.hasViewsSince(id)) {
            memory.endViews(id);
        }
        long cursor = memory.word(CURSOR);
        if (cursor > peak) {
            notePeak(cursor);
        }
        memory.putWord(CURSOR, frame.cursor);
        memory.putWord(COUNT, frame.count);
        memory.putWord(FRAMES, last - 1);
        memory.beginViews(frame.latest);
        return true;
    }

    /** Chunks do not change while there are quick frames. */
    private void notePeak(long cursor) {
        long used = arena.word(USED_ELSEWHERE) + cursor - arena.word(BASE);
        if (used > arena.word(PEAK_USED)) {
            arena.putWord(PEAK_USED, used);
        }
        peak = cursor;
    }

    /** Lets frames be quick from here on, if they can be. By the owner. */
    final void beginQuickly() {
        long known = arena.word(FRAMES);
        if (known != 0 && quickFrom != NEVER) {
            makeObject(known);
            return;
        }
        settleFrames();
        long state = Long.rotateLeft(arena.word(MARK_STATE), SWAP);
        if (Long.compareUnsigned(state, ROOM) >= 0 || arena.hasSpilled()) { // or it is tied
            return;
        }
        long top = state == 0 ? 0 : arena.word(FIRST_MARK + ((int) state - 1) * MARK_WORDS);
        if (top != arena.latestMark() && !arena.hasMark(arena.latestMark()) && !arena.hasViewsSince(top + 1)) {
            arena.beginViews(top); // C has taken back what Java knew, or added what it did not know
        }
        if (top == arena.latestMark()) {
            long none = arena.word(NEXT_MARK) << ControlBlock.MARK_DEPTH_BITS | state;
            peak = 0;
            limit = arena.word(LIMIT);
            bias = arena.word(REF_BIAS);
            quickFrom = none;
            arena.putWord(FRAMES, none);
            makeObject(none);
        }
    }

    private void makeObject(long before) {
        long id = before + NEXT_NUMBER;
        if (((int) id & DEPTH_MASK) < ROOM && frames[place(id)] == null) {
            frames[place(id)] = new Frame((StackMemory) this, id, 0);
        }
    }

    /** Makes marks of the frames, for those who look at marks. By the owner. */
    final void settleFrames() {
        long last = arena.word(FRAMES);
        if (last == 0) {
            return;
        }
        if ((last & DEPTH_MASK) == (int) Long.rotateLeft(arena.word(MARK_STATE), SWAP)) { // there is none
            arena.putWord(TAKE_BACKS, arena.word(TAKE_BACKS) + 1);
            arena.putWord(NEXT_MARK, (last >>> ControlBlock.MARK_DEPTH_BITS) + 2); // as C does
            arena.putWord(FRAMES, 0);
        } else {
            StackNatives.top(arena.handle);
        }
    }
}
