// SPDX-License-Identifier: Apache-2.0
package dev.corral;

import dev.corral.internal.Failures;
import dev.corral.internal.ReleaseNatives;
import dev.corral.internal.Status;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;

/** The open arenas of a pool, newest first. Guarded by the pool's lock. */
final class OpenArenas implements Iterable<ArenaState> {
    ArenaState first; // read by whoever cannot afford a call

    void add(ArenaState state) {
        state.next = first;
        if (first != null) {
            first.previous = state;
        }
        first = state;
    }

    /** Takes an arena out; false when it is not open any more. */
    boolean remove(ArenaState state) {
        if (!state.open) {
            return false;
        }
        state.open = false;
        if (state.previous == null) {
            first = state.next;
        } else {
            state.previous.next = state.next;
        }
        if (state.next != null) {
            state.next.previous = state.previous;
        }
        state.next = null;
        state.previous = null;
        return true;
    }

    /** What is to be said of those that had been dropped. */
    List<Leaks.Drop> dropped() {
        List<Leaks.Drop> drops = new ArrayList<>();
        for (ArenaState state : this) {
            if (state.parent == null && state.isDropped()) {
                drops.add(state.describe());
            }
        }
        return drops;
    }

    /** Takes all arenas out and closes their objects. Needs no heap: there is no way back. */
    void detachAll() {
        for (ArenaState state = first; state != null; state = state.next) {
            NativeArena arena = state.arena();
            if (arena != null) {
                arena.detach();
            }
        }
        first = null;
    }

    /** Those that somebody uses, or has dropped. */
    long count() {
        long using = 0;
        for (ArenaState state : this) {
            using += state.identity() == null ? 0 : 1;
        }
        return using;
    }

    /**
     * Throws when an arena keeps the calling thread from closing the pool: it is in use by another thread that is
     * alive, or one of its release actions is running, or its observer is being told. One whose weak reference is
     * empty counts as well: a finalizer may have handed it to its owner again. The reaper takes those out that nobody
     * can reach any more.
     */
    void requireClosable(String pool, boolean someIsBeingTaken) {
        if (someIsBeingTaken) {
            throw new IllegalStateException("pool=" + pool + " caller=" + Failures.name(Thread.currentThread())
                    + ": another thread is creating an arena, close it first");
        }
        for (ArenaState state : this) {
            if (state.owner != Thread.currentThread() && state.owner.isAlive()) {
                throw new IllegalStateException("pool=" + pool + " arena=" + state.name + " owner="
                        + Failures.name(state.owner) + " caller=" + Failures.name(Thread.currentThread())
                        + ": an arena of another thread is open, close it first");
            }
            NativeArena arena = state.arena();
            if (arena != null) {
                arena.endCutShort();
            }
            if (ReleaseNatives.isRunning(state.handle)) {
                throw Failures.of(Status.RELEASING, "close: pool=" + pool + " arena=" + state.name);
            }
            if (arena != null && state.owner == Thread.currentThread()) {
                arena.requireNotTelling();
            }
        }
    }

    /** Of the calling thread's arenas; those of ended threads end by themselves. */
    void endViews() {
        for (ArenaState state : this) {
            NativeArena arena = state.arena();
            if (arena != null) {
                arena.endViews(0);
            }
        }
    }

    /** The arenas that somebody has to close. */
    List<ArenaState> toBeClosed() {
        List<ArenaState> arenas = new ArrayList<>();
        for (ArenaState state : this) {
            if (!state.ofThread && state.identity() != null) {
                arenas.add(state);
            }
        }
        return arenas;
    }

    /** The arenas with release actions, newest first. */
    List<NativeArena> withActions() {
        List<NativeArena> arenas = new ArrayList<>();
        for (ArenaState state : this) {
            NativeArena arena = state.arena();
            if (arena != null && arena.hasActions()) {
                arenas.add(arena);
            }
        }
        return arenas;
    }

    /** Whether the collector has found a dropped arena that the reaper has not taken out. */
    boolean awaitsReaper() {
        for (ArenaState state : this) {
            if (state.isFound()) {
                return true;
            }
        }
        return false;
    }

    @Override
    public Iterator<ArenaState> iterator() {
        return new Iterator<>() {
            private ArenaState next = first;

            @Override
            public boolean hasNext() {
                return next != null;
            }

            @Override
            public ArenaState next() {
                ArenaState result = next;
                if (result == null) {
                    throw new NoSuchElementException();
                }
                next = result.next;
                return result;
            }
        };
    }
}
