// SPDX-License-Identifier: Apache-2.0
package dev.corral;

import dev.corral.internal.Failures;
import dev.corral.internal.NativeLibrary;
import dev.corral.internal.PoolFields;
import dev.corral.internal.PoolNatives;
import dev.corral.internal.Status;
import java.lang.ref.PhantomReference;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/**
 * One native pool with all that Java knows of it: open arenas, root buffers, blocks. Every field is guarded by this
 * object's monitor; an arena's own slow path needs no lock, because a pool with an open arena is never destroyed under
 * its owner. No callback of C runs under the lock: it may wait for a thread that uses the pool.
 */
final class PoolState extends PhantomReference<Object> implements Reaper.Reapable {
    final String name;
    final long handle;
    final boolean quarantine;
    private final PageSource pages; // keeps the memory of a buffer reachable
    private final Leaks.Site site;
    private final RootTable roots = new RootTable(this);
    final ControlSlots slots = new ControlSlots(this, roots);
    final PoolBlocks blocks;
    private final Limbo limbo = new Limbo(this, roots);
    private final OpenArenas openArenas = new OpenArenas();
    /** Whether closed arenas may keep their chunk for the next one. */
    final boolean parking;
    final ArenaLives arenas;
    final OpenRecyclers recyclers = new OpenRecyclers();
    private int closing; // threads that are running release actions, without the lock
    boolean closed;
    private boolean ended; // closed, and C is done with it

    PoolState(MemoryPool owner, MemoryPool.Builder config) {
        super(owner, Reaper.queue());
        NativeLibrary.load();
        this.name = config.name();
        this.pages = config.pages();
        this.site = Leaks.site();
        this.quarantine = config.quarantine();
        this.parking = config.parking();
        this.arenas = new ArenaLives(this, openArenas, limbo);
        this.blocks = new PoolBlocks(this, config.debug());
        this.handle = create(config);
        KnownPools.add(this);
    }

    private long create(MemoryPool.Builder config) {
        long created = tryCreate(config);
        if (created == -Status.NO_MEMORY) {
            MemoryPressure.relieve();
            created = tryCreate(config);
        }
        if (Failures.isStatus(created)) {
            throw Failures.of((int) -created, "create: pool=" + name + " " + config.describe());
        }
        return created;
    }

    private long tryCreate(MemoryPool.Builder config) {
        long[] fields = config.fields();
        long source = pages.open(name);
        fields[PoolFields.SOURCE] = source;
        long created = 0;
        try {
            created = PoolNatives.create(fields, utf8(name));
        } finally {
            PageSource.close(source); // from here on the pool holds it
            if (Failures.isStatus(created)) {
                pages.release();
            }
        }
        return created;
    }

    static byte[] utf8(String text) {
        return text == null ? null : text.getBytes(StandardCharsets.UTF_8);
    }

    void requireOpen() {
        if (closed) {
            throw new IllegalStateException("pool=" + name + ": the pool is closed");
        }
    }

    void requireNotClosing(String arena) {
        if (closing != 0) {
            throw new IllegalStateException("pool=" + name + " arena=" + arena + ": the pool is being closed");
        }
    }

    // --- roots

    /** As {@link RootTable#ofBlock}. */
    synchronized ByteBuffer root(long address, int capacity) {
        return roots.ofBlock(address, capacity);
    }

    /** No view of a root is left. */
    void unreachable(RootReference reference) {
        synchronized (this) {
            roots.remove(reference);
            forgetWhenDone();
        }
        limbo.freeAll();
    }

    /** Whether the collector has found something of this pool that the reaper has not finished. */
    synchronized boolean awaitsReaper() {
        return roots.awaitsReaper() || !closed && (refersTo(null) || openArenas.awaitsReaper());
    }

    private void forgetWhenDone() {
        if (ended && roots.isEmpty()) {
            pages.release();
            KnownPools.remove(this);
        }
    }

    // --- the whole pool

    /** What is open here; nothing of a closed pool. */
    synchronized void addEverythingOpen(Map<Object, LeakDetection.Leak> into) {
        if (closed) {
            return;
        }
        if (!MemoryPool.isShared(this)) {
            into.put(this, new LeakDetection.Leak("pool=" + name, site));
        }
        for (ArenaState state : openArenas.toBeClosed()) {
            into.put(state.identity(), new LeakDetection.Leak("arena=" + state.name + " pool=" + name + " owner="
                    + state.owner.getName(), state.site()));
        }
        recyclers.addAll(into);
        blocks.addAll(into);
    }

    synchronized PoolStats stats() {
        requireOpen();
        arenas.parked.flush();
        long[] values = new long[PoolStats.NATIVE_LONGS];
        PoolNatives.stats(handle, values);
        return PoolStats.of(values, roots.retainedBytes(false), openArenas.count(), arenas.droppedCount());
    }

    /** Of an open pool or a closed one. */
    synchronized long retainedBytes() {
        return closed ? roots.retainedBytes(true) : stats().retained();
    }

    synchronized String statsTable() {
        requireOpen();
        arenas.parked.flush();
        byte[] table = new byte[PoolNatives.TABLE_MAX];
        int length = PoolNatives.statsTable(handle, table);
        return new String(table, 0, length, StandardCharsets.UTF_8);
    }

    synchronized long trim() {
        requireOpen();
        arenas.parked.flush();
        return PoolNatives.trim(handle, 0);
    }

    /** Destroys closed arenas that wait for the next create, or the next borrower. */
    synchronized void giveUpParked() {
        if (!closed) {
            arenas.parked.flush();
            recyclers.giveUpIdle();
        }
    }

    synchronized boolean isClosed() {
        return closed;
    }

    /** Closes the caller's arenas and destroys the pool; refuses when another thread's arena is open. */
    void close() {
        Thrown thrown = new Thrown();
        List<NativeArena> withActions;
        synchronized (this) {
            requireClosable();
            withActions = openArenas.withActions();
            closing++;
        }
        try {
            withActions.forEach(arena -> thrown.addFrom(arena::close)); // a user's code runs here, so without the lock
            closeNow();
        } catch (Throwable e) { // an action may throw what it does not declare
            thrown.add(e);
        } finally {
            endClose();
        }
        thrown.rethrow();
    }

    private synchronized void endClose() {
        closing--;
        if (!closed && closing == 0) {
            arenas.parked.open();
            recyclers.open();
        }
    }

    /** Gives up what is parked, and lets nobody create an arena unless the pool cannot be closed now. */
    private void requireClosable() {
        arenas.parked.shut();
        boolean closable = false;
        try {
            if (!closed) {
                arenas.parked.flush();
            }
            recyclers.shut();
            openArenas.requireClosable(name, arenas.parked.hasTaker() || recyclers.hasTaker());
            closable = true;
        } finally {
            if (!closable && closing == 0) {
                arenas.parked.open();
                recyclers.open();
            }
        }
    }

    private void closeNow() {
        List<Leaks.Drop> drops;
        List<NativeArena> observed;
        synchronized (this) {
            limbo.awaitFreed(name);
            if (closed) {
                return;
            }
            requireClosable();
            observed = ArenaEvents.observed(openArenas);
            drops = openArenas.dropped();
            openArenas.endViews();
            detachAll(); // from here on all has to end, also without heap
        }
        RuntimeException damage;
        try {
            ArenaEvents.end(observed, handle); // without the lock: what is left has callbacks of C at most
        } finally {
            try {
                damage = DebugMode.destroyPool(handle, name);
            } finally {
                haveEnded();
            }
        }
        drops.forEach(Leaks.Drop::report);
        ArenaEvents.tellEnds(observed);
        Thrown.rethrow(damage);
    }

    private synchronized void haveEnded() {
        ended = true;
        forgetWhenDone();
    }

    /** Refuses everything from here on. */
    private void detachAll() {
        closed = true;
        arenas.parked.shut();
        clear();
        slots.clear();
        recyclers.endAll();
        blocks.clear();
        limbo.clear();
        openArenas.detachAll();
    }

    /** The pool object became unreachable without close, and so did all its arenas. */
    @Override
    public void reap() {
        List<Leaks.Drop> drops;
        synchronized (this) {
            if (closed) {
                return;
            }
            drops = openArenas.dropped();
            drops.add(new Leaks.Drop("pool=" + name + " " + stats(), site));
            detachAll();
        }
        PoolNatives.abandon(handle); // nobody has said that the views may go: they keep their contents
        DebugMode.logIfReported();
        haveEnded();
        drops.forEach(Leaks.Drop::report);
    }
}
