// SPDX-License-Identifier: Apache-2.0
package dev.corral;

import dev.corral.StackAllocator.Frame;
import dev.corral.internal.ArenaNatives;
import dev.corral.internal.ControlBlock;
import dev.corral.internal.Failures;
import dev.corral.internal.StackNatives;
import dev.corral.internal.Status;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.util.Arrays;

/** What the frames of a {@link StackAllocator} do. They are known by the ids of their marks in C. */
abstract class StackMemory extends QuickFrames {
    private static final int SIZE_MAX = (1 << 30) - 16; // bytes
    private static final int REUSED_DEPTHS = ControlBlock.INLINE_MARKS_ROOM;
    private static final int DEPTH_MASK = (1 << ControlBlock.MARK_DEPTH_BITS) - 1;

    long lost;       // the lowest frame that an Error has cut off; 0: none
    long lastLost;   // the highest one
    long lostLatest; // latest mark before `lost`
    private long[] deepFrames = {}; // ids by depth, from the first depth on that has no place above
    private boolean unsettled; // a frame has left more behind than a cursor

    StackMemory(NativeArena arena) {
        super(arena);
    }

    private Frame frame(long id, long latest) {
        int depth = (int) id & DEPTH_MASK;
        if (depth >= REUSED_DEPTHS) {
            return deepFrame(id, latest, depth - REUSED_DEPTHS);
        }
        Frame frame = frames[place(id)];
        if (frame == null) {
            frame = new Frame(this, id, latest);
            frames[place(id)] = frame;
        }
        frame.id = id;
        frame.latest = latest;
        return frame;
    }

    private Frame deepFrame(long id, long latest, int place) {
        if (place >= deepFrames.length) {
            deepFrames = Arrays.copyOf(deepFrames, Math.max(2 * REUSED_DEPTHS, 2 * place));
        }
        deepFrames[place] = id;
        return new Frame(this, id, latest);
    }

    /** Throws unless a block may have this size. */
    static void requireSize(long size, String name) {
        if (size < 1 || size > SIZE_MAX) {
            throw new IllegalArgumentException("size=" + size + " stack=" + name + ": pass 1 to " + SIZE_MAX
                    + " bytes");
        }
    }

    /** Whether a frame is open that is later than a mark. */
    final boolean hasFrameSince(long mark) {
        settleFrames();
        endLost();
        for (Frame frame : frames) {
            if (frame != null && frame.id > mark && arena.hasMark(frame.id)) {
                return true;
            }
        }
        for (long id : deepFrames) {
            if (id > mark && arena.hasMark(id)) {
                return true;
            }
        }
        return false;
    }

    // --- allocating

    final long allocateRef(long frame, int size) {
        long ref = allocateQuickly(frame, size);
        return ref != 0 ? ref : allocateRefSlowly(frame, size);
    }

    private long allocateRefSlowly(long frame, int size) {
        requireTop(frame);
        try {
            return arena.allocateRef(size);
        } catch (ArenaExhaustedException e) {
            throw overflow(size, e);
        }
    }

    final long allocateRef(long frame, int size, int alignment) {
        requireTop(frame);
        try {
            return arena.allocateRef(size, alignment);
        } catch (ArenaExhaustedException e) {
            throw overflow(size, e);
        }
    }

    final ByteBuffer allocate(long frame, int size, int alignment) {
        requireTop(frame);
        try {
            return alignment == 1 ? arena.allocate(size) : arena.allocate(size, alignment);
        } catch (ArenaExhaustedException e) {
            throw overflow(size, e);
        }
    }

    private void requireTop(long frame) {
        arena.requireUsable();
        if (isQuick(frame)) {
            return;
        }
        settleFrames();
        if (!arena.isTop(frame)) {
            endLost();
            if (!arena.isTop(frame)) {
                arena.requireAlive();
                if (!arena.hasMark(frame)) {
                    throw new IllegalStateException("allocate: stack=" + arena.name()
                            + " status=STALE_MARK: the frame is over, push another one");
                }
                throw Failures.of(Status.NOT_TOP, "allocate: stack=" + arena.name());
            }
        }
    }

    /** Begins a frame. */
    final Frame pushSlowly() {
        if (!unsettled && arena.isOwnedByCurrentThread()) {
            beginQuickly();
            Frame frame = pushQuickly();
            if (frame != null) {
                return frame;
            }
        }
        arena.requireUsable();
        settleFrames();
        long latest = arena.latestMark();
        return frame(arena.openFrame(), latest);
    }

    /** Ends a frame; does nothing when it is over. */
    final void popSlowly(long frame, long latest) {
        if (arena.isClosed()) {
            return;
        }
        arena.requireUsable();
        settleFrames();
        if (unsettled || !arena.closeFrame(frame, latest, 1)) {
            popAndSettle(frame, latest);
        }
    }

    private void popAndSettle(long frame, long latest) {
        if (arena.hasSpilled()) {
            unsettled = true;
        }
        if (!arena.closeFrame(frame, latest, NativeArena.ANY)) {
            popThroughC(frame, latest);
        }
        if (unsettled) {
            settle();
        }
    }

    /** Inner frames that nobody has closed must not stay, for whatever reason: they end, and the caller is told. */
    private void popThroughC(long frame, long latest) {
        endLost();
        if (!arena.hasMark(frame)) {
            return;
        }
        boolean top = arena.isTop(frame);
        long depth = StackNatives.depth(arena.handle);
        arena.closeFrameSlowly(frame, latest);
        if (!top) {
            long inner = depth - StackNatives.depth(arena.handle) - 1;
            if (unsettled) {
                settle();
            }
            throw Failures.of(Status.NOT_TOP, "pop: endedInside=" + inner + " stack=" + arena.name());
        }
    }

    /** Once the last frame is closed: gives back what fell back, and what makes frames slower. */
    private void settle() {
        if (StackNatives.depth(arena.handle) != 0) {
            return;
        }
        if (StackNatives.mustSettle(arena.handle)) {
            arena.clear();
        }
        unsettled = false;
        Reference.reachabilityFence(arena);
    }

    // --- frames that an Error has cut off from their owner

    /* A StackOverflowError or OutOfMemoryError in the middle of push or close leaves a frame that nobody knows, or one
     * that is over for whoever closed it. Where it happens nothing can be called, so push and close only note the ids
     * from the lowest such frame to the highest, and the next call takes them back; while a scope or a mark that came
     * later is still valid, it waits.
     */

    /** Takes back what Errors have left. */
    final void endLost() {
        if (lost == 0) {
            return;
        }
        arena.requireUsable();
        settleFrames();
        if (arena.hasMark(lost)) {
            if (StackNatives.top(arena.handle) > lastLost) {
                return;
            }
            if (arena.hasSpilled()) {
                unsettled = true;
            }
            arena.closeFrameSlowly(lost, lostLatest);
            if (unsettled) {
                settle();
            }
        } else if (arena.latestMark() >= lost && arena.latestMark() <= lastLost) {
            arena.beginViews(lostLatest);
        }
        lost = 0;
        lastLost = 0;
    }

    /** A full block is, for a stack, an overflow. */
    private RuntimeException overflow(int size, ArenaExhaustedException cause) {
        if (ArenaNatives.lastStatus(arena.handle) != Status.ARENA_FULL) {
            return cause;
        }
        RuntimeException overflow = Failures.of(Status.STACK_FULL, "allocate: size=" + size + " room="
                + StackNatives.room(arena.handle) + " depth=" + StackNatives.depth(arena.handle) + " stack="
                + arena.name());
        overflow.initCause(cause);
        return overflow;
    }
}
