// SPDX-License-Identifier: Apache-2.0
package dev.corral;

import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What an arena held when {@link NativeArena#stats()} was called. Always {@code allocated == used + waste}.
 *
 * @param allocated bytes of all chunks
 * @param used bytes of all blocks with their rounding, and of alignment gaps
 * @param waste bytes that are allocated but not used: free space, and tails that were left behind
 * @param chunks number of chunks
 * @param count allocations since the last reset or clear
 * @param peakUsed the largest {@code used} so far; it survives reset and clear
 * @param peakAllocated the largest {@code allocated} so far
 * @param resets number of resets and clears so far
 * @param limit bytes that its chunks and those of the arenas below may have together; -1: no limit
 * @param fellBack bytes of {@code allocated} that count against no limit of this arena
 * @param children number of arenas below this one: its children, their children, and so on
 * @param childrenAllocated bytes of the chunks of those; {@code allocated} does not contain them
 * @param growth chunks acquired so far, by size: the key is the power of two at or below the chunk's size in
 *               bytes
 */
public record ArenaStats(long allocated, long used, long waste, int chunks, long count, long peakUsed,
        long peakAllocated, long resets, long limit, long fellBack, long children, long childrenAllocated,
        SortedMap<Long, Long> growth) {
    /** Number of scalar values before the growth bins in the native struct. */
    private static final int SCALARS = 12;
    /** Number of growth bins in the native struct. */
    private static final int BINS = 31;
    /** Longs that the native struct fills. */
    static final int NATIVE_LONGS = SCALARS + BINS;

    /** Keeps an unmodifiable copy of {@code growth}. */
    public ArenaStats {
        growth = Collections.unmodifiableSortedMap(new TreeMap<>(growth));
    }

    /** Of the longs that the native struct fills, the number of chunks. */
    static long chunks(long[] values) {
        return values[3];
    }

    static ArenaStats of(long[] values) {
        SortedMap<Long, Long> growth = new TreeMap<>();
        for (int bin = 0; bin < BINS; bin++) {
            if (values[SCALARS + bin] != 0) {
                growth.put(1L << bin, values[SCALARS + bin]);
            }
        }
        return new ArenaStats(values[0], values[1], values[2], (int) chunks(values), values[4], values[5], values[6],
                values[7], values[8], values[9], values[10], values[11], growth);
    }

    /** All values in one line. */
    @Override
    public String toString() {
        return "allocated=" + allocated + " used=" + used + " waste=" + waste + " chunks=" + chunks + " count=" + count
                + " peakUsed=" + peakUsed + " peakAllocated=" + peakAllocated + " resets=" + resets
                + (limit == -1 ? "" : " limit=" + limit) + (fellBack == 0 ? "" : " fellBack=" + fellBack)
                + (children == 0 ? "" : " children=" + children + " childrenAllocated=" + childrenAllocated)
                + " growth=" + growth;
    }
}
