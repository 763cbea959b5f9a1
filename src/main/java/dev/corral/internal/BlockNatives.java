// SPDX-License-Identifier: Apache-2.0
package dev.corral.internal;

import java.nio.ByteBuffer;

/**
 * Native methods for blocks that change their size. Thread rule and {@code arena}: as {@link ArenaNatives}.
 */
public final class BlockNatives {
    private BlockNatives() {
    }

    /** The address of a direct buffer's first byte, whatever its position; 0 for any other buffer. */
    public static native long address(ByteBuffer buffer);

    /** Resizes a block: its reference from now on, or 0 with the reason in the control block. */
    public static native long resize(long arena, long address, long oldSize, long newSize);
}
