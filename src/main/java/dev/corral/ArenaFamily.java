// SPDX-License-Identifier: Apache-2.0
package dev.corral;

import dev.corral.internal.FamilyNatives;
import dev.corral.internal.Status;

/** Children: the part of {@link NativeArena} that knows which arenas end with it. */
abstract class ArenaFamily extends ArenaReleases {
    /* A parent keeps its children reachable, and they keep it: a family is dropped as a whole or not at all. So no
     * child is freed by the reaper while its parent is in use; the two share links in C, which belong to the owner's
     * thread.
     *
     * Java ends the children of an arena itself, before C would. Where C does so behind our back, a child's control
     * block is empty from then on: every call falls into the slow path and is refused. That stays so, because C uses
     * the slot of an arena that Java has made for no other arena before Java lets it go, with ArenaNatives.destroy().
     *
     * Walks keep no stack: families may be of any depth.
     */
    private final ArenaFamily parent; // null: none
    private final ArenaFamily top;    // of the family, or this one
    private ArenaFamily newestChild;
    private ArenaFamily newer; // siblings
    private ArenaFamily older;
    private int childrenGeneration; // in which the newest child was made
    private boolean shown;     // C has the address, or that of an arena above
    private boolean someShown; // of `top`: C has the address of one of the family, or soon will

    ArenaFamily(PoolState pool, long handle, String name, ArenaFamily parent) {
        super(pool, handle, name);
        this.parent = parent;
        this.top = parent == null ? this : parent.top;
    }

    /**
     * Creates an arena that is configured like this one and ends with it: reset, clear and close of this arena (not
     * {@link NativeArena#rewind}) close it first, newest child first, each after its own children. It takes its chunks
     * from the same pool; they count against the limits of this arena and all above it. A child has the same owner
     * thread; it may be closed earlier. {@link NativeArena.Builder#parent} makes one with other settings.
     *
     * @throws ArenaExhaustedException if the pool has no memory, or a limit no room, for its first chunk
     * @throws IllegalStateException   if the arena is closed, this is not its owner's thread, or one of its release
     *                                 actions is running
     */
    public NativeArena newChild() {
        return builder().build();
    }

    /**
     * As {@link #newChild()}, with a limit of its own in bytes, to which chunk sizes are cut.
     *
     * @throws IllegalArgumentException if the limit has no room for one block
     */
    public NativeArena newChild(long limit) {
        return builder().limit(limit).build();
    }

    private NativeArena.Builder builder() {
        requireUsable();
        return NativeArena.builder().parent(self());
    }

    abstract NativeArena self();

    // --- joining and leaving; a child's own thread does both

    /** Makes this arena, which is complete now, the newest child of its parent. */
    final void join() {
        if (parent == null) {
            return;
        }
        older = parent.newestChild;
        if (older != null) {
            older.newer = this;
        }
        if (parent.isShownToC()) {
            watch();
        }
        parent.newestChild = this;
        parent.childrenGeneration = parent.currentGeneration();
    }

    final void leaveParent() {
        if (newer != null) {
            newer.older = older;
        } else if (parent != null && parent.newestChild == this) {
            parent.newestChild = older;
        }
        if (older != null) {
            older.newer = newer;
        }
    }

    final ArenaFamily parent() {
        return parent;
    }

    // --- what C can reach

    /** Before C code gets the address: it may change this arena, and all below, without a word. By the owner. */
    final void showToC() {
        if (isShownToC()) {
            return;
        }
        top.someShown = true;
        for (ArenaFamily at = this; at != null; at = at.nextBelow(this)) {
            if (at.isOwnedByCurrentThread()) {
                at.requireUsable(); // a stack gives its state back
                at.forgetAsRegular();
                at.watch();
            }
        }
        shown = true; // last: an error may come out of each of these calls
    }

    /** Whether C code may change this arena without a word. O(depth) where it may change some arena of the family. */
    final boolean isShownToC() {
        if (shown || !top.someShown) {
            return shown;
        }
        ArenaFamily at = parent;
        while (at != null && !at.shown) {
            at = at.parent;
        }
        shown = at != null; // the next child has no need to look further
        return shown;
    }

    // --- ending

    /** Closes this arena, which has no children. What its actions and its observer throw comes after that. */
    abstract void end();

    /** Makes the calling thread the owner. */
    abstract void adopt();

    /** The same for all arenas that belong together. */
    final void adoptFamily() {
        for (ArenaFamily at = top; at != null; at = at.nextBelow(top)) {
            at.adopt();
        }
    }

    /** Where there are none, taking back costs nothing more. */
    final boolean hasChildren() {
        return newestChild != null;
    }

    /**
     * Ends the children, newest first, each after its own, then does the same to this arena's own memory. What they
     * throw is thrown at the end: no action of a child stops the others.
     *
     * @throws IllegalStateException if an action of an arena below is running, or a view of one is being used by an
     *                               input or output operation: that one and this arena are as before
     */
    final void endChildrenThen(String operation, Runnable own) {
        int status = FamilyNatives.mayEnd(handle);
        if (status != Status.INVALID_ARENA) { // else C has destroyed it with its children
            check(status, operation);
        }
        Thrown thrown = endChildren();
        if (!hasChildren()) {
            thrown.addFrom(own);
        }
        thrown.rethrow();
    }

    /** Stops at a child that cannot end; returns what was thrown. */
    private Thrown endChildren() {
        Thrown thrown = new Thrown();
        ArenaFamily at = this;
        while (at != this || newestChild != null) {
            if (at.newestChild != null) {
                at = at.newestChild;
                continue;
            }
            ArenaFamily above = at.parent;
            thrown.addFrom(at::end);
            if (!at.isDetached()) {
                break;
            }
            at = above;
        }
        return thrown;
    }

    /** The arena after this one in a walk over all below {@code top}, each before its children. */
    private ArenaFamily nextBelow(ArenaFamily top) {
        if (newestChild != null) {
            return newestChild;
        }
        ArenaFamily at = this;
        while (at != top && at.older == null) {
            at = at.parent;
        }
        return at == top ? null : at.older;
    }

    /** Lets go of children that C has destroyed by taking this arena back: they would pile up. */
    final void forgetEndedChildren() {
        if (newestChild != null && childrenGeneration != currentGeneration()) {
            endChildren().rethrow();
        }
    }

    // --- giving memory back

    /**
     * Gives chunks that hold no block back to the pool, those acquired last first, until at most {@code keepBytes} of
     * chunks stay; chunks with blocks stay, and so does the first. References and views stay valid. The pool returns
     * memory to the operating system beyond its own {@link MemoryPool.Builder#retain}, or when it is trimmed. Cost:
     * O(chunks), a JNI call.
     *
     * @throws IllegalArgumentException if {@code keepBytes} is negative
     * @throws MemoryDamageException    if a debug arena has found damage; the chunks are given back
     * @throws IllegalStateException    if the arena is closed, or this is not its owner's thread
     */
    public void trim(long keepBytes) {
        requireUsable();
        if (keepBytes < 0) {
            throw new IllegalArgumentException("keepBytes=" + keepBytes + " arena=" + name
                    + ": pass 0 or more bytes");
        }
        requireNotTelling();
        forgetRoots();
        forgetViewRoot();
        int status = check(FamilyNatives.trim(handle, keepBytes), "trim");
        dropRoots();
        finish(status, "trim");
    }
}
