// SPDX-License-Identifier: Apache-2.0
package dev.corral;

import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;

/** Hands an arena that was dropped back to whoever asks: by a finalizer, when its weak references are empty already. */
final class Phoenix {
    private static final AtomicReference<NativeArena> RISEN = new AtomicReference<>();

    private final NativeArena arena;

    private Phoenix(NativeArena arena) {
        this.arena = arena;
    }

    @Override
    @SuppressWarnings({"deprecation", "removal"})
    protected void finalize() {
        RISEN.set(arena);
    }

    /** A method of its own: its caller's frame must not keep the arena. */
    private static void drop(Supplier<NativeArena> maker) {
        new Phoenix(maker.get());
    }

    /** An arena that was unreachable but for a finalizer. One caller at a time. */
    static NativeArena arena(Supplier<NativeArena> maker) {
        drop(maker);
        Await.collected("a finalizer", () -> RISEN.get() != null, RISEN::get);
        return RISEN.getAndSet(null);
    }
}
