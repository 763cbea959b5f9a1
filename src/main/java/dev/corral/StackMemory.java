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

/** What the frames of a {@link StackAllocator} do when they are marks, as scopes are: each is known by a mark's id. */
abstract class StackMemory extends QuickFrames {
    private static final int SIZE_MAX = (1 << 30) - 16; // bytes
    private static final int DEPTH_MASK = (1 << ControlBlock.MARK_DEPTH_BITS) - 1;

    private long[] marked = new long[ControlBlock.INLINE_MARKS_ROOM]; // ids of frames pushed as marks, by depth
    private long lost;       // the lowest frame that an Error has cut off; 0: none
    private long lastLost;   // the highest one
    private long lostLatest; // latest mark before `lost`
    private boolean unsettled; // a frame has left more behind than a cursor

    StackMemory(NativeArena arena) {
        super(arena);
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
        endLost();
        for (long id : marked) {
            if (id > mark && arena.hasMark(id)) {
                return true;
            }
        }
        return given.hasSince(arena, mark);
    }

    // --- beginning

    @Override
    final Frame pushSlowly() {
        endLost();
        if (keepsState() ? mayKeepOneMore() : !unsettled && lost == 0 && keepState()) {
            return push();
        }
        arena.requireUsable();
        long before = arena.opened;
        long latest = arena.latestMark();
        try {
            long id = arena.openFrame();
            int depth = (int) id & DEPTH_MASK;
            if (depth >= marked.length) {
                marked = Arrays.copyOf(marked, 2 * depth);
            }
            marked[depth] = id;
            return new Frame(this, GivenFrames.MARKED, id, latest);
        } catch (Error e) { // no call from here on: the thread's own stack may be at its end
            long next = arena.opened;
            if (next != before && next != 0) {
                if (lost == 0) {
                    lost = next;
                    lostLatest = latest;
                }
                lastLost = next;
            }
            throw e;
        }
    }

    // --- allocating

    @Override
    final long allocateSlowly(int at, long number, int size) {
        long ref = allocateInKept(at, number, size, 1);
        if (ref != 0) {
            return ref;
        }
        requireTop(at, number);
        try {
            return arena.allocateRef(size);
        } catch (ArenaExhaustedException e) {
            throw overflow(size, e);
        }
    }

    /** 0: that takes C. */
    private long allocateInKept(int at, long number, int size, int alignment) {
        if (!keepsState() || !isKept(at, number)) {
            return 0;
        }
        endLost();
        if (!isTop(at)) {
            throw Failures.of(Status.NOT_TOP, "allocate: stack=" + arena.name());
        }
        return allocateKept(size, alignment);
    }

    @Override
    final long allocateRef(int at, long number, int size, int alignment) {
        long ref = allocateInKept(at, number, size, alignment);
        if (ref != 0) {
            return ref;
        }
        requireTop(at, number);
        try {
            return arena.allocateRef(size, alignment);
        } catch (ArenaExhaustedException e) {
            throw overflow(size, e);
        }
    }

    @Override
    final ByteBuffer allocate(int at, long number, int size, int alignment) {
        return arena.viewOfNew(allocateRef(at, number, size, alignment), size);
    }

    private void requireTop(int at, long number) {
        arena.requireUsable();
        long id = given.idOf(at, number);
        if (arena.isTop(id)) {
            return;
        }
        endLost();
        if (!arena.isTop(id)) {
            arena.requireAlive();
            if (!arena.hasMark(id)) {
                throw new IllegalStateException("allocate: stack=" + arena.name()
                        + " status=STALE_MARK: the frame is over, push another one");
            }
            throw Failures.of(Status.NOT_TOP, "allocate: stack=" + arena.name());
        }
    }

    // --- ending

    /** Does nothing when the frame is over. */
    @Override
    final void popSlowly(int at, long number, long start) {
        if (arena.isClosed()) {
            return;
        }
        if (keepsState() && isKept(at, number)) {
            endLost();
            int inner = isKept(at, number) ? endKept(at, start) : 0;
            if (inner != 0) {
                throw notTop(inner);
            }
            return;
        }
        arena.requireUsable();
        long id = given.idOf(at, number);
        if (at == GivenFrames.MARKED) {
            popMark(id, start);
        } else if (id != 0) {
            StackNatives.narrow(arena.handle, id, start);
            popMark(id, given.before[at]);
            given.ids[at] = 0;
        }
    }

    private void popMark(long frame, long latest) {
        try {
            if (unsettled || !arena.closeFrame(frame, latest, 1)) {
                popAndSettle(frame, latest);
            }
        } catch (Error e) { // as in pushSlowly()
            if (lost == 0 || lost > frame) {
                lost = frame;
                lostLatest = latest;
            }
            if (lastLost < frame) {
                lastLost = frame;
            }
            throw e;
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
            throw notTop(inner);
        }
    }

    private RuntimeException notTop(long inner) {
        return Failures.of(Status.NOT_TOP, "pop: endedInside=" + inner + " stack=" + arena.name());
    }

    /** Once the last frame is closed: gives back what fell back, and what makes frames slower. */
    private void settle() {
        if (StackNatives.depth(arena.handle) != 0) {
            return;
        }
        if (StackNatives.endFrames(arena.handle)) {
            arena.clear();
        }
        unsettled = false;
        Reference.reachabilityFence(arena);
    }

    // --- frames that an Error has cut off from their owner

    /* A StackOverflowError or OutOfMemoryError in the middle of push or close leaves a frame that nobody knows, or one
     * that is over for whoever closed it. Where it happens nothing can be called, so push and close only note the
     * lowest such frame and the highest, and the next call that is not as quick as can be takes them back; while a
     * frame, scope or mark that came later is still open, it waits.
     */

    /** Takes back what Errors have left. */
    final void endLost() {
        if (hasLost()) {
            if (keepsState()) {
                endLostKept();
                return;
            }
            arena.requireUsable();
            noteLostMarks();
        }
        if (lost != 0) {
            arena.requireUsable();
            endLostMarks();
        }
    }

    /** Frames that were kept when they were cut off have become marks. */
    private void noteLostMarks() {
        long id = given.idOf(lostAt, lostNumber);
        if (id != 0) {
            StackNatives.narrow(arena.handle, id, lostStart);
            if (lost == 0 || lost > id) {
                lost = id;
                lostLatest = given.before[lostAt];
            }
            lastLost = Math.max(lastLost, Math.max(id, given.idOf(lastLostAt, lastLostNumber)));
        }
        forgetLost();
    }

    private void endLostMarks() {
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
