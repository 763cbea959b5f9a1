// SPDX-License-Identifier: Apache-2.0
package dev.corral;

import dev.corral.internal.SlotNatives;
import dev.corral.internal.Status;
import java.util.Objects;
import java.util.function.LongConsumer;

/**
 * Values of a {@link SlotPool} that are removed together, by {@link #close}. They are read, replaced and removed
 * through the slot pool. Made by {@link SlotPool#newRegion}; same thread. A region that is dropped without close stays
 * until its slot pool is closed.
 */
public final class SlotRegion extends SlotValues implements AutoCloseable {
    private boolean closed;

    SlotRegion(SlotMemory memory, long region) {
        super(memory, region);
    }

    /** As {@link SlotPool#next}, among the values of this region. */
    public long next(long after) {
        memory.requireRegion(region);
        return memory.next(after, region, false);
    }

    /** As {@link SlotPool#forEach}, of the values of this region. */
    public void forEach(LongConsumer visitor) {
        Objects.requireNonNull(visitor, "visitor");
        for (long at = next(0); at != 0; at = next(at)) {
            visitor.accept(at);
        }
    }

    /**
     * Removes all values of this region at once: their handles are refused from then on. Closing again, or after the
     * slot pool, does nothing. Cost: one JNI call, O(blocks of 64 KiB), whatever the number of values.
     *
     * @throws MemoryDamageException if the slot pool's arena is in debug mode and has found damage; the region is
     * closed
     * @throws IllegalStateException if this is not the owner's thread
     */
    @Override
    public void close() {
        if (isClosed()) {
            return;
        }
        memory.requireRegion(region);
        int status = SlotNatives.destroyRegion(memory.toC(), region);
        closed = status == Status.OK || status == Status.DAMAGED; // an error from here on does not undo it
        memory.check(status, "close region");
    }

    @Override
    public boolean isClosed() {
        return closed || memory.isClosed();
    }

    /** The slot pool's name, the region's number and state. */
    @Override
    public String toString() {
        return "SlotRegion[slots=" + memory.anchor.name() + " region=" + region + (isClosed() ? " closed" : "") + "]";
    }
}
