// SPDX-License-Identifier: Apache-2.0
package dev.corral;

import dev.corral.internal.ArenaNatives;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;

/**
 * Closed arenas of a pool that wait for the next create, at most {@value #PLACES}: it takes one over without the pool's
 * lock and without JNI. Only arenas with the defaults are parked; one that had more than blocks, marks and scopes in
 * its first chunk is made new by C before. C takes what it finds in their slots for destroyed arenas. Pools with a
 * limit, a quarantine, debug mode or pages of their own park none: there a chunk more or less can be seen.
 */
class ParkedArenas {
    /* A place holds a parked arena, or the thread that is taking it out, or null. A thread that finds `shut` after it
     * has taken an arena out goes the slow way. So whoever sets `shut` and then empties the places finds each arena:
     * parked; or in use, or on its way, both of which its owner says (see OpenArenas.requireClosable).
     *
     * The owner of a parked arena is its last one, until the next one has taken it over.
     *
     * A StackOverflowError may strike in any call here, and leaves an arena without a user that is not parked, or a
     * place with a thread that takes nothing. Whoever empties the places finds both, once their thread has ended or
     * when it is the caller itself, who cannot be in the middle of anything then.
     */
    static final int PLACES = 8;
    private static final int STRIDE = 16; // references; each place has a cache line
    private static final VarHandle PLACE = MethodHandles.arrayElementVarHandle(Object[].class);

    static final int COUNT_SHIFT = 48;
    private static final long ONE = 1L << COUNT_SHIFT;

    final PoolState pool;
    private final Object[] places = new Object[PLACES * STRIDE];
    private boolean parking; // guarded by the lock
    private volatile boolean shut;

    /** @param parking whether there will be any */
    ParkedArenas(PoolState pool, boolean parking) {
        this.pool = pool;
        this.parking = parking;
        this.shut = !parking;
    }

    /** Nothing comes or goes until {@link #open}. Under the lock. */
    final void shut() {
        shut = true;
    }

    /** Nothing is parked any more. Under the lock. */
    final void shutForGood() {
        parking = false;
        shut = true;
    }

    /** Under the lock. */
    final void open() {
        shut = !parking;
    }

    // --- reviving

    /** A new arena with the defaults, or null when there is none to take over. */
    NativeArena revive(MemoryPool owner) {
        ArenaState state = take();
        if (state == null) {
            return null;
        }
        boolean done = false;
        try {
            if (shut) {
                return null;
            }
            state.slot.renew();
            begin(state);
            NativeArena arena = new NativeArena(owner, state); // nothing fails after this
            done = true;
            return arena;
        } finally {
            if (!done) {
                park(state, ControlSlots.NO_ROOTS, 0);
            }
        }
    }

    /** A taken arena gets another user, unless what is thrown or comes after this fails. */
    void begin(ArenaState state) {
    }

    private ArenaState take() {
        Thread thread = Thread.currentThread();
        int first = System.identityHashCode(thread);
        for (int i = 0; i < PLACES; i++) {
            int place = (first + i & PLACES - 1) * STRIDE;
            if (places[place] instanceof ArenaState && PLACE.getAcquire(places, place) instanceof ArenaState state
                    && PLACE.compareAndSet(places, place, (Object) state, (Object) thread)) {
                if (state.owner != thread) { // a test is cheaper than the collector's barrier
                    state.owner = thread;
                }
                PLACE.setRelease(places, place, (Object) null);
                return state;
            }
        }
        return null;
    }

    // --- parking

    /**
     * Parks an arena of the caller, whose object is detached, or destroys it; {@code roots} are for its next user.
     * {@code used} is what C has taken back already.
     */
    void park(ArenaState state, ByteBuffer[] roots, long used) {
        state.endUse(); // first: one that was dropped is for C to describe and to free
        long renewed = state.slot.rest(used);
        state.slot.leaveRoots(roots, renewed);
        if (!put(state)) {
            giveUp(state);
        }
    }

    /** Whether what an arena has grown to is for its next user, who sees it; else that one gets a single chunk. */
    boolean keepsChunks() {
        return false;
    }

    /** Whether an arena of the caller may be parked now; others may do the same meanwhile. */
    boolean hasRoomFor(ArenaState state) {
        return !shut;
    }

    private boolean put(ArenaState state) {
        int first = System.identityHashCode(Thread.currentThread());
        for (int i = 0; i < PLACES && !shut; i++) {
            int place = (first + i & PLACES - 1) * STRIDE;
            if (places[place] == null && PLACE.compareAndSet(places, place, (Object) null, (Object) state)) {
                return !shut || !PLACE.compareAndSet(places, place, (Object) state, (Object) null);
            }
        }
        return false;
    }

    /** Bytes of chunks of those that are parked, and in the upper 16 bits how many they are. */
    final long parkedBytes() {
        long bytes = 0;
        for (int place = 0; place < places.length; place += STRIDE) {
            if (PLACE.getAcquire(places, place) instanceof ArenaState state) {
                bytes += state.slot.allocated() + ONE;
            }
        }
        return bytes;
    }

    // --- giving up

    private void giveUp(ArenaState state) {
        synchronized (pool) {
            if (!pool.isClosed()) {
                destroy(state);
            }
        }
    }

    /** Destroys all that are parked, and what got lost on its way. Under the lock. */
    void flush() {
        findLost();
        for (int place = 0; place < places.length; place += STRIDE) {
            Object there = PLACE.getVolatile(places, place);
            boolean ours = there instanceof ArenaState || there instanceof Thread taker && isDone(taker);
            if (ours && PLACE.compareAndSet(places, place, there, (Object) null)
                    && there instanceof ArenaState state) {
                destroy(state);
            }
        }
        if (!hasTaker()) { // else one may be taking what had seemed lost while it was parked
            destroyLost();
        }
    }

    private static boolean isDone(Thread thread) {
        return thread == Thread.currentThread() || !thread.isAlive();
    }

    /** Looks for what is parked or lost; what is parked is so before anybody can take it. */
    private void findLost() {
        for (ArenaState state : pool.arenas.open) {
            Thread owner = state.owner;
            boolean ours = state.parking == this || state.parking == null; // null: destroyed, but not taken out
            state.lostBy = ours && isDone(owner) && state.identity() == null ? owner : null;
        }
    }

    private void destroyLost() {
        for (ArenaState state : pool.arenas.open) {
            if (state.lostBy == null || state.lostBy != state.owner || state.identity() != null) {
                continue;
            }
            if (state.parking == null) {
                pool.arenas.remove(state);
            } else {
                destroy(state);
            }
        }
    }

    /** Ends an arena that is not parked any more. Under the lock. */
    void destroy(ArenaState state) {
        state.slot.renew();
        ArenaNatives.destroy(state.handle);
        state.parking = null; // nobody destroys it again, whatever is thrown from here on
        state.slot.forgetStaleRoots();
        pool.arenas.remove(state);
    }

    /** Whether a thread that is alive, other than the caller, is taking an arena out. Under the lock. */
    boolean hasTaker() {
        for (int place = 0; place < places.length; place += STRIDE) {
            if (PLACE.getVolatile(places, place) instanceof Thread taker && taker != Thread.currentThread()
                    && taker.isAlive()) {
                return true;
            }
        }
        return false;
    }
}
