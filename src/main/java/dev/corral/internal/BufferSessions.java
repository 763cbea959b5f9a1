// SPDX-License-Identifier: Apache-2.0
package dev.corral.internal;

import java.nio.ByteBuffer;

/** What the JDK tells of a buffer's session. The version for JDK 17 to 21, whose buffers have none to speak of. */
final class BufferSessions {
    private BufferSessions() {
    }

    /** Whether somebody can close what the buffer's memory belongs to. */
    static boolean canBeClosed(ByteBuffer buffer) {
        return false;
    }
}
