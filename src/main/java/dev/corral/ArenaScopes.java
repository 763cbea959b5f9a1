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
    /* A scope that stays in one chunk is a few words on the stack of marks and a cursor that moves back, so Java does
     * it by itself, as arena_open_scope() and arena_close_scope() in arena_marks.c do. What C has to do is left to it:
     * a scope that entered chunks or below which marks were taken, and all in an arena that is `tied`. C finds the same
     * entries either way, and the same stale ones. Neighbours of 32 bits are read as one word.
     *
     * HotSpot stops inlining when the graph of the caller's method has 18,000 nodes, an access of a buffer makes about
     * 200, and a loop may be compiled with its first block twice. Once close() is not inlined any more, the Scope is
     * garbage. So both halves are in step(), which is longer than what is inlined (325 bytes; ScopeCodeTest looks): a
     * scope then costs its caller 700 nodes, whatever else is done there, and two calls, which take less time than the
     * same code inlined in between.
     */
    // Indices into `words`.
    private static final int CURSOR = ControlBlock.CURSOR / Long.BYTES;
    private static final int BASE = ControlBlock.BASE / Long.BYTES;
    private static final int COUNT = ControlBlock.COUNT / Long.BYTES;
    private static final int REF_BIAS = ControlBlock.REF_BIAS / Long.BYTES;
    private static final int TAKE_BACKS = ControlBlock.TAKE_BACKS / Long.BYTES;
    private static final int USED_ELSEWHERE = ControlBlock.USED_ELSEWHERE / Long.BYTES;
    private static final int NEXT_MARK = ControlBlock.NEXT_MARK / Long.BYTES;
    private static final int PEAK_USED = ControlBlock.PEAK_USED / Long.BYTES;
    private static final int ENTERED = ControlBlock.ENTERED / Long.BYTES;
    private static final int MARK_STATE = ControlBlock.MARK_COUNT / Long.BYTES; // the count, and `tied` above it
    private static final int FIRST_MARK = ControlBlock.INLINE_MARKS / Long.BYTES;
    // From the index of a mark in `words` on.
    private static final int MARK_WORDS = ControlBlock.MARK_BYTES / Long.BYTES;
    private static final int BLOCKS = ControlBlock.MARK_BLOCKS / Long.BYTES;
    private static final int MARK_USED_ELSEWHERE = ControlBlock.MARK_USED_ELSEWHERE / Long.BYTES;
    private static final int MARK_PLACE = ControlBlock.MARK_CHUNK / Long.BYTES; // the chunk, and the offset above it
    private static final int MARK_ENTERED = ControlBlock.MARK_ENTERED / Long.BYTES;
    /** A number of entered chunks that is never reached. */
    static final int ANY = Integer.MAX_VALUE;
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
    /** The frame or scope that Java has opened last, or was opening when an Error stopped it; 0: C refused it. */
    long opened;

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
        long before = latestMark();
        long id = openFrame();
        enter(id);
        Reference.reachabilityFence(this);
        return new Scope(this, id, before);
    }

    // --- frames of a StackAllocator: scopes without an object, which are known by their id alone

    /** As {@link #openScope}; the frame's id. */
    final long openFrame() {
        long id = step(0, 0, 0);
        return id != 0 ? id : openFrameInC();
    }

    /**
     * Takes back what came after a frame, if that is only a move of the cursor and no more than {@code most} chunks
     * have been entered; {@code latest} was before it.
     */
    final boolean closeFrame(long id, long latest, int most) {
        return step(id, latest, most) != 0;
    }

    /**
     * Adds a mark when {@code closing} is 0; else takes back what came after that one, and it. Then {@code latest} is
     * again the latest mark or scope. Not inlined: see above.
     *
     * @return not 0: it is done, and of a new mark it is the id; 0: nothing has happened, C has to do or to refuse it
     */
    private long step(long closing, long latest, int most) {
        if (!isUsableNow()) {
            return 0;
        }
        final LongBuffer control = words;
        long state = Long.rotateLeft(control.get(MARK_STATE), SWAP);
        long entered = control.get(ENTERED);
        if (closing == 0) {
            if (Long.compareUnsigned(state, ControlBlock.INLINE_MARKS_ROOM) >= 0) {
                return 0;
            }
            long number = control.get(NEXT_MARK);
            long id = number << ControlBlock.MARK_DEPTH_BITS | state;
            int mark = FIRST_MARK + (int) state * MARK_WORDS;
            long ref = control.get(CURSOR) + control.get(REF_BIAS);
            long place = (ref & ControlBlock.REF_OFFSET_MASK) << Integer.SIZE
                    | ref >>> ControlBlock.REF_CHUNK_SHIFT & ControlBlock.REF_CHUNK_MASK;
            control.put(mark, id);
            control.put(mark + BLOCKS, control.get(COUNT));
            control.put(mark + MARK_USED_ELSEWHERE, control.get(USED_ELSEWHERE));
            control.put(mark + MARK_PLACE, Long.rotateLeft(place, SWAP));
            control.put(mark + MARK_ENTERED, entered);
            control.put(NEXT_MARK, number + 1);
            opened = id;
            control.put(MARK_STATE, Long.rotateLeft(state + 1, SWAP));
            beginViews(id);
            Reference.reachabilityFence(this);
            return id;
        }
        int depth = (int) closing & DEPTH_MASK;
        int mark = FIRST_MARK + depth * MARK_WORDS;
        if (state != depth + 1 || control.get(mark) != closing || control.get(mark + MARK_ENTERED) != entered
                || (int) Long.rotateLeft(entered, SWAP) > most || hasViewsSince(closing)) {
            return 0;
        }
        long base = control.get(BASE);
        long used = control.get(USED_ELSEWHERE) + control.get(CURSOR) - base;
        if (used > control.get(PEAK_USED)) {
            control.put(PEAK_USED, used);
        }
        control.put(CURSOR, base + (Long.rotateLeft(control.get(mark + MARK_PLACE), SWAP) >>> Integer.SIZE));
        control.put(COUNT, control.get(mark + BLOCKS));
        control.put(TAKE_BACKS, control.get(TAKE_BACKS) + 1);
        control.put(MARK_STATE, Long.rotateLeft(state - 1, SWAP));
        beginViews(latest);
        Reference.reachabilityFence(this);
        return closing;
    }

    private long openFrameInC() {
        requireUsable();
        requireNotTelling();
        opened = ArenaNatives.openScope(handle);
        long id = made(opened, "openScope");
        beginViews(id);
        return id;
    }

    /** Whether no frame, scope or mark came after this one, which is not over. */
    final boolean isTop(long id) {
        int depth = (int) id & DEPTH_MASK;
        long state = Long.rotateLeft(words.get(MARK_STATE), SWAP);
        if (state == depth + 1) { // not tied: the entry is in the control block's slot
            return words.get(FIRST_MARK + depth * MARK_WORDS) == id;
        }
        return (int) state == depth + 1 && hasMark(id);
    }

    /** Closes the innermost scope; does nothing when it is over already. {@code latest} was before it. */
    final void closeScope(long id, long latest) {
        if (isUsableNow() && isInnermost(id) && !hasViewsSince(id) && closeFrame(id, latest, ANY)) {
            scopeCount--;
        } else if (!isClosed()) {
            closeSlowly(id, latest, false);
        }
    }

    /** The same whatever it takes; {@code frame}: with the frames, scopes and marks that came after it. */
    abstract void closeSlowly(long id, long latest, boolean frame);

    /** As {@link #closeSlowly} of a frame. */
    final void closeFrameSlowly(long id, long latest) {
        enter(id);
        try {
            closeSlowly(id, latest, true);
            endScopes(id);
        } finally {
            if (isInnermost(id)) {
                scopeCount--;
            }
        }
    }

    /** Before the first frame: says who knows which frames are open. */
    final void becomeStack(StackAllocator newStack) {
        stack = newStack;
    }

    /** Whether what came last is a frame, which a mark must not stand for: it may have begun before. */
    final boolean isInFrame() {
        return stack != null && stack.hasFrameSince(latestMark() - 1);
    }

    /** The stack of a thread is looked up by that thread again. */
    final void forgetAsRegular() {
        if (stack != null) {
            ThreadStacks.forget(stack);
        }
    }

    @Override
    final long allocateKept(int size, int alignment) {
        return stack.allocateKept(size, alignment);
    }

    @Override
    final void beginKeptViews() {
        stack.beginKeptViews();
    }

    @Override
    final void giveStateBack() {
        stack.giveStateBack();
    }

    private void enter(long id) {
        if (scopeCount == scopes.length) {
            scopes = Arrays.copyOf(scopes, Math.max(4, scopeCount * 2));
        }
        scopes[scopeCount++] = id;
    }

    final boolean isInnermost(long id) {
        return scopeCount != 0 && scopes[scopeCount - 1] == id;
    }

    /**
     * Whether a scope can be closed, or a frame, which ends inner frames; false when it is over.
     *
     * @throws IllegalStateException if an inner scope is open, or a frame in a scope
     */
    final boolean isClosable(long id, boolean frame) {
        while (scopeCount != 0 && !hasMark(scopes[scopeCount - 1])) {
            scopeCount--;
        }
        boolean innermost = isInnermost(id);
        if (innermost ? !frame && stack != null && stack.hasFrameSince(id) : hasMark(id)) {
            String inner = innermost ? "frame" : "scope";
            throw new IllegalStateException("arena=" + name + ": another " + inner
                    + " was opened inside this one and is still open, close the inner " + inner + " first");
        }
        return innermost;
    }

    /** The innermost scope is over. */
    final void leave() {
        scopeCount--;
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
