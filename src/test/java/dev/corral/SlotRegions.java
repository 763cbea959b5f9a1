// SPDX-License-Identifier: Apache-2.0
package dev.corral;

/** What vectors look at, and the API does not show. */
public final class SlotRegions {
    private SlotRegions() {
    }

    /** C's number of a region. */
    public static long number(SlotRegion region) {
        return region.region;
    }

    /** The next value of the slot pool's own region. */
    public static long nextOfOwn(SlotPool slots, long after) {
        return slots.memory.next(after, 0, false);
    }
}
