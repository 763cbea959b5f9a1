// SPDX-License-Identifier: Apache-2.0
package dev.corral;

import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;

/** Hands what was dropped back to whoever asks: by a finalizer, when its weak references are empty already. */
final class Phoenix {
    private static final AtomicReference<Object> RISEN = new AtomicReference<>();

    private final Object dropped;

    private Phoenix(Object dropped) {
        this.dropped = dropped;
    }

    @Override
    @SuppressWarnings({"deprecation", "removal"})
    protected void finalize() {
        RISEN.set(dropped);
    }

    /** A method of its own: its caller's frame must not keep it. */
    private static void drop(Supplier<?> maker) {
        new Phoenix(maker.get());
    }

    /** An arena that was unreachable but for a finalizer. One caller at a time. */
    static NativeArena arena(Supplier<NativeArena> maker) {
        return (NativeArena) any(maker);
    }

    /** The same of a slot pool. */
    static SlotPool slots(Supplier<SlotPool> maker) {
        return (SlotPool) any(maker);
    }

    private static Object any(Supplier<?> maker) {
        drop(maker);
        Await.collected("a finalizer", () -> RISEN.get() != null, RISEN::get);
        return RISEN.getAndSet(null);
    }
}
