// SPDX-License-Identifier: Apache-2.0
package dev.corral;

import dev.corral.internal.MappedNatives;
import dev.corral.internal.PoolNatives;
import dev.corral.internal.Status;
import dev.corral.internal.ViewSession;
import java.lang.ref.PhantomReference;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** The memory of a {@link MappedArena}: read-only buffers over it, and when it may go. */
final class MappedMemory {
    /* A chunk has at most 1 GiB and begins at a multiple of 64, a buffer has just below 2 GiB, and one over a segment
     * (JDK 22 and newer) some bytes less. So window i shows what begins at i GiB, and each chunk lies whole in the
     * window in which it begins.
     *
     * With a session (JDK 22 and newer) closing ends all buffers, of all threads, and the memory goes at once; a token
     * that the session's buffers keep reachable tells when an arena was dropped instead. Without one, the memory goes
     * when no window is reachable, which every view keeps so.
     */
    static final int WINDOW_SHIFT = 30;
    static final long WINDOW_MASK = (1L << WINDOW_SHIFT) - 1;
    static final long WINDOW_BYTES = (2L << WINDOW_SHIFT) - 64; // where the last chunk ends that begins in a window

    private static final Set<Watch> WATCHES = ConcurrentHashMap.newKeySet();

    private final Unmapping unmapping = new Unmapping();
    private ByteBuffer[] windows; // null: not there yet, or closed, and no session has ended them
    private ViewSession session; // null: views are not ended

    /** Something that has to be unreachable before the memory may go. */
    private static final class Watch extends PhantomReference<Object> implements Reaper.Reapable {
        private final Unmapping unmapping;

        Watch(Object watched, Unmapping unmapping) {
            super(watched, Reaper.queue());
            this.unmapping = unmapping;
        }

        @Override
        public void reap() {
            WATCHES.remove(this);
            unmapping.unreachable();
        }
    }

    /** Closes the native arena, once. */
    private static final class Unmapping {
        private final List<Watch> watches = new ArrayList<>();
        private long handle;
        private int reachable;

        synchronized void own(long newHandle) {
            handle = newHandle;
        }

        synchronized void watch(Object watched) {
            Watch watch = new Watch(watched, this);
            watches.add(watch);
            WATCHES.add(watch);
            reachable++;
        }

        synchronized void unreachable() {
            reachable--;
            if (reachable == 0) {
                now();
            }
        }

        synchronized int check(byte[] message) {
            return handle == 0 ? Status.OK : MappedNatives.check(handle, message);
        }

        synchronized void now() {
            if (handle != 0) {
                MappedNatives.close(handle);
                handle = 0;
                WATCHES.removeAll(watches);
                watches.clear();
            }
        }
    }

    /** Takes over the native arena, also when this fails; made before there is one, since the heap may be full. */
    void show(long handle, long address, long bytes) {
        unmapping.own(handle);
        boolean done = false;
        try {
            session = ViewSession.openShared();
            windows = new ByteBuffer[Math.toIntExact((bytes + WINDOW_MASK) >>> WINDOW_SHIFT)];
            Object token = new Object();
            for (int i = 0; i < windows.length; i++) {
                long begin = (long) i << WINDOW_SHIFT;
                int size = (int) Math.min(bytes - begin, WINDOW_BYTES);
                windows[i] = window(address + begin, size, token).asReadOnlyBuffer().order(ByteOrder.nativeOrder());
            }
            if (session != null) {
                unmapping.watch(token);
            }
            done = true;
        } finally {
            if (!done) {
                unmapping.now();
            }
        }
    }

    private ByteBuffer window(long address, int size, Object token) {
        if (session != null) {
            return session.root(address, size, token);
        }
        ByteBuffer window = PoolNatives.wrap(address, size);
        if (window == null) {
            throw new ArenaExhaustedException("bytes=" + size + ": no memory for a view");
        }
        unmapping.watch(window);
        return window;
    }

    /** Whether the collector has found something that the reaper has not yet seen. */
    static boolean awaitsReaper() {
        return WATCHES.stream().anyMatch(watch -> watch.refersTo(null));
    }

    ByteBuffer[] windows() {
        return windows;
    }

    ViewSafety viewSafety() {
        return session == null ? ViewSafety.RETAINED : ViewSafety.CHECKED;
    }

    /** Whether the file still has all its bytes: a status, and the reason. */
    int check(byte[] message) {
        return unmapping.check(message);
    }

    /**
     * Ends all buffers if that can be done, and then the memory goes; else it goes with the last buffer.
     *
     * @throws IllegalStateException if an input or output operation is using a buffer; nothing changed
     */
    void close() {
        if (session != null) {
            session.close();
            unmapping.now();
        } else {
            windows = null; // who keeps the closed arena keeps no memory
        }
    }
}
