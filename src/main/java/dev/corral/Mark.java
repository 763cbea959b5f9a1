// SPDX-License-Identifier: Apache-2.0
package dev.corral;

/**
 * A point to which {@link NativeArena#rewind} takes an arena back, any number of times. It is stale after a reset or
 * clear, and after a rewind to an earlier mark; a stale one is always refused. Immutable.
 */
public final class Mark {
    final ArenaEpochs arena;
    final long id;

    Mark(ArenaEpochs arena, long id) {
        this.arena = arena;
        this.id = id;
    }

    /** The arena that it belongs to. */
    @Override
    public String toString() {
        return "Mark[arena=" + arena.name + "]";
    }
}
