// SPDX-License-Identifier: Apache-2.0
package dev.corral;

import dev.corral.internal.SlotNatives;
import java.lang.ref.Reference;
import java.util.Objects;

/**
 * Many small values outside the heap, each behind a handle that is checked at every use. A value of up to 16 bytes lies
 * in its slot of 24 bytes; a larger one lies in a chunk of memory from blocks of 64 KiB, which a value of similar size
 * uses again after it.
 *
 * <table>
 * <caption>Properties</caption>
 * <tr><th>threads</th><td>one owner, the thread that created the slot pool; any other gets an exception</td></tr>
 * <tr><th>lifetime</th><td>a value lives until {@link #remove}, or the close of its {@link SlotRegion}, of the slot
 * pool, or of the parent or pool below it</td></tr>
 * <tr><th>handles</th><td>64-bit numbers, 0 is none; refused from the removal on, for ever. Valid in this slot pool
 * only: another one may take them for its own</td></tr>
 * <tr><th>cost</th><td>values of up to 16 bytes: no JNI call (but for each 64 slots that are used for the first time)
 * and no garbage; larger ones: one JNI call</td></tr>
 * </table>
 *
 * {@snippet :
 * try (SlotPool slots = SlotPool.create(); SlotRegion request = slots.newRegion()) {
 *     long answer = slots.putInt(42);
 *     long name = request.putUtf8("Zürich");
 *     slots.setInt(answer, slots.getInt(answer) + 1);
 *     slots.remove(answer);
 * }
 * }
 *
 * <p>A slot pool that becomes unreachable without close is reported and freed as an arena is.
 */
public final class SlotPool extends SlotAccess implements AutoCloseable {
    private SlotPool(SlotMemory memory) {
        super(memory);
    }

    /** A slot pool in the {@linkplain MemoryPool#shared() shared pool}; as {@code builder().build()}. */
    public static SlotPool create() {
        return builder().build();
    }

    /** A slot pool in {@code pool}, with which it is closed at the latest. */
    public static SlotPool create(MemoryPool pool) {
        return builder().pool(pool).build();
    }

    /** Starts a configured slot pool. */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * A new region. Cost: a JNI call.
     *
     * @throws ArenaExhaustedException if the pool has no memory
     * @throws IllegalStateException   if the slot pool is closed, or this is not its owner's thread
     */
    public SlotRegion newRegion() {
        memory.requireUsable();
        long created = SlotNatives.createRegion(memory.toC());
        if (created == 0 && MemoryPressure.mayEase(SlotNatives.lastStatus(memory.handle), memory.anchor.pool)) {
            MemoryPressure.relieve();
            created = SlotNatives.createRegion(memory.toC());
        }
        if (created == 0) {
            memory.check(SlotNatives.lastStatus(memory.handle), "newRegion");
        }
        Reference.reachabilityFence(this);
        return new SlotRegion(memory, created);
    }

    /**
     * What the slot pool holds now. Cost: O(regions), a JNI call.
     *
     * @throws IllegalStateException if the slot pool is closed, or this is not its owner's thread
     */
    public SlotPoolStats stats() {
        memory.requireUsable();
        long[] values = new long[SlotPoolStats.NATIVE_LONGS];
        memory.check(SlotNatives.stats(memory.toC(), values), "stats");
        return SlotPoolStats.of(values);
    }

    /**
     * The address of the C {@code SlotPool}, for native code that uses the same values on the owner's thread. Keep this
     * object reachable meanwhile.
     *
     * @throws IllegalStateException if the slot pool is closed, or this is not its owner's thread
     */
    public long nativeHandle() {
        memory.requireUsable();
        memory.anchor.showToC();
        return memory.toC();
    }

    /**
     * Removes all values and gives all memory back to the pool. Closing again does nothing. Cost: O(blocks).
     *
     * @throws MemoryDamageException if the parent is in debug mode and damage was found; the slot pool is closed
     * @throws IllegalStateException if this is not the owner's thread
     */
    @Override
    public void close() {
        memory.anchor.close();
    }

    @Override
    public boolean isClosed() {
        return memory.isClosed();
    }

    /** The name given to the builder; {@code slots} by default. */
    public String name() {
        return memory.anchor.name();
    }

    /** The pool that the memory comes from. */
    public MemoryPool pool() {
        return memory.anchor.pool();
    }

    /** Name and state; callable from any thread. */
    @Override
    public String toString() {
        return "SlotPool[name=" + name() + " pool=" + pool().name() + (isClosed() ? " closed" : "") + "]";
    }

    /** Configuration of a slot pool. Not thread-safe. */
    public static final class Builder {
        private static final int ANCHOR_BYTES = 64;

        private final NativeArena.Builder anchor = NativeArena.builder().name("slots").initialChunkSize(ANCHOR_BYTES)
                .maxChunkSize(ANCHOR_BYTES);

        private Builder() {
        }

        /** Pool that the memory comes from; the shared pool by default. */
        public Builder pool(MemoryPool newPool) {
            anchor.pool(newPool);
            return this;
        }

        /** The slot pool is closed with this arena: by its reset, clear or close. The pool is the parent's. */
        public Builder parent(NativeArena newParent) {
            anchor.parent(newParent);
            return this;
        }

        /**
         * Bytes of the blocks in which values of more than 16 bytes lie, of all regions together; no limit by default.
         * A region's first block has 64 KiB, or what the limit leaves. Slots do not count.
         *
         * @throws IllegalArgumentException if not positive
         */
        public Builder limit(long bytes) {
            if (bytes <= 0) {
                throw new IllegalArgumentException("limit=" + bytes + ": pass a positive number of bytes");
            }
            anchor.limit(Math.min(bytes, Long.MAX_VALUE - ANCHOR_BYTES) + ANCHOR_BYTES);
            return this;
        }

        /** Name for reports. */
        public Builder name(String newName) {
            anchor.name(Objects.requireNonNull(newName, "name"));
            return this;
        }

        /**
         * Creates the slot pool; the calling thread becomes its owner.
         *
         * @throws IllegalArgumentException if pool and parent contradict each other
         * @throws ArenaExhaustedException  if the pool has no memory
         * @throws IllegalStateException    if the pool or parent is closed
         */
        public SlotPool build() {
            NativeArena arena = anchor.build();
            try {
                return new SlotPool(new SlotMemory(arena));
            } catch (RuntimeException | Error e) {
                arena.close();
                throw e;
            }
        }
    }
}
