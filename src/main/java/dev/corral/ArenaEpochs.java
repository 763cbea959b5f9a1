// SPDX-License-Identifier: Apache-2.0
package dev.corral;

import dev.corral.internal.ArenaNatives;
import dev.corral.internal.Failures;
import dev.corral.internal.ReleaseNatives;
import dev.corral.internal.Status;
import java.util.Objects;

/** What takes blocks back while the arena lives on: the part of {@link NativeArena} with reset, marks and scopes. */
abstract class ArenaEpochs extends ArenaFamily {
    ArenaEpochs(PoolState pool, long handle, String name, ArenaFamily parent) {
        super(pool, handle, name, parent);
    }

    /**
     * Closes the children and takes back all blocks; chunks are kept for the next ones, but for those beyond {@link
     * NativeArena.Builder#retain} and those that fell back. References become stale, and so do views: see {@link
     * #viewSafety}. Cost: O(1), whatever the number of blocks and of chunks that are kept; O(used bytes) in a zeroed
     * or debug arena.
     *
     * @throws MemoryDamageException if a debug arena has found damage; the reset is done
     * @throws IllegalStateException if the arena is closed, this is not its owner's thread, a release action is
     *                               running, or a checked view is being used by an input or output operation; no block
     *                               was taken back then
     */
    public void reset() {
        requireUsable();
        requireNotTelling();
        if (hasChildren()) {
            endChildrenThen("reset", this::resetOwn);
        } else {
            resetOwn();
        }
    }

    private void resetOwn() {
        requireUsable(); // what the children's actions and observers have done
        if (hasActions()) {
            release(ReleaseNatives.ALL, "reset", this::resetNow);
        } else {
            resetNow();
        }
    }

    /** As {@link #reset}, and {@code note} runs after the release actions, before blocks are taken back. */
    final void resetNoting(Runnable note) {
        requireUsable();
        requireNotTelling();
        if (hasChildren()) {
            endChildrenThen("reset", () -> resetOwnNoting(note));
        } else {
            resetOwnNoting(note);
        }
    }

    private void resetOwnNoting(Runnable note) {
        requireUsable();
        if (hasActions()) {
            release(ReleaseNatives.ALL, "reset", () -> resetNow(note));
        } else {
            resetNow(note);
        }
    }

    private void resetNow(Runnable note) {
        note.run();
        resetNow();
    }

    private void resetNow() {
        endAllViews("reset");
        leaveNear();
        int before = currentGeneration();
        int status = ArenaNatives.reset(handle);
        boolean sameChunks = status == Status.OK;
        status = check(status == ArenaNatives.REARRANGED ? Status.OK : status, "reset");
        beginViews(0);
        endScopes(0);
        if (sameChunks) {
            keepRoots(before);
        } else {
            dropRoots();
        }
        finish(status, "reset");
    }

    /** As {@link #reset}, and gives all chunks but the first back to the pool. Cost: O(chunks). */
    public void clear() {
        requireUsable();
        requireNotTelling();
        if (hasChildren()) {
            endChildrenThen("clear", this::clearOwn);
        } else {
            clearOwn();
        }
    }

    private void clearOwn() {
        requireUsable();
        if (hasActions()) {
            release(ReleaseNatives.ALL, "clear", this::clearNow);
        } else {
            clearNow();
        }
    }

    private void clearNow() {
        endAllViews("clear");
        leaveNear();
        int status = check(ArenaNatives.clear(handle), "clear");
        beginViews(0);
        endScopes(0);
        dropRoots();
        finish(status, "clear");
    }

    final void endAllViews(String operation) {
        if (hasViewsSince(0)) {
            requireNothingReleasing(operation);
        }
        endViews(0);
    }

    /**
     * Marks the present point, to which {@link #rewind} can take the arena back any number of times. Cost: O(1), a JNI
     * call.
     *
     * @throws ArenaExhaustedException if the pool has no memory to remember the mark
     * @throws IllegalStateException   if the arena is closed, or this is not its owner's thread
     */
    public Mark mark() {
        requireUsable();
        long id = made(isInFrame() ? ArenaNatives.openScope(handle) : ArenaNatives.mark(handle), "mark");
        beginViews(id);
        return new Mark(this, id);
    }

    /**
     * Takes back all blocks that were allocated since the mark; chunks are kept. Scopes that were opened since are
     * over, and views that were made since are stale. A reference to one is refused when its chunk was entered
     * after the mark and has not been entered again; any other one reads bytes of this arena that are free or belong
     * to a later block. Cost: O(1), a JNI call.
     *
     * @throws IllegalStateException if a reset, clear or rewind to an earlier mark has made the mark stale, it belongs
     *                               to another arena, a release action is running, the arena is closed, or this is not
     *                               its owner's thread; nothing changed
     */
    public void rewind(Mark mark) {
        requireUsable();
        requireNotTelling();
        Objects.requireNonNull(mark, "mark");
        if (mark.arena != this) {
            throw Failures.of(Status.STALE_MARK, "rewind: arena=" + name + " mark.arena=" + mark.arena.name);
        }
        if (hasActions()) {
            release(mark.id, "rewind", () -> rewindNow(mark.id));
        } else {
            rewindNow(mark.id);
        }
    }

    private void rewindNow(long mark) {
        if (hasViewsSince(mark)) {
            check(hasMark(mark) ? Status.OK : Status.STALE_MARK, "rewind");
            endViews(mark);
        }
        int status = check(ArenaNatives.rewind(handle, mark), "rewind");
        beginViews(mark);
        endScopes(mark);
        forgetGivenUp();
        finish(status, "rewind");
    }

    @Override
    final void closeSlowly(long id, long latest, boolean frame) {
        requireUsable();
        requireNotTelling();
        boolean closable = isClosable(id, frame);
        if (hasActions()) {
            release(closable ? id : ReleaseNatives.OWED, "close scope", () -> closeScopeNow(id, latest, closable));
        } else {
            closeScopeNow(id, latest, closable);
        }
    }

    private void closeScopeNow(long id, long latest, boolean closable) {
        if (!closable) {
            return; // somebody has taken it back
        }
        if (hasViewsSince(id)) {
            requireNothingReleasing("close scope");
        }
        endViews(id);
        int status = closeFrame(id, latest, ANY) ? Status.OK : closeScopeInC(id);
        beginViews(latest);
        leave();
        finish(status, "close scope");
    }

    private int closeScopeInC(long id) {
        int status = check(ArenaNatives.closeScope(handle, id), "close scope");
        forgetGivenUp();
        return status;
    }
}
