// SPDX-License-Identifier: Apache-2.0
package dev.corral;

import dev.corral.internal.ArenaNatives;
import dev.corral.internal.ConfigFields;
import dev.corral.internal.Failures;
import dev.corral.internal.NativeLibrary;
import dev.corral.internal.ObserverNatives;
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
    final OpenRecyclers recyclers = new OpenRecyclers();
    private long droppedCount;
    private int closing; // threads that are running release actions, without the lock
    private boolean closed;
    private boolean ended; // closed, and C is done with it

    PoolState(MemoryPool owner, MemoryPool.Builder config) {
        super(owner, Reaper.queue());
        NativeLibrary.load();
        this.name = config.name();
        this.pages = config.pages();
        this.site = Leaks.site();
        this.quarantine = config.quarantine();
        this.blocks = new PoolBlocks(this, config.debug());
        this.handle = create(config);
        KnownPools.add(this);
    }

    private long create(MemoryPool.Builder config) {
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
        if (Failures.isStatus(created)) {
            throw Failures.of((int) -created, "create: pool=" + name + " " + config.describe());
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

    // --- arenas

    /** Creates an arena. */
    NativeArena open(MemoryPool owner, NativeArena.Builder config) {
        NativeArena arena = tryOpen(owner, config, false);
        if (arena == null) {
            MemoryPressure.relieve();
            arena = tryOpen(owner, config, true);
        }
        ArenaEvents.tellFirst(arena);
        return arena;
    }

    /** One step under the lock, so that nobody destroys the pool between its parts; null as {@link #tryAllocate}. */
    private synchronized NativeArena tryOpen(MemoryPool owner, NativeArena.Builder config, boolean last) {
        requireOpen();
        requireNotClosing(config.name());
        long log = config.observer == null ? 0 : ObserverNatives.open(handle);
        long[] fields = config.fields();
        fields[ConfigFields.EVENT_LOG] = log;
        boolean noLog = config.observer != null && log == 0;
        long arena = noLog ? -Status.NO_MEMORY : ArenaNatives.create(handle, fields, utf8(config.name()));
        if (Failures.isStatus(arena)) {
            ObserverNatives.close(handle, log);
            if (!last && MemoryPressure.mayEase((int) -arena, this)) {
                return null;
            }
            throw Failures.of((int) -arena, "create: arena=" + config.name() + " pool=" + name + " "
                    + config.describe());
        }
        try {
            ArenaEvents events = log == 0 ? null : new ArenaEvents(config.observer, log);
            NativeArena made = new NativeArena(owner, arena, config.name(), config.parent); // nothing fails after this
            if (config.sharedViews || config.parent != null && config.parent.viewSafety() == ViewSafety.RETAINED) {
                made.shareViews();
            }
            made.observeWith(events);
            return made;
        } catch (RuntimeException | Error e) {
            ArenaNatives.destroy(arena);
            ObserverNatives.close(handle, log);
            throw e;
        }
    }

    /** Adds an arena to the open ones; the last step of building it. */
    synchronized ArenaState register(NativeArena arena, long arenaHandle, String arenaName, ArenaState parent) {
        Leaks.Site created = parent == null ? Leaks.site() : null; // a child ends with its parent: that one is to close
        ArenaState state = new ArenaState(arena, this, arenaHandle, arenaName, created, parent);
        openArenas.add(state);
        if (parent != null) {
            parent.children++;
        }
        return state;
    }

    /** Makes the calling thread the owner of a family whose owner has ended; the first one that asks. */
    synchronized void adoptFamily(NativeArena member) {
        if (member.hasEndedOwner()) {
            member.adoptFamily();
        }
    }

    /**
     * Destroys an arena, once. The status is {@code OK}, {@code DAMAGED}, or why that is refused now: then nothing
     * happened. Without the lock: as long as the arena of a live thread is open, nobody destroys the pool.
     */
    int closeArena(ArenaState state, ArenaEvents events) {
        synchronized (this) {
            if (closed || !state.open) {
                return Status.OK;
            }
            state.beginEnd();
        }
        int status = state.destroy();
        synchronized (this) {
            state.endEnd(); // needs no memory
            if (state.isDestroyed()) {
                state.leave();
                openArenas.remove(state);
                state.clear(); // the reference must not be enqueued any more
                if (events != null) {
                    events.end(handle);
                }
            }
        }
        return status;
    }

    private Leaks.Drop describe(ArenaState state) {
        droppedCount++;
        return state.describe();
    }

    /**
     * An arena became unreachable without close: free it once no view of its chunks is left, and report it. A family is
     * dropped together, but comes here in any order: only the one on top is reported, and it is freed last.
     */
    void dropped(ArenaState state) {
        Leaks.Drop drop;
        synchronized (this) {
            if (closed || !openArenas.remove(state)) {
                return;
            }
            drop = state.parent == null && !state.ofThread ? describe(state) : null;
            limbo.add(state);
        }
        limbo.free(state);
        if (drop != null) {
            drop.report();
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
            into.put(state, new LeakDetection.Leak("arena=" + state.name + " pool=" + name + " owner="
                    + state.owner.getName(), state.site));
        }
        recyclers.addAll(into);
        blocks.addAll(into);
    }

    synchronized PoolStats stats() {
        requireOpen();
        long[] values = new long[PoolStats.NATIVE_LONGS];
        PoolNatives.stats(handle, values);
        return PoolStats.of(values, roots.retainedBytes(false), openArenas.count(), droppedCount);
    }

    /** Of an open pool or a closed one. */
    synchronized long retainedBytes() {
        return closed ? roots.retainedBytes(true) : stats().retained();
    }

    synchronized String statsTable() {
        requireOpen();
        byte[] table = new byte[PoolNatives.TABLE_MAX];
        int length = PoolNatives.statsTable(handle, table);
        return new String(table, 0, length, StandardCharsets.UTF_8);
    }

    synchronized long trim() {
        requireOpen();
        return PoolNatives.trim(handle, 0);
    }

    synchronized boolean isClosed() {
        return closed;
    }

    /** Closes the caller's arenas and destroys the pool; refuses when another thread's arena is open. */
    void close() {
        Thrown thrown = closeArenasWithActions();
        thrown.addFrom(this::closeNow);
        thrown.rethrow();
    }

    /** A user's code runs here, so without the lock; returns what it threw. */
    private Thrown closeArenasWithActions() {
        List<NativeArena> arenas;
        synchronized (this) {
            openArenas.requireClosable(name);
            arenas = openArenas.withActions();
            closing++;
        }
        return OpenArenas.close(arenas);
    }

    private void closeNow() {
        List<Leaks.Drop> drops;
        List<NativeArena> observed;
        synchronized (this) {
            try {
                limbo.awaitFreed(name);
            } finally {
                closing--;
            }
            if (closed) {
                return;
            }
            openArenas.requireClosable(name);
            observed = ArenaEvents.observed(openArenas);
            openArenas.endViews();
            drops = detachAll();
        }
        ArenaEvents.end(observed, handle); // without the lock: what is left has callbacks of C at most
        RuntimeException damage = DebugMode.destroyPool(handle, name);
        haveEnded();
        drops.forEach(Leaks.Drop::report);
        ArenaEvents.tellEnds(observed);
        Thrown.rethrow(damage);
    }

    private synchronized void haveEnded() {
        ended = true;
        forgetWhenDone();
    }

    /** Refuses everything from here on; returns the arenas that had been dropped. */
    private List<Leaks.Drop> detachAll() {
        closed = true;
        clear();
        slots.clear();
        recyclers.endAll();
        blocks.clear();
        limbo.clear();
        return openArenas.detachAll();
    }

    /** The pool object became unreachable without close, and so did all its arenas. */
    @Override
    public void reap() {
        List<Leaks.Drop> drops;
        synchronized (this) {
            if (closed) {
                return;
            }
            String report = "pool=" + name + " " + stats();
            drops = detachAll();
            drops.add(new Leaks.Drop(report, site));
        }
        PoolNatives.abandon(handle); // nobody has said that the views may go: they keep their contents
        DebugMode.logIfReported();
        haveEnded();
        drops.forEach(Leaks.Drop::report);
    }
}
