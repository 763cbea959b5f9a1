// SPDX-License-Identifier: Apache-2.0
package dev.corral;

import dev.corral.internal.ArenaNatives;
import dev.corral.internal.ControlBlock;
import dev.corral.internal.Failures;
import dev.corral.internal.NativeLibrary;
import dev.corral.internal.PoolNatives;
import java.lang.ref.WeakReference;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * One native pool with all that Java knows of it: open arenas, root buffers, blocks. Every field is guarded by this
 * object's monitor; an arena's own slow path needs no lock, because a pool with an open arena is never destroyed under
 * its owner.
 */
final class PoolState extends WeakReference<Object> implements Reaper.Reapable {
    /* How views stay harmless (RETAINED):
     *
     * A root is one direct buffer over one block (a chunk, a slab of control blocks, a block of allocate()). The JVM
     * lets every slice, duplicate and typed view of a root keep the root reachable. A root's memory is pinned in the
     * native pool until its RootReference is cleared, and a pinned region is never unmapped, not even by
     * pool_destroy().
     *
     * Roots are found again by address when the pool hands the same memory to the next arena, so that a warm pool
     * creates none. A root that is too small for the new block is replaced, and lives on as long as its own views.
     */
    /** Pools that are open or have pinned memory: nobody else may keep these references alive. Guarded by itself. */
    private static final Set<PoolState> KNOWN = new HashSet<>();

    final String name;
    final long handle;
    private final Leaks.Site site;
    private final Map<Long, RootReference> roots = new HashMap<>();
    private final Set<RootReference> pinned = new HashSet<>(); // keeps the references themselves alive
    private final Map<Long, ByteBuffer> slabs = new HashMap<>();
    private final Map<ByteBuffer, Long> blocks = new IdentityHashMap<>();
    private final List<ArenaState> limbo = new ArrayList<>();
    private ArenaState openArenas;
    private long openCount;
    private long droppedCount;
    private boolean closed;

    PoolState(MemoryPool owner, String name, long limit, long retain) {
        super(owner, Reaper.queue());
        NativeLibrary.load();
        this.name = name;
        this.site = Leaks.site();
        long created = PoolNatives.create(limit, retain, utf8(name));
        if (Failures.isStatus(created)) {
            throw Failures.of((int) -created, "create: pool=" + name + " limit=" + limit);
        }
        this.handle = created;
        synchronized (KNOWN) {
            KNOWN.add(this);
        }
    }

    static byte[] utf8(String text) {
        return text == null ? null : text.getBytes(StandardCharsets.UTF_8);
    }

    private void requireOpen() {
        if (closed) {
            throw new IllegalStateException("pool=" + name + ": the pool is closed");
        }
    }

    // --- arenas

    /** Creates an arena. One step under the lock, so that nobody destroys the pool between its parts. */
    synchronized NativeArena open(MemoryPool owner, NativeArena.Builder config) {
        requireOpen();
        long arena = ArenaNatives.create(handle, config.initial(), config.maximum(), config.alignment,
                config.fixedSize != 0,
                utf8(config.name));
        if (Failures.isStatus(arena)) {
            throw Failures.of((int) -arena, "create: arena=" + config.name + " pool=" + name + " initialChunkSize="
                    + config.initial() + " maxChunkSize=" + config.maximum() + " alignment=" + config.alignment);
        }
        try {
            return new NativeArena(owner, arena, config.name);
        } catch (RuntimeException | Error e) {
            ArenaNatives.destroy(arena);
            throw e;
        }
    }

    /** The control block of an arena of this pool. */
    synchronized ByteBuffer controlBlock(long arena) {
        long slab = arena & -ControlBlock.SLAB_BYTES;
        ByteBuffer root = slabs.get(slab);
        if (root == null) {
            root = root(slab, ControlBlock.SLAB_BYTES);
            slabs.put(slab, root);
        }
        return root.slice((int) (arena - slab), ControlBlock.SIZE).order(ByteOrder.nativeOrder());
    }

    /** Adds an arena to the open ones; the last step of building it. */
    synchronized ArenaState register(NativeArena arena, long arenaHandle, String arenaName) {
        ArenaState state = new ArenaState(arena, this, arenaHandle, arenaName, Leaks.site());
        state.next = openArenas;
        if (openArenas != null) {
            openArenas.previous = state;
        }
        openArenas = state;
        openCount++;
        return state;
    }

    /** Destroys an arena, once. */
    synchronized void closeArena(ArenaState state) {
        if (unlink(state)) {
            state.clear(); // the reference must not be enqueued any more
            ArenaNatives.destroy(state.handle);
        }
    }

    private boolean unlink(ArenaState state) {
        if (!state.open) {
            return false;
        }
        state.open = false;
        openCount--;
        if (state.previous == null) {
            openArenas = state.next;
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

    /** An arena became unreachable without close: report it, and free it once no view of its chunks is left. */
    void dropped(ArenaState state) {
        String report;
        synchronized (this) {
            if (closed || !unlink(state)) {
                return;
            }
            droppedCount++;
            long[] stats = new long[ArenaStats.NATIVE_LONGS];
            ArenaNatives.stats(state.handle, stats);
            report = "arena=" + state.name + " pool=" + name + " owner=" + state.owner.getName() + " "
                    + ArenaStats.of(stats);
            if (hasReachableViews(state)) {
                limbo.add(state);
            } else {
                ArenaNatives.destroy(state.handle);
            }
        }
        Leaks.dropped(report, state.site);
    }

    private boolean hasReachableViews(ArenaState state) {
        long base;
        for (int chunk = 0; (base = ArenaNatives.chunkBase(state.handle, chunk)) != 0; chunk++) {
            RootReference reference = roots.get(base);
            if (reference != null && reference.root() != null) {
                return true;
            }
        }
        return false;
    }

    // --- roots

    /**
     * A direct buffer over exactly a block of this pool, whose memory stays mapped while any view of it is reachable.
     */
    synchronized ByteBuffer root(long address, int capacity) {
        RootReference known = roots.get(address);
        ByteBuffer root = known == null ? null : known.root();
        if (root == null || root.capacity() < capacity) {
            root = newRoot(address, capacity);
        }
        return root.capacity() == capacity ? root : root.slice(0, capacity);
    }

    private ByteBuffer newRoot(long address, int capacity) {
        long pin = PoolNatives.pin(handle, address);
        ByteBuffer root = pin == 0 ? null : PoolNatives.wrap(address, capacity);
        if (root == null) {
            if (pin != 0) {
                PoolNatives.unpin(handle, pin);
            }
            throw new ArenaExhaustedException("pool=" + name + " bytes=" + capacity + ": no memory for a view");
        }
        RootReference reference = new RootReference(root, this, address, pin);
        pinned.add(reference);
        roots.put(address, reference);
        return root;
    }

    /** No view of a root is left. */
    synchronized void unreachable(RootReference reference) {
        roots.remove(reference.address, reference);
        if (pinned.remove(reference)) {
            PoolNatives.unpin(handle, reference.pin);
        }
        for (Iterator<ArenaState> dropped = limbo.iterator(); dropped.hasNext();) {
            ArenaState state = dropped.next();
            if (!hasReachableViews(state)) {
                dropped.remove();
                ArenaNatives.destroy(state.handle);
            }
        }
        forgetWhenDone();
    }

    private void forgetWhenDone() {
        if (closed && pinned.isEmpty()) {
            synchronized (KNOWN) {
                KNOWN.remove(this);
            }
        }
    }

    // --- blocks

    synchronized ByteBuffer allocate(int size) {
        if (size < 0) {
            throw new IllegalArgumentException("size=" + size + ": pass a size of 0 or more bytes");
        }
        requireOpen();
        long address = PoolNatives.allocate(handle, size);
        if (Failures.isStatus(address)) {
            throw Failures.of((int) -address, "allocate: size=" + size + " pool=" + name);
        }
        ByteBuffer view;
        try {
            view = root(address, Math.max(size, 1)).slice(0, size).order(ByteOrder.nativeOrder());
        } catch (RuntimeException | Error e) {
            PoolNatives.free(handle, address);
            throw e;
        }
        blocks.put(view, address);
        return view;
    }

    synchronized void free(ByteBuffer block) {
        requireOpen();
        Long address = blocks.remove(block);
        if (address == null) {
            throw new IllegalArgumentException("pool=" + name + " block=" + block
                    + ": free() takes the very buffer that allocate() of this pool returned, once");
        }
        PoolNatives.free(handle, address);
    }

    // --- the whole pool

    synchronized PoolStats stats() {
        requireOpen();
        long[] values = new long[PoolStats.NATIVE_LONGS];
        PoolNatives.stats(handle, values);
        return PoolStats.of(values, openCount, droppedCount);
    }

    synchronized long trim() {
        requireOpen();
        return PoolNatives.trim(handle, 0);
    }

    synchronized boolean isClosed() {
        return closed;
    }

    /** Closes the caller's arenas and destroys the pool; refuses when another thread's arena is open. */
    synchronized void close() {
        if (closed) {
            return;
        }
        for (ArenaState state = openArenas; state != null; state = state.next) {
            if (state.owner != Thread.currentThread() && state.arena() != null) {
                throw new IllegalStateException("pool=" + name + " arena=" + state.name + " owner="
                        + state.owner.getName()
                        + " caller=" + Thread.currentThread().getName()
                        + ": an arena of another thread is open, close it first");
            }
        }
        for (ArenaState state = openArenas; state != null; state = state.next) {
            NativeArena arena = state.arena();
            if (arena != null) {
                arena.detach();
            }
        }
        destroy();
    }

    private void destroy() {
        closed = true;
        clear();
        openArenas = null;
        slabs.clear();
        blocks.clear();
        limbo.clear();
        PoolNatives.destroy(handle);
        forgetWhenDone();
    }

    /** The pool object became unreachable without close, and so did all its arenas. */
    @Override
    public void reap() {
        String report;
        synchronized (this) {
            if (closed) {
                return;
            }
            report = "pool=" + name + " " + stats();
            destroy();
        }
        Leaks.dropped(report, site);
    }
}
