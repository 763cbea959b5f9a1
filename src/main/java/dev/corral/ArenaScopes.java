// SPDX-License-Identifier: Apache-2.0
package dev.corral;

import dev.corral.internal.ArenaNatives;
import dev.corral.internal.ControlBlock;
import dev.corral.internal.Failures;
import dev.corral.internal.Status;
import java.lang.ref.Reference;
import java.nio.ByteOrder;
import java.nio.LongBuffer;
import java.util.Arrays;

/** Scopes on the native stack of marks: the part of {@link NativeArena} that opens and closes them without JNI. */
abstract class ArenaScopes extends ArenaText {
    private static final long[] NO_SCOPES = {};
    private static final long FRAME = -1; // the cursor of a scope that stands for a frame
    /* A scope that stays in one chunk is a few words on the stack of marks and a cursor that moves back, so Java does
     * it by itself, as arena_open_scope() and arena_close_scope() in arena_marks.c do. What C has to do is left to it:
     * a scope that entered chunks or below which marks were taken, and all in an arena that is `tied`. C finds the same
     * entries either way, and the same stale ones.
     *
     * Every access counts here, so neighbours of 32 bits are read as one word, and what was written to the entry is
     * read from the Scope, where the JIT may have it in registers: while the entry has the scope's id they are equal.
     */
    // Indices into `words`.
    private static final int CURSOR = ControlBlock.CURSOR / Long.BYTES;
    private static final int BASE = ControlBlock.BASE / Long.BYTES;
    private static final int COUNT = ControlBlock.COUNT / Long.BYTES;
    private static final int TAKE_BACKS = ControlBlock.TAKE_BACKS / Long.BYTES;
    private static final int USED_ELSEWHERE = ControlBlock.USED_ELSEWHERE / Long.BYTES;
    private static final int NEXT_MARK = ControlBlock.NEXT_MARK / Long.BYTES;
    private static final int PEAK_USED = ControlBlock.PEAK_USED / Long.BYTES;
    private static final int ENTERED = ControlBlock.ENTERED / Long.BYTES;
    private static final int MARK_STATE = ControlBlock.MARK_COUNT / Long.BYTES; // the count, and `tied` above it
    private static final int FIRST_MARK = ControlBlock.INLINE_MARKS / Long.BYTES;
    // Index into `halfWords`.
    private static final int CHUNK = ControlBlock.CHUNK / Integer.BYTES;
    // From the index of a mark in `words` on.
    private static final int MARK_WORDS = ControlBlock.MARK_BYTES / Long.BYTES;
    private static final int BLOCKS = ControlBlock.MARK_BLOCKS / Long.BYTES;
    private static final int MARK_USED_ELSEWHERE = ControlBlock.MARK_USED_ELSEWHERE / Long.BYTES;
    private static final int MARK_PLACE = ControlBlock.MARK_CHUNK / Long.BYTES; // the chunk, and the offset above it
    private static final int MARK_ENTERED = ControlBlock.MARK_ENTERED / Long.BYTES;
    private static final int DEPTH_MASK = (1 << ControlBlock.MARK_DEPTH_BITS) - 1;
    /** What makes the first of two neighbours the low half of their word, whatever the byte order. */
    private static final int SWAP = ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN ? 0 : Integer.SIZE;

    /* Scopes are known by their ids, not as objects: storing one here would keep the JIT from doing without it, and
     * cost a barrier of the collector. Ids rise. A scope is over when the stack of marks does not have its id any more;
     * those that C took back stay here until somebody looks.
     */
    private long[] scopes = NO_SCOPES;
    private int scopeCount;
    private StackAllocator stack; // whose arena this is; null: of none

    ArenaScopes(PoolState pool, long handle, String name) {
        super(pool, handle, name);
    }

    /**
     * Opens a scope: what is allocated until its close is taken back then. Any number may follow each other; up to
     * 2^20 scopes and marks can be valid at a time. No JNI call below a depth of 6.
     *
     * @throws ArenaExhaustedException if the pool has no memory to remember the scope
     * @throws IllegalStateException   if the arena is closed, or this is not its owner's thread
     */
    public Scope openScope() {
        requireUsable();
        requireNotTelling();
        final LongBuffer control = words;
        long count = control.get(COUNT);
        long cursor = control.get(CURSOR);
        long entered = control.get(ENTERED);
        long id = openMark(control, cursor, count, entered);
        Scope scope = new Scope(this, id, cursor, count, entered, latestMark());
        enter(id);
        beginViews(id);
        Reference.reachabilityFence(this);
        return scope;
    }

    private long openMark(LongBuffer control, long cursor, long count, long entered) {
        long state = Long.rotateLeft(control.get(MARK_STATE), SWAP);
        if (Long.compareUnsigned(state, ControlBlock.INLINE_MARKS_ROOM) >= 0) {
            return made(ArenaNatives.openScope(handle), "openScope");
        }
        long number = control.get(NEXT_MARK);
        long id = number << ControlBlock.MARK_DEPTH_BITS | state;
        int mark = FIRST_MARK + (int) state * MARK_WORDS;
        long place = cursor - control.get(BASE) << Integer.SIZE | halfWords.get(CHUNK);
        control.put(mark + MARK_ENTERED, entered);
        control.put(mark, id);
        control.put(mark + BLOCKS, count);
        control.put(mark + MARK_USED_ELSEWHERE, control.get(USED_ELSEWHERE));
        control.put(mark + MARK_PLACE, Long.rotateLeft(place, SWAP));
        control.put(NEXT_MARK, number + 1);
        control.put(MARK_STATE, Long.rotateLeft(state + 1, SWAP));
        return id;
    }

    // --- frames of a StackAllocator: scopes without an object, which are known by their id alone

    /** The id that the next frame gets, if one may be opened now. */
    final long nextFrame() {
        requireUsable();
        requireNotTelling();
        int depth = (int) Long.rotateLeft(words.get(MARK_STATE), SWAP);
        return words.get(NEXT_MARK) << ControlBlock.MARK_DEPTH_BITS | depth;
    }

    /** As {@link #openScope}, after {@link #nextFrame}; the frame's id. */
    final long openFrame() {
        final LongBuffer control = words;
        long id = openMark(control, control.get(CURSOR), control.get(COUNT), control.get(ENTERED));
        beginViews(id);
        Reference.reachabilityFence(this);
        return id;
    }

    /** Whether no frame, scope or mark came after this one, which is not over. */
    final boolean isTop(long id) {
        return halfWords.get(ControlBlock.MARK_COUNT / Integer.BYTES) == ((int) id & DEPTH_MASK) + 1 && hasMark(id);
    }

    /** Takes back what came after a frame, if that is only a move of the cursor; {@code latest} was before it. */
    final boolean closeFrame(long id, long latest) {
        requireUsable();
        requireNotTelling();
        final LongBuffer control = words;
        int depth = (int) id & DEPTH_MASK;
        int mark = FIRST_MARK + depth * MARK_WORDS;
        if (Long.rotateLeft(control.get(MARK_STATE), SWAP) != depth + 1 || control.get(mark) != id
                || control.get(mark + MARK_ENTERED) != control.get(ENTERED) || hasViewsSince(id)) {
            return false;
        }
        long base = control.get(BASE);
        notePeak(control, base);
        control.put(CURSOR, base + (Long.rotateLeft(control.get(mark + MARK_PLACE), SWAP) >>> Integer.SIZE));
        control.put(COUNT, control.get(mark + BLOCKS));
        control.put(TAKE_BACKS, control.get(TAKE_BACKS) + 1);
        control.put(MARK_STATE, Long.rotateLeft((long) depth, SWAP));
        beginViews(latest);
        Reference.reachabilityFence(this);
        return true;
    }

    /** The same whatever it takes, with the frames, scopes and marks that came after it. */
    final void closeFrameSlowly(long id, long latest) {
        Scope scope = new Scope(this, id, FRAME, 0, FRAME, latest); // no arena ever was so: C takes it back
        enter(id);
        try {
            closeScope(scope);
            endScopes(id);
        } finally {
            if (!scope.over && isInnermost(scope)) {
                scopeCount--;
            }
        }
    }

    /** Before the first frame: says who knows which frames are open. */
    final void becomeStack(StackAllocator newStack) {
        stack = newStack;
    }

    /** Whether a frame is open inside this scope, which ends inner frames itself if it is one. */
    private boolean hasFrameInside(Scope scope) {
        return stack != null && scope.cursor != FRAME && stack.hasFrameSince(scope.id);
    }

    private static void notePeak(LongBuffer control, long base) {
        long used = control.get(USED_ELSEWHERE) + control.get(CURSOR) - base;
        if (used > control.get(PEAK_USED)) {
            control.put(PEAK_USED, used);
        }
    }

    /** Closes the innermost scope; does nothing when it is over already. */
    abstract void closeScope(Scope closing);

    /** Moves the cursor back; false when C has to do it. */
    final boolean takeBack(Scope closing) {
        final LongBuffer control = words;
        int depth = (int) closing.id & DEPTH_MASK;
        if (Long.rotateLeft(control.get(MARK_STATE), SWAP) != depth + 1
                || control.get(FIRST_MARK + depth * MARK_WORDS) != closing.id
                || control.get(ENTERED) != closing.entered) {
            return false;
        }
        notePeak(control, control.get(BASE));
        control.put(CURSOR, closing.cursor);
        control.put(COUNT, closing.count);
        control.put(TAKE_BACKS, control.get(TAKE_BACKS) + 1);
        control.put(MARK_STATE, Long.rotateLeft((long) depth, SWAP));
        return true;
    }

    private void enter(long id) {
        if (scopeCount == scopes.length) {
            scopes = Arrays.copyOf(scopes, Math.max(4, scopeCount * 2));
        }
        scopes[scopeCount++] = id;
    }

    final boolean isInnermost(Scope scope) {
        return scopeCount != 0 && scopes[scopeCount - 1] == scope.id;
    }

    /**
     * Whether a scope can be closed; false when it is over.
     *
     * @throws IllegalStateException if an inner scope or frame is open
     */
    final boolean isClosable(Scope scope) {
        while (scopeCount != 0 && !hasMark(scopes[scopeCount - 1])) {
            scopeCount--;
        }
        boolean innermost = isInnermost(scope);
        if (innermost ? hasFrameInside(scope) : hasMark(scope.id)) {
            String inner = innermost ? "frame" : "scope";
            throw new IllegalStateException("arena=" + name + ": another " + inner
                    + " was opened inside this one and is still open, close the inner " + inner + " first");
        }
        return innermost;
    }

    /** The innermost scope is over. */
    final void leave(Scope scope) {
        scopeCount--;
        scope.over = true;
    }

    /** Scopes whose marks are later than {@code id} are over. */
    final void endScopes(long id) {
        while (scopeCount != 0 && scopes[scopeCount - 1] > id) {
            scopeCount--;
        }
    }

    /** Whether other chunks than the first were entered, or a rewind is more than a move of the cursor. */
    final boolean hasSpilled() {
        return halfWords.get(ControlBlock.ENTERED / Integer.BYTES) != 1
                || halfWords.get(ControlBlock.TIED / Integer.BYTES) != 0;
    }

    /** Whether there was nothing but blocks, marks and scopes in the first chunk since the arena was new. */
    final boolean isUneventful() {
        return halfWords.get(ControlBlock.EVENTFUL / Integer.BYTES) == 0
                && halfWords.get(ControlBlock.TIED / Integer.BYTES) == 0 && currentGeneration() != 0;
    }

    /** Whether a mark can be rewound to. */
    final boolean hasMark(long id) {
        int depth = (int) id & DEPTH_MASK;
        if (depth >= ControlBlock.INLINE_MARKS_ROOM
                || words.get(ControlBlock.MARKS / Long.BYTES) != handle + ControlBlock.INLINE_MARKS) {
            return ArenaNatives.checkMark(handle, id) == Status.OK;
        }
        return depth < halfWords.get(ControlBlock.MARK_COUNT / Integer.BYTES)
                && words.get(FIRST_MARK + depth * MARK_WORDS) == id;
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

    /** The last step of an operation. */
    final void finish(int status, String operation) {
        try {
            tellObserver();
        } finally {
            if (status != Status.OK || debug) { // what is found in a child does not show in its parent's status
                DebugMode.throwIfDamaged(operation + ": arena=" + name);
            }
            Reference.reachabilityFence(this);
        }
    }
}
