// SPDX-License-Identifier: Apache-2.0
package dev.corral.internal;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Buffers that can be ended: once the session is closed, every use of them and of all that was derived from them
 * throws. The version for JDK 22 and newer; its twin for older ones says what each method promises.
 */
public final class ViewSession {
    /* A confined arena is closed by one plain store; a shared one by a handshake with all threads, which takes a
     * thousand times as long. The arena frees nothing here: the memory is Corral's. What it adds is the liveness check
     * that the JDK makes at each access through its buffers.
     *
     * The cleanup of a root does nothing when it runs. It is there to be reachable from every view: the view refers to
     * the session, the session to its cleanups. So an arena that is dropped with its session open keeps its memory as
     * long as a view is reachable; its owner alone could have closed the session.
     */
    private static final boolean AVAILABLE = ViewSession.class.getModule().isNativeAccessEnabled()
            && !"retained".equals(System.getProperty("corral.views"));

    private final Arena arena;

    private ViewSession(Arena arena) {
        this.arena = arena;
    }

    /** From JDK 24 on loading the library has granted access, or failed; before, only the flag grants it. */
    public static boolean isAvailable() {
        return AVAILABLE;
    }

    /** Opens a session of the calling thread. */
    public static ViewSession open() {
        return new ViewSession(Arena.ofConfined());
    }

    /** Opens a session of all threads; null where this JVM has none (a native image may lack them). */
    public static ViewSession openShared() {
        try {
            return AVAILABLE ? new ViewSession(Arena.ofShared()) : null;
        } catch (UnsupportedOperationException e) {
            return null;
        }
    }

    /** A buffer over memory that the caller keeps mapped while {@code kept} is reachable. */
    @SuppressWarnings("restricted") // what `kept` is for
    public ByteBuffer root(long address, int capacity, Object kept) {
        return MemorySegment.ofAddress(address)
                .reinterpret(capacity, arena, memory -> Reference.reachabilityFence(kept))
                .asByteBuffer().order(ByteOrder.nativeOrder());
    }

    /**
     * Ends all buffers.
     *
     * @throws IllegalStateException if an input or output operation is using a buffer; nothing changed
     */
    public void close() {
        if (!arena.scope().isAlive()) {
            return; // an earlier close ended the session, and was then cut short itself
        }
        try {
            arena.close();
        } catch (WrongThreadException e) {
            Reference.reachabilityFence(this); // the owner has ended: no thread passes the check of these buffers
        }
    }
}
