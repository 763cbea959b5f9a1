// SPDX-License-Identifier: Apache-2.0
package dev.corral;

/**
 * What has been allocated for how long when {@link Lifetimes#stats()} was called.
 *
 * @param process          in the process arena; bytes are used ones, rounding included
 * @param unit             in the unit arena, of all units so far; likewise
 * @param unknown          blocks of unknown lifetime that were handed out, and the bytes asked for; not what {@link
 *                         Lifetimes#pool()} gives directly
 * @param freed            how many blocks {@link Lifetimes#free} has taken back, also of that pool directly
 * @param processAllocated bytes of the chunks of the process arena
 * @param unitAllocated    bytes of the chunks of the unit arena
 * @param units            units that have ended
 * @param lastUnit         peak use of the last one that has ended, in bytes
 * @param peakUnit         the largest of them, and of the present one
 * @param strings          interned strings, all different
 * @param found            times that a string was interned already
 * @param kinds            kinds of objects
 */
public record LifetimesStats(Count process, Count unit, Count unknown, long freed, long processAllocated,
                             long unitAllocated, long units, long lastUnit, long peakUnit, long strings, long found,
                             long kinds) {
    /**
     * How many blocks, and how large.
     *
     * @param allocations number of blocks
     * @param bytes       their size
     */
    public record Count(long allocations, long bytes) {
        /** Both values. */
        @Override
        public String toString() {
            return allocations + "/" + bytes;
        }
    }

    static LifetimesStats of(long[] v) {
        return new LifetimesStats(new Count(v[0], v[1]), new Count(v[2], v[3]), new Count(v[4], v[5]), v[6], v[7],
                v[8], v[9], v[10], v[11], v[12], v[13], v[14]);
    }

    /** All values in one line; of blocks their number and their bytes. */
    @Override
    public String toString() {
        return "process=" + process + " unit=" + unit + " unknown=" + unknown + " freed=" + freed
                + " processAllocated=" + processAllocated + " unitAllocated=" + unitAllocated + " units=" + units
                + " lastUnit=" + lastUnit + " peakUnit=" + peakUnit + " strings=" + strings + " found=" + found
                + " kinds=" + kinds;
    }
}
