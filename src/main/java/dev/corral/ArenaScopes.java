// SPDX-License-Identifier: Apache-2.0
package dev.corral;

import dev.corral.internal.ArenaNatives;
import dev.corral.internal.ControlBlock;
import dev.corral.internal.Failures;
import dev.corral.internal.Status;
import java.lang.ref.Reference;
import java.nio.IntBuffer;
import java.nio.LongBuffer;

/** Scopes on the native stack of marks: the part of {@link NativeArena} that opens and closes them without JNI. */
abstract class ArenaScopes extends ArenaText {
    /* A scope that stays in one chunk is a few words on the stack of marks and a cursor that moves back, so Java does
     * it by itself, as arena_open_scope() and arena_close_scope() in arena_marks.c do. What C has to do is left to it:
     * a stack that has grown out of its first place, a scope that entered chunks or below which marks were taken, an
     * arena that is `tied`, and one with a closed window. C finds the same entries either way, and the same stale ones.
     */
    // Indices into `words`.
    private static final int CURSOR = ControlBlock.CURSOR / Long.BYTES;
    private static final int LIMIT = ControlBlock.LIMIT / Long.BYTES;
    private static final int BASE = ControlBlock.BASE / Long.BYTES;
    private static final int COUNT = ControlBlock.COUNT / Long.BYTES;
    private static final int TAKE_BACKS = ControlBlock.TAKE_BACKS / Long.BYTES;
    private static final int USED_ELSEWHERE = ControlBlock.USED_ELSEWHERE / Long.BYTES;
    private static final int NEXT_MARK = ControlBlock.NEXT_MARK / Long.BYTES;
    private static final int PEAK_USED = ControlBlock.PEAK_USED / Long.BYTES;
    private static final int MARKS = ControlBlock.MARKS / Long.BYTES;
    private static final int ENTERED = ControlBlock.ENTERED / Long.BYTES;
    private static final int FIRST_MARK = ControlBlock.INLINE_MARKS / Long.BYTES;
    // Indices into `halfWords`.
    private static final int CHUNK = ControlBlock.CHUNK / Integer.BYTES;
    private static final int MARK_COUNT = ControlBlock.MARK_COUNT / Integer.BYTES;
    private static final int TIED = ControlBlock.TIED / Integer.BYTES;
    // From the index of a mark in `words`, or in `halfWords`, on.
    private static final int MARK_WORDS = ControlBlock.MARK_BYTES / Long.BYTES;
    private static final int BLOCKS = ControlBlock.MARK_BLOCKS / Long.BYTES;
    private static final int MARK_USED_ELSEWHERE = ControlBlock.MARK_USED_ELSEWHERE / Long.BYTES;
    private static final int MARK_ENTERED = ControlBlock.MARK_ENTERED / Long.BYTES;
    private static final int MARK_CHUNK = ControlBlock.MARK_CHUNK / Integer.BYTES;
    private static final int MARK_OFFSET = ControlBlock.MARK_OFFSET / Integer.BYTES;
    private static final int DEPTH_MASK = (1 << ControlBlock.MARK_DEPTH_BITS) - 1;

    ArenaScopes(PoolState pool, long handle, String name) {
        super(pool, handle, name);
    }

    /** Adds a mark of the present point that no other call has brought: its id. */
    final long addMark() {
        final LongBuffer control = words;
        final IntBuffer halves = halfWords;
        int depth = halves.get(MARK_COUNT);
        if (depth >= ControlBlock.INLINE_MARKS_ROOM || control.get(MARKS) != handle + ControlBlock.INLINE_MARKS) {
            return made(ArenaNatives.openScope(handle), "openScope");
        }
        long number = control.get(NEXT_MARK);
        long id = number << ControlBlock.MARK_DEPTH_BITS | depth;
        int mark = FIRST_MARK + depth * MARK_WORDS;
        control.put(mark, id);
        control.put(mark + BLOCKS, control.get(COUNT));
        control.put(mark + MARK_USED_ELSEWHERE, control.get(USED_ELSEWHERE));
        halves.put(2 * mark + MARK_CHUNK, halves.get(CHUNK));
        halves.put(2 * mark + MARK_OFFSET, (int) (control.get(CURSOR) - control.get(BASE)));
        control.put(mark + MARK_ENTERED, control.get(ENTERED));
        control.put(NEXT_MARK, number + 1);
        halves.put(MARK_COUNT, depth + 1);
        Reference.reachabilityFence(this);
        return id;
    }

    /** Takes back what was allocated since a mark, and the mark, by moving the cursor; false when C has to do it. */
    final boolean takeBackTo(long id) {
        final LongBuffer control = words;
        final IntBuffer halves = halfWords;
        int depth = (int) id & DEPTH_MASK;
        int mark = FIRST_MARK + depth * MARK_WORDS;
        if (depth >= ControlBlock.INLINE_MARKS_ROOM || halves.get(MARK_COUNT) != depth + 1 || control.get(mark) != id
                || control.get(MARKS) != handle + ControlBlock.INLINE_MARKS || halves.get(TIED) != 0) {
            return false;
        }
        long cursor = control.get(CURSOR);
        long base = control.get(BASE);
        if (halves.get(2 * mark + MARK_CHUNK) != halves.get(CHUNK)
                || control.get(mark + MARK_ENTERED) != control.get(ENTERED) || cursor == control.get(LIMIT)) {
            return false;
        }
        long used = control.get(USED_ELSEWHERE) + cursor - base;
        if (used > control.get(PEAK_USED)) {
            control.put(PEAK_USED, used);
        }
        control.put(CURSOR, base + halves.get(2 * mark + MARK_OFFSET));
        control.put(COUNT, control.get(mark + BLOCKS));
        control.put(TAKE_BACKS, control.get(TAKE_BACKS) + 1);
        halves.put(MARK_COUNT, depth);
        Reference.reachabilityFence(this);
        return true;
    }

    /** The id of a mark that C made, unless it is 0. */
    final long made(long id, String operation) {
        if (id == 0) {
            throw Failures.of(ArenaNatives.lastStatus(handle), operation + ": arena=" + name);
        }
        Reference.reachabilityFence(this);
        return id;
    }

    /** Throws unless the operation has completed; what it found is for the operation's last step. */
    final int check(int status, String operation) {
        if (status != Status.OK && status != Status.DAMAGED) {
            throw Failures.of(status, operation + ": arena=" + name);
        }
        return status;
    }
}
