// SPDX-License-Identifier: Apache-2.0
package dev.corral;

import dev.corral.internal.ArenaNatives;
import dev.corral.internal.Failures;
import dev.corral.internal.ReleaseNatives;
import dev.corral.internal.Status;
import java.lang.ref.Reference;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** What runs before memory is taken back: the part of {@link NativeArena} with release actions. */
abstract class ArenaReleases extends ArenaScopes {
    /* C keeps the order: its stack holds C's callbacks and, by number, the actions below, so that both interleave, and
     * a rewind finds those that came after the mark. Java takes from that stack step by step, runs its own, and then
     * calls the operation itself, which finds nothing left to run.
     *
     * The actions are held by this object and by nothing else. One that refers to the arena does not keep it from being
     * found when it is dropped, and no user's code ever runs on the reaper's thread: actions of a dropped arena never
     * run, and the report counts them.
     */
    private static final List<Runnable> NONE = List.of();

    private List<Runnable> actions = NONE; // by number - 1; null: has run
    boolean begun; // in C, by this object, and not ended
    private boolean releasing; // and the method that does so has not returned: else an error has cut it short

    ArenaReleases(PoolState pool, long handle, String name) {
        super(pool, handle, name);
    }

    /**
     * Runs the action once, before what was allocated since this call is taken back: by {@link NativeArena#reset},
     * {@link NativeArena#clear}, {@link NativeArena#close} (of the arena or its pool), or a {@link NativeArena#rewind}
     * to a mark, or the close of a {@link Scope}, that is older than this call. The action registered last runs first,
     * in one order with {@code arena_on_release} callbacks of C, all before any memory is taken back.
     *
     * <p>An action that throws stops neither the others nor the release: the operation is completed, and then throws
     * the first exception, with the others as suppressed ones. An action may allocate; that is taken back with the
     * rest. Taking back, closing (the arena or its pool) and registering are refused while it runs.
     *
     * <p>When C code takes memory back, actions cannot run at once; they run at the start of the next of the operations
     * above, and what they refer to has been taken back by then. Actions of an arena that is dropped without close
     * never run. Cost: a JNI call, and 32 bytes of the pool.
     *
     * @throws ArenaExhaustedException if the pool has no memory to remember the action
     * @throws IllegalStateException   if a release action is running, the arena is closed, or this is not its owner's
     *                                 thread
     */
    public void onRelease(Runnable action) {
        requireUsable();
        endCutShort();
        Objects.requireNonNull(action, "action");
        if (actions == NONE) {
            actions = new ArrayList<>(1); // few arenas have any, and most arenas are short-lived
        }
        actions.add(action);
        boolean done = false;
        try {
            int status = ReleaseNatives.add(handle, actions.size());
            if (status == Status.NO_MEMORY) {
                MemoryPressure.relieve();
                status = ReleaseNatives.add(handle, actions.size());
            }
            check(status, "onRelease");
            done = true;
        } finally {
            if (!done) {
                actions.remove(actions.size() - 1);
            }
            Reference.reachabilityFence(this);
        }
    }

    /** Whether an action is registered or owed; where none is, taking back costs nothing more. */
    final boolean hasActions() {
        return actions != NONE && (begun || !actions.isEmpty());
    }

    /**
     * Runs the actions that came after a mark, then {@code takeBack}, then throws what the actions threw.
     *
     * @param mark an id, or {@link ReleaseNatives#ALL} or {@link ReleaseNatives#OWED}
     */
    final void release(long mark, String operation, Runnable takeBack) {
        Thrown thrown = new Thrown(); // before C begins: the heap may be full
        endCutShort();
        int status = ReleaseNatives.begin(handle, mark);
        if (status != Status.OK) {
            check(status, operation);
        }
        begun = true; // the stack may end at any call, and there is none since C has begun
        try {
            releasing = true;
            for (int number; (number = ReleaseNatives.next(handle)) != 0;) {
                thrown.addFrom(takeOut(number));
            }
        } finally {
            releasing = false;
            ReleaseNatives.end(handle);
            begun = false;
        }
        thrown.addFrom(takeBack);
        thrown.rethrow();
    }

    /** Ends in C what a StackOverflowError has not let Java end. */
    final void endCutShort() {
        if (begun && !releasing) {
            ReleaseNatives.end(handle);
            begun = false;
        }
    }

    /** As {@link #release} of everything; C code may have destroyed the arena. */
    final void releaseLast(Runnable takeBack) {
        if (ArenaNatives.lastStatus(handle) != Status.INVALID_ARENA) {
            release(ReleaseNatives.ALL, "close", takeBack);
            return;
        }
        Thrown thrown = new Thrown();
        while (!actions.isEmpty()) {
            thrown.addFrom(takeOut(actions.size()));
        }
        thrown.addFrom(takeBack);
        thrown.rethrow();
    }

    /** An action runs once, whatever it does. */
    private Runnable takeOut(int number) {
        Runnable action = actions.set(number - 1, null);
        while (!actions.isEmpty() && actions.get(actions.size() - 1) == null) {
            actions.remove(actions.size() - 1);
        }
        return action;
    }

    /** Refuses before anything has ended: only C can know that one of its callbacks is running. */
    final void requireNothingReleasing(String operation) {
        endCutShort();
        if (ReleaseNatives.isRunning(handle)) {
            throw Failures.of(Status.RELEASING, operation + ": arena=" + name);
        }
    }
}
