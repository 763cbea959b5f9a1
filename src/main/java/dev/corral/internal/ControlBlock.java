// SPDX-License-Identifier: Apache-2.0
package dev.corral.internal;

import java.lang.annotation.Native;
import java.nio.ByteOrder;
import java.nio.IntBuffer;

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
    /** Layout version (8 bits). */
    @Native public static final int VERSION = 54;
    /** Default alignment minus one (8 bits). */
    @Native public static final int ALIGN_MASK = 55;
    /** What C's inlined allocation compares with in place of {@link #LIMIT}; Java does not use it. */
    @Native public static final int INLINE_LIMIT = 56;
    /** Bytes of the control block. */
    @Native public static final int SIZE = 64;
    /** Behind the control block: count of resets, clears and rewinds, in C and in Java. */
    @Native public static final int TAKE_BACKS = 64;
    /** Bytes used in chunks other than the current one. */
    @Native public static final int USED_ELSEWHERE = 72;
    /** Number of the next mark. */
    @Native public static final int NEXT_MARK = 80;
    /** The largest use so far, in bytes, but for what lies in the current chunk. */
    @Native public static final int PEAK_USED = 88;
    /** Address of the stack of marks. */
    @Native public static final int MARKS = 96;
    /** Chunks that hold blocks, and behind them the first index that may be free (32 bits each). */
    @Native public static final int ENTERED = 104;
    /** Valid marks (32 bits). */
    @Native public static final int MARK_COUNT = 112;
    /** Not 0 when a rewind is more than a move of the cursor (32 bits). */
    @Native public static final int TIED = 116;
    /** The first marks, while the stack has not moved. */
    @Native public static final int INLINE_MARKS = 120;
    /** How many these are. */
    @Native public static final int INLINE_MARKS_ROOM = 6;
    /** Not 0 when there was more than blocks, marks and scopes in the first chunk since it was new (32 bits). */
    @Native public static final int EVENTFUL = 360;
    /** Bytes of chunks. */
    @Native public static final int ALLOCATED = 368;
    /** Bytes from an arena's address that Java maps. */
    @Native public static final int MAPPED = 376;

    /** Bytes of one mark. */
    @Native public static final int MARK_BYTES = 40;
    /** In a mark: its id, which is its number and its depth. */
    @Native public static final int MARK_ID = 0;
    /** In a mark: the count of blocks. */
    @Native public static final int MARK_BLOCKS = 8;
    /** In a mark: {@link #USED_ELSEWHERE}. */
    @Native public static final int MARK_USED_ELSEWHERE = 16;
    /** In a mark: the current chunk (32 bits). */
    @Native public static final int MARK_CHUNK = 24;
    /** In a mark: offset of the cursor in the chunk (32 bits). */
    @Native public static final int MARK_OFFSET = 28;
    /** In a mark: {@link #ENTERED}, both. */
    @Native public static final int MARK_ENTERED = 32;
    /** Bits below the number in an id. */
    @Native public static final int MARK_DEPTH_BITS = 20;

    /** The marker of a live arena. */
    @Native public static final int MAGIC_VALUE = 0xABCD4321;
    /** The layout version that this class describes. */
    @Native public static final int VERSION_VALUE = 4;

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
    /** Bytes from one control block of a slab to the next. */
    @Native public static final int SLOT_BYTES = 1024;

    private ControlBlock() {
    }

    /** The default alignment minus one of the arena whose control block this is a view of. */
    public static int alignMask(IntBuffer block) {
        int bits = block.get(ALIGN_MASK / Integer.BYTES); // its byte is the last of four
        return block.order() == ByteOrder.LITTLE_ENDIAN ? bits >>> 3 * Byte.SIZE : bits & 0xFF;
    }
}
