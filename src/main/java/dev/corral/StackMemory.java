// SPDX-License-Identifier: Apache-2.0
package dev.corral;

import dev.corral.internal.ArenaNatives;
import dev.corral.internal.Failures;
import dev.corral.internal.StackNatives;
import dev.corral.internal.Status;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;

/** What the frames of a {@link StackAllocator} do. They are known by the ids of their marks in C. */
abstract class StackMemory {
    final NativeArena arena;
    private boolean unsettled; // a frame has left more behind than a cursor

    StackMemory(NativeArena arena) {
        this.arena = arena;
    }

    final long allocateRef(long frame, int size) {
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
        if (!arena.isTop(frame)) {
            throw notTop(frame, "allocate");
        }
    }

    private RuntimeException notTop(long frame, String operation) {
        arena.requireAlive();
        return Failures.of(arena.hasMark(frame) ? Status.NOT_TOP : Status.STALE_MARK,
                operation + ": stack=" + arena.name());
    }

    /** Ends a frame; does nothing when it is over. */
    final void pop(long frame, long latest) {
        if (arena.isClosed()) {
            return;
        }
        arena.requireUsable();
        if (arena.hasSpilled()) {
            unsettled = true;
        }
        if (!arena.closeFrame(frame, latest)) {
            if (arena.isTop(frame)) {
                arena.closeFrameSlowly(frame, latest);
            } else if (arena.hasMark(frame)) {
                throw notTop(frame, "pop");
            }
        }
        if (unsettled) {
            settle();
        }
    }

    /** Once the last frame is closed: gives back what fell back, and what makes frames slower. */
    private void settle() {
        if (StackNatives.depth(arena.handle) != 0) {
            return;
        }
        unsettled = false;
        if (StackNatives.mustSettle(arena.handle)) {
            arena.clear();
        }
        Reference.reachabilityFence(arena);
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
