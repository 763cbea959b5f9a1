// SPDX-License-Identifier: Apache-2.0
package dev.corral;

/**
 * What a {@link SlotPool} holds, all regions together; {@code live = inlineLive + largeLive}.
 *
 * @param live       values
 * @param peak       the most values at the same time so far
 * @param inlineLive values in their slots
 * @param largeLive  values in chunks
 * @param largeBytes sum of the sizes of large values
 * @param chunkBytes sum of the capacities of their chunks
 * @param freeBytes  sum of the capacities of free chunks
 * @param largePuts  chunks asked for so far, by puts and updates
 * @param reused     of these: served from a free list
 * @param arenaBytes capacity of the blocks that chunks are cut from
 * @param slotBlocks blocks of 64 KiB with slots
 * @param freeBlocks of these: in no region
 * @param regions    besides the slot pool's own
 */
public record SlotPoolStats(long live, long peak, long inlineLive, long largeLive, long largeBytes, long chunkBytes,
        long freeBytes, long largePuts, long reused, long arenaBytes, long slotBlocks, long freeBlocks, long regions) {
    static final int NATIVE_LONGS = 13;

    static SlotPoolStats of(long[] values) {
        return new SlotPoolStats(values[0], values[1], values[2], values[3], values[4], values[5], values[6], values[7],
                values[8], values[9], values[10], values[11], values[12]);
    }

    /** Which part of the chunks asked for was served from a free list: 0 to 1; 0 when none was asked for. */
    public double reuseRate() {
        return largePuts == 0 ? 0 : (double) reused / largePuts;
    }

    /** The fields as {@code name=value} pairs. */
    @Override
    public String toString() {
        return "live=" + live + " peak=" + peak + " inlineLive=" + inlineLive + " largeLive=" + largeLive
                + " largeBytes=" + largeBytes + " chunkBytes=" + chunkBytes + " freeBytes=" + freeBytes + " largePuts="
                + largePuts + " reused=" + reused + " arenaBytes=" + arenaBytes + " slotBlocks=" + slotBlocks
                + " freeBlocks=" + freeBlocks + " regions=" + regions;
    }
}
