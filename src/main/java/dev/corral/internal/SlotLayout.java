// SPDX-License-Identifier: Apache-2.0
package dev.corral.internal;

import java.lang.annotation.Native;

/**
 * Java's copy of the layout that {@code native/structures/slot_layout.h} owns; {@code native/jni/slot_layout_check.c}
 * compares every constant at compile time.
 */
public final class SlotLayout {
    /** Bytes of a block of slots. */
    @Native public static final int BLOCK_BYTES = 65536;
    /** In a block: number of the region's entry (32 bits). */
    @Native public static final int REGION = 0;
    /** In a block: slots that handles can name (32 bits). */
    @Native public static final int CARVED = 4;
    /** In a block: the highest generation of its slots (32 bits). */
    @Native public static final int NEWEST = 12;
    /** In a block: the first slot. */
    @Native public static final int SLOTS = 64;

    /** Bytes of a slot. */
    @Native public static final int SLOT_BYTES = 24;
    /** In a slot: generation in the upper half, tag in the lower. */
    @Native public static final int STATE = 16;
    /** In a slot with {@link #LARGE}: size of the value (32 bits). */
    @Native public static final int LARGE_SIZE = 8;
    /** Tag of a value of 0 bytes; of n bytes in the slot: n more. */
    @Native public static final int EMPTY = 1;
    /** Tag of a value in a chunk. */
    @Native public static final int LARGE = 18;
    /** Tag of a slot on its region's free list. */
    @Native public static final int FREE = 19;
    /** Bytes of the largest value in a slot. */
    @Native public static final int INLINE_MAX = 16;

    /** Bits of the slot's index in a handle. */
    @Native public static final int BLOCK_SHIFT = 12;
    /** Mask of the block's number, once shifted down. */
    @Native public static final int BLOCK_MASK = 0xFFFFF;
    /** Mask of the slot's index. */
    @Native public static final int INDEX_MASK = 0xFFF;

    /** Bytes of a page of entries. */
    @Native public static final int PAGE_BYTES = 4096;
    /** Bytes of an entry. */
    @Native public static final int ENTRY_BYTES = 128;
    /** In a region's entry: the first free slot + 1 (32 bits). */
    @Native public static final int FIRST_FREE = 0;
    /** In a region's entry: its values. */
    @Native public static final int LIVE = 8;
    /** In the first entry: values of all regions. */
    @Native public static final int TOTAL_LIVE = 0;
    /** In the first entry: the most values at the same time. */
    @Native public static final int TOTAL_PEAK = 8;
    /** In a region's entry: its generation (32 bits). */
    @Native public static final int GENERATION = 16;
    /** Number of the slot pool's own region. */
    @Native public static final int OWN_REGION = 1;

    private SlotLayout() {
    }
}
