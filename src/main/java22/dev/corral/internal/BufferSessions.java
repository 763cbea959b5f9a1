// SPDX-License-Identifier: Apache-2.0
package dev.corral.internal;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;

/** What the JDK tells of a buffer's session. The version for JDK 22 and newer. */
final class BufferSessions {
    private BufferSessions() {
    }

    /**
     * Whether somebody can close what the buffer's memory belongs to. The JDK has no public question for it: sessions
     * that nobody can close have a class of their own, and what is not known to be one counts as closeable.
     */
    static boolean canBeClosed(ByteBuffer buffer) {
        return !MemorySegment.ofBuffer(buffer).scope().getClass().getName().contains("GlobalSession");
    }
}
