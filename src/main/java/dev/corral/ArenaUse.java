// SPDX-License-Identifier: Apache-2.0
package dev.corral;

import java.lang.ref.PhantomReference;
import java.lang.ref.WeakReference;

/** One user's {@link NativeArena} over an {@link ArenaState}, by which it is found when it was dropped. */
final class ArenaUse extends PhantomReference<NativeArena> implements Reaper.Reapable {
    private final ArenaState state;
    private final WeakReference<NativeArena> arena;

    ArenaUse(NativeArena arena, ArenaState state) {
        super(arena, Reaper.queue());
        this.arena = new WeakReference<>(arena);
        this.state = state;
    }

    /** The arena, or null when it was dropped. */
    NativeArena arena() {
        return arena.get();
    }

    @Override
    public void reap() {
        state.pool.arenas.dropped(state, this);
    }
}
