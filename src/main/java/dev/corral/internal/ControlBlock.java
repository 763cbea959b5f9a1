// SPDX-License-Identifier: Apache-2.0
package dev.corral.internal;

import java.lang.annotation.Native;

/**
 * Java's copy of the layout that {@code native/include/corral/control_block.h} owns and draws: offsets in bytes from an
 * arena's address, and the parts of a reference. {@code native/jni/layout_check.c} compares every constant with the C
 * struct at compile time, through the header that javac writes for this class; the version is compared again when the
 * library loads.
 */
public final class ControlBlock {
    /** Address of the next free byte in the current chunk. */
    @Native public static final int CURSOR = 0;
    /** Address one past the current chunk's last byte, or the cursor while the window is closed. */
    @Native public static final int LIMIT = 8;
    /** Address of the current chunk's first byte. */
    @Native public static final int BASE = 16;
    /** Allocations since the last reset or clear. */
    @Native public static final int COUNT = 24;
    /** What turns an address in the current chunk into a reference. */
    @Native public static final int REF_BIAS = 32;
    /** Index of the current chunk. */
    @Native public static final int CHUNK = 40;
    /** Generation of the arena, 1 to {@link #GENERATION_MAX}; 0 once it is destroyed. */
    @Native public static final int GENERATION = 44;
    /** Where {@link #MAGIC_VALUE} stands while the arena lives. */
    @Native public static final int MAGIC = 48;
    /** Status of the last call that failed (16 bits). */
    @Native public static final int STATUS = 52;
    /** Layout version (16 bits). */
    @Native public static final int VERSION = 54;
    /** Default alignment minus one. */
    @Native public static final int ALIGN_MASK = 56;
    /** Bytes of the control block. */
    @Native public static final int SIZE = 64;
    /** Behind the control block: count of resets, clears and rewinds, in C and in Java. */
    @Native public static final int TAKE_BACKS = 64;
    /** Bytes from an arena's address that Java maps. */
    @Native public static final int MAPPED = 72;

    /** The marker of a live arena. */
    @Native public static final int MAGIC_VALUE = 0xABCD4321;
    /** The layout version that this class describes. */
    @Native public static final int VERSION_VALUE = 1;

    /** Bits below the generation in a reference. */
    @Native public static final int REF_GENERATION_SHIFT = 50;
    /** Bits below the chunk index in a reference. */
    @Native public static final int REF_CHUNK_SHIFT = 30;
    /** Mask of the chunk index, once shifted down. */
    @Native public static final int REF_CHUNK_MASK = 0xFFFFF;
    /** Mask of the byte offset. */
    @Native public static final int REF_OFFSET_MASK = 0x3FFFFFFF;
    /** The largest generation. */
    @Native public static final int GENERATION_MAX = 0x3FFF;

    /** Alignment and size of the slabs in which a pool keeps its arenas' control blocks. */
    @Native public static final int SLAB_BYTES = 65536;

    private ControlBlock() {
    }
}
