// SPDX-License-Identifier: Apache-2.0
package dev.corral.internal;

import java.nio.ByteBuffer;

/**
 * Buffers that can be ended: once the session is closed, every use of them and of all that was derived from them
 * throws. This is the version for JDK 17 to 21, which have no such thing; the multi-release jar has another one.
 */
public final class ViewSession {
    private ViewSession() {
    }

    /**
     * Whether this JVM can end buffers: a JDK 22 or newer that grants native access, unless {@code
     * -Dcorral.views=retained} asks for the other mode. To be called once the native library is loaded.
     */
    public static boolean isAvailable() {
        return false;
    }

    /** Opens a session; the calling thread is the only one that may use its buffers and close it. */
    public static ViewSession open() {
        throw new UnsupportedOperationException("jdk=" + Runtime.version().feature() + ": views end from JDK 22 on");
    }

    /**
     * Opens a session whose buffers all threads may use, and any may close; closing it costs a handshake with all
     * threads. Null where this JVM cannot.
     */
    public static ViewSession openShared() {
        return null;
    }

    /**
     * A buffer in native byte order over memory that stays mapped as long as {@code kept} is reachable, which it is
     * while the session is open and a buffer of it is reachable.
     */
    public ByteBuffer root(long address, int capacity, Object kept) {
        throw new UnsupportedOperationException("address=" + address + " capacity=" + capacity + " kept=" + kept);
    }

    /**
     * Ends all buffers. Does nothing when the thread that opened the session has ended: nobody can use them then.
     *
     * @throws IllegalStateException if an input or output operation is using a buffer; nothing changed
     */
    public void close() {
        throw new UnsupportedOperationException("there is no session to close");
    }
}
