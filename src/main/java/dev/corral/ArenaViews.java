// SPDX-License-Identifier: Apache-2.0
package dev.corral;

import dev.corral.internal.BlockViews;
import dev.corral.internal.ControlBlock;
import dev.corral.internal.ViewSession;
import java.nio.ByteBuffer;

/** How views are made and how they end: the part of {@link NativeArena} that knows which views die together. */
abstract class ArenaViews extends ArenaRoots {
    /* A view is a slice of the root of its chunk. While views are RETAINED that is the root which references use, too.
     * CHECKED ones are slices of a root of their own, which belongs to a session of the JDK: closing the session ends
     * all its views, so there is a session for each group of views that end together, a level. Levels form a stack:
     * the first is that of the epoch, and a mark or a scope begins a new one. A level is made when a view needs it;
     * who only uses references never has one.
     *
     * A view joins the level of the latest mark or scope, also when its block is older. So it may end before its
     * block, but never after it.
     *
     * C code that rewinds the arena does not end views, as it cannot tell us. They still show memory of this arena:
     * the level keeps its chunks mapped.
     */
    static final long NO_CHUNK = -1; // no reference is that large once it is shifted

    private boolean checked = ViewSession.isAvailable();
    ViewLevel level;             // the innermost one
    long latest;                 // id of the latest mark or scope, 0 without one: ids rise
    long viewedChunk = NO_CHUNK; // generation and chunk that `viewRoot` shows
    private ByteBuffer viewRoot;

    ArenaViews(PoolState pool, long handle, String name) {
        super(pool, handle, name);
    }

    /** Before the first view: any thread may use the views of this arena. */
    final void shareViews() {
        checked = false;
    }

    /** A view of {@code size} bytes from a reference on that may be stale. */
    final ByteBuffer viewOf(long ref, int size) {
        requireReadable();
        if (owner == null) {
            beginKeptViews();
        }
        boolean current = generation(ref) == currentGeneration();
        return BlockViews.of(current ? viewRoot(ref) : findViewRoot(ref), offset(ref), size);
    }

    /** A view of a block that has just been allocated. */
    final ByteBuffer viewOfNew(long ref, int size) {
        if (owner == null) {
            beginKeptViews();
        }
        return BlockViews.of(viewRoot(ref), offset(ref), size);
    }

    /** Before a view of a stack that keeps its state is made: it ends with the innermost frame. */
    abstract void beginKeptViews();

    private ByteBuffer viewRoot(long ref) {
        return ref >>> ControlBlock.REF_CHUNK_SHIFT == viewedChunk ? viewRoot : findViewRoot(ref);
    }

    private ByteBuffer findViewRoot(long ref) {
        ByteBuffer plain = enteredRoot(ref); // refuses a stale reference
        ByteBuffer found = checked ? checkedRoot(ref, plain) : plain;
        viewRoot = found;
        viewedChunk = ref >>> ControlBlock.REF_CHUNK_SHIFT;
        return found;
    }

    private ByteBuffer checkedRoot(long ref, ByteBuffer plain) {
        if (level != null && level.generation != currentGeneration()) {
            endLevels(0); // C has reset or cleared the arena
        }
        if (level == null || level.mark != latest) {
            level = new ViewLevel(latest, currentGeneration(), level);
        }
        ByteBuffer root = level.root(chunk(ref));
        return root != null ? root : level.newRoot(chunk(ref), baseOf(ref), plain);
    }

    /** Before chunks may go away that hold nothing. */
    final void forgetViewRoot() {
        viewedChunk = NO_CHUNK;
        viewRoot = null;
    }

    /** The views that are made from here on end with this mark or scope. */
    final void beginViews(long mark) {
        latest = mark;
        viewedChunk = NO_CHUNK;
    }

    /**
     * Ends the views that were made since a mark or scope was taken, 0: all; before their blocks are taken back.
     *
     * @throws IllegalStateException if an input or output operation is using one; inner levels may have ended
     */
    final void endViews(long mark) {
        viewedChunk = NO_CHUNK;
        if (viewRoot != null) { // a test is cheaper than the collector's barrier
            viewRoot = null;
        }
        endLevels(mark);
    }

    private void endLevels(long mark) {
        while (level != null && level.mark >= mark) {
            level.end(name);
            level = level.outer;
        }
    }

    /** Whether views were made since a mark or scope was taken. */
    final boolean hasViewsSince(long mark) {
        return level != null && level.mark >= mark;
    }

    /** The latest mark or scope, as {@link #beginViews} takes it. */
    final long latestMark() {
        return latest;
    }

    /** What a stale view does. */
    public ViewSafety viewSafety() {
        return checked ? ViewSafety.CHECKED : ViewSafety.RETAINED;
    }
}
