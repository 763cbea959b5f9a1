// SPDX-License-Identifier: Apache-2.0
package dev.corral;

/**
 * What a {@link ObjectPool} holds: counts, and bytes where the name says so.
 *
 * @param objectSize bytes of an object, rounded up to its alignment
 * @param live       objects that are acquired
 * @param peakLive   the most so far; a clear keeps it
 * @param capacity   objects that the blocks have room for
 * @param blocks     blocks
 * @param allocated  bytes of the chunks that the blocks lie in
 * @param acquired   objects handed out so far
 * @param released   objects taken back so far, by {@link ObjectPool#clear} as well: {@code acquired - live}
 * @param books      bytes of the memory pool for what is known of the objects, about one for each
 */
public record ObjectPoolStats(long objectSize, long live, long peakLive, long capacity, long blocks, long allocated,
        long acquired, long released, long books) {
    /** Length of the array that {@link #of} takes. */
    static final int NATIVE_LONGS = 9;

    /** From the C struct {@code ObjectPoolStats}, field by field. */
    static ObjectPoolStats of(long[] values) {
        return new ObjectPoolStats(values[0], values[1], values[2], values[3], values[4], values[5], values[6],
                values[7], values[8]);
    }

    /** One line. */
    @Override
    public String toString() {
        return "objectSize=" + objectSize + " live=" + live + " peakLive=" + peakLive + " capacity=" + capacity
                + " blocks=" + blocks + " allocated=" + allocated + " acquired=" + acquired + " released=" + released
                + " books=" + books;
    }
}
