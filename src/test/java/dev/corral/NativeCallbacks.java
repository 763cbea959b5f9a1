// SPDX-License-Identifier: Apache-2.0
package dev.corral;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.corral.internal.Status;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;

/** A release callback of C that waits for another thread. The library is built beside the one under test. */
final class NativeCallbacks {
    private static final int WAITING = 0;
    private static final int RELEASED = 8;
    private static final int IN_VAIN = 16;

    private final ByteBuffer meeting = ByteBuffer.allocateDirect(24).order(ByteOrder.nativeOrder());

    static {
        Path target = ChildJvm.locationOf(NativeCallbacks.class).getParent();
        System.load(target.resolve(Path.of("cmake", "jni", "native", "jni",
                System.mapLibraryName("corral_callbacks"))).toString());
    }

    private static native int register(long arena, ByteBuffer meeting);

    /** Lets the next take-back of the arena wait until {@link #release}. */
    void register(NativeArena arena) {
        assertEquals(Status.OK, register(arena.nativeHandle(), meeting));
    }

    boolean isWaiting() {
        return meeting.getLong(WAITING) != 0;
    }

    void release() {
        meeting.putLong(RELEASED, 1);
    }

    /** Whether nobody released it for ten seconds. */
    boolean hasWaitedInVain() {
        return meeting.getLong(IN_VAIN) != 0;
    }
}
