// SPDX-License-Identifier: Apache-2.0
package dev.corral;

import dev.corral.internal.ObserverNatives;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The way of an arena's events to its observer. C cannot call Java, so it writes them down, whoever caused them; each
 * call from Java that may have caused some reads them and tells the observer. Used by the arena's owner.
 */
final class ArenaEvents {
    private static final int AT_ONCE = 64;
    private static final ArenaObserver.TakeBack[] TAKE_BACKS = ArenaObserver.TakeBack.values();

    final long log;
    private final ArenaObserver observer;
    private final long[] events = new long[AT_ONCE * ObserverNatives.EVENT_LONGS];
    private final List<long[]> rest = new ArrayList<>();
    private boolean telling;

    ArenaEvents(ArenaObserver observer, long log) {
        this.observer = observer;
        this.log = log;
    }

    /** Whether the observer is being told, so that nothing may change. */
    boolean telling() {
        return telling;
    }

    /** Tells what is in the log. C refuses every change of the arena until the log has been found empty. */
    void tell(NativeArena arena) {
        if (telling) {
            return; // the observer has asked for something
        }
        Thrown thrown = new Thrown();
        telling = true;
        for (int count; (count = ObserverNatives.take(log, events)) != 0;) {
            tell(arena, events, count, thrown);
        }
        telling = false;
        thrown.rethrow();
    }

    /** Reads what is left and gives the log back, when the arena is destroyed. Under the pool's lock. */
    void end(long pool) {
        for (int count; (count = ObserverNatives.take(log, events)) != 0;) {
            rest.add(Arrays.copyOf(events, count * ObserverNatives.EVENT_LONGS));
        }
        ObserverNatives.close(pool, log);
    }

    /** Tells what {@link #end} has read, without the lock. */
    void tellRest(NativeArena arena) {
        Thrown thrown = new Thrown();
        telling = true;
        rest.forEach(read -> tell(arena, read, read.length / ObserverNatives.EVENT_LONGS, thrown));
        rest.clear();
        telling = false;
        thrown.rethrow();
    }

    // --- arenas that begin or end

    /** Tells of the first chunk; an arena whose observer throws is not handed out. */
    static void tellFirst(NativeArena arena) {
        try {
            arena.tellObserver();
        } catch (Throwable e) { // foreign code may throw what it does not declare
            Thrown thrown = new Thrown();
            thrown.add(e);
            thrown.addFrom(arena::close);
            thrown.rethrow();
        }
    }

    /** Those that have an observer, none of which may be just being told. Under the pool's lock, as {@link #end}. */
    static List<NativeArena> observed(Iterable<ArenaState> arenas) {
        List<NativeArena> observed = new ArrayList<>();
        for (ArenaState state : arenas) {
            NativeArena arena = state.arena();
            if (arena != null && arena.events() != null) {
                arena.requireNotTelling();
                observed.add(arena);
            }
        }
        return observed;
    }

    /** Destroys arenas before their pool, so that their events can be read. */
    static void end(List<NativeArena> observed, long pool) {
        for (NativeArena arena : observed) {
            DebugMode.destroy(arena.handle);
            arena.events().end(pool);
        }
    }

    /** Tells of the end of arenas, after that of their pool. */
    static void tellEnds(List<NativeArena> observed) {
        Thrown thrown = new Thrown();
        observed.forEach(arena -> thrown.addFrom(arena::tellEnd));
        thrown.rethrow();
    }

    // --- events

    private void tell(NativeArena arena, long[] read, int count, Thrown thrown) {
        for (int event = 0; event < count; event++) {
            int at = event * ObserverNatives.EVENT_LONGS;
            try {
                tell(arena, (int) read[at], read[at + 1], read[at + 2]);
            } catch (Throwable e) { // foreign code may throw what it does not declare
                thrown.add(e);
            }
        }
    }

    private void tell(NativeArena arena, int kind, long subject, long bytes) {
        switch (kind) {
            case ObserverNatives.ALLOC -> observer.onAllocate(arena, subject, bytes);
            case ObserverNatives.ACQUIRED -> observer.onChunkAcquired(arena, bytes);
            case ObserverNatives.GIVEN_BACK -> observer.onChunkGivenBack(arena, bytes);
            case ObserverNatives.RESET -> observer.onReset(arena, TAKE_BACKS[(int) subject - 1]);
            case ObserverNatives.DESTROY -> observer.onDestroy(arena);
            default -> observer.onMissed(arena, bytes);
        }
    }
}
