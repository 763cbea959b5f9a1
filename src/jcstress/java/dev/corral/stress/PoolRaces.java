// SPDX-License-Identifier: Apache-2.0
package dev.corral.stress;

import dev.corral.MemoryPool;
import dev.corral.NativeArena;
import java.nio.ByteBuffer;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.I_Result;
import org.openjdk.jcstress.infra.results.II_Result;

/** Threads that close, free and use what others use. Results: 1 done, 2 refused with an exception. */
public final class PoolRaces {
    private PoolRaces() {
    }

    /** Exactly one of two threads frees a block. */
    @JCStressTest
    @Outcome(id = {"1, 2", "2, 1"}, expect = Expect.ACCEPTABLE, desc = "one of them freed it")
    @Outcome(expect = Expect.FORBIDDEN, desc = "both or nobody")
    @State
    public static class TwoFrees {
        private static final MemoryPool POOL = MemoryPool.create();

        private final ByteBuffer block = POOL.allocate(32);

        /** One thread. */
        @Actor
        public void first(II_Result result) {
            result.r1 = Attempt.of(() -> POOL.free(block));
        }

        /** The other. */
        @Actor
        public void second(II_Result result) {
            result.r2 = Attempt.of(() -> POOL.free(block));
        }
    }

    /** A pool that is closed while another thread allocates from it: before, or not at all. */
    @JCStressTest
    @Outcome(id = {"1, 1", "1, 2"}, expect = Expect.ACCEPTABLE, desc = "before the close, or refused")
    @Outcome(expect = Expect.FORBIDDEN, desc = "the close was refused")
    @State
    public static class CloseAndAllocate {
        private final MemoryPool pool = MemoryPool.create();

        /** Closes. */
        @Actor
        public void close(II_Result result) {
            result.r1 = Attempt.of(pool::close);
        }

        /** Allocates, and writes to what it got: it stays mapped. */
        @Actor
        public void allocate(II_Result result) {
            result.r2 = Attempt.of(() -> pool.allocate(64).putLong(0, 42));
        }
    }

    /** A shared view that is read while its owner closes the arena: the value, or what came after it. */
    @JCStressTest
    @Outcome(id = "1", expect = Expect.ACCEPTABLE, desc = "read; nothing crashed")
    @Outcome(expect = Expect.FORBIDDEN, desc = "refused")
    @State
    public static class CloseAndRead {
        private static final MemoryPool POOL = MemoryPool.builder().retain(0).build();

        private volatile ByteBuffer view;

        /** The owner. */
        @Actor
        public void own() {
            try (NativeArena arena = NativeArena.builder().pool(POOL).sharedViews(true).build()) {
                view = arena.allocate(64);
            }
        }

        /** Another thread. */
        @Actor
        public void use(I_Result result) {
            ByteBuffer seen = view;
            result.r1 = Attempt.of(() -> {
                if (seen != null) {
                    seen.putInt(0, seen.getInt(0) + 1);
                }
            });
        }
    }

    /** A block that is freed while another thread writes to it. */
    @JCStressTest
    @Outcome(id = "1, 1", expect = Expect.ACCEPTABLE, desc = "both done; nothing crashed")
    @Outcome(expect = Expect.FORBIDDEN, desc = "refused")
    @State
    public static class FreeAndWrite {
        private static final MemoryPool POOL = MemoryPool.builder().retain(0).build();

        private final ByteBuffer block = POOL.allocate(700_000);

        /** Frees. */
        @Actor
        public void free(II_Result result) {
            result.r1 = Attempt.of(() -> POOL.free(block));
        }

        /** Writes. */
        @Actor
        public void write(II_Result result) {
            result.r2 = Attempt.of(() -> block.put(699_999, (byte) 1));
        }
    }

    /** Two threads that close one pool: both succeed, and it is closed. */
    @JCStressTest
    @Outcome(id = "1, 1", expect = Expect.ACCEPTABLE, desc = "close is idempotent")
    @Outcome(expect = Expect.FORBIDDEN, desc = "refused, or still open")
    @State
    public static class TwoCloses {
        private final MemoryPool pool = MemoryPool.create();

        /** One thread. */
        @Actor
        public void first(II_Result result) {
            result.r1 = Attempt.of(pool::close);
        }

        /** The other. */
        @Actor
        public void second(II_Result result) {
            result.r2 = Attempt.of(pool::close);
        }

        /** Afterwards. */
        @Arbiter
        public void after(II_Result result) {
            if (!pool.isClosed()) {
                result.r1 = 3;
            }
        }
    }

    /** A block that is freed while another thread closes its pool. */
    @JCStressTest
    @Outcome(id = {"1, 1", "1, 2"}, expect = Expect.ACCEPTABLE, desc = "before the close, or refused")
    @Outcome(expect = Expect.FORBIDDEN, desc = "the close was refused")
    @State
    public static class CloseAndFree {
        private final MemoryPool pool = MemoryPool.create();
        private final ByteBuffer block = pool.allocate(64);

        /** Closes. */
        @Actor
        public void close(II_Result result) {
            result.r1 = Attempt.of(pool::close);
        }

        /** Frees, then reads: the block stays mapped. */
        @Actor
        public void free(II_Result result) {
            result.r2 = Attempt.of(() -> pool.free(block));
            block.getLong(0);
        }
    }

    /** One thread trims while another allocates and frees: its bytes stay its own. */
    @JCStressTest
    @Outcome(id = "1, 1", expect = Expect.ACCEPTABLE, desc = "both done")
    @Outcome(expect = Expect.FORBIDDEN, desc = "refused, or another one's bytes")
    @State
    public static class TrimAndAllocate {
        private static final MemoryPool POOL = MemoryPool.builder().quarantine(true).build();

        /** Trims. */
        @Actor
        public void trim(II_Result result) {
            result.r1 = Attempt.of(POOL::trim);
        }

        /** Allocates. */
        @Actor
        public void allocate(II_Result result) {
            result.r2 = Attempt.of(() -> {
                ByteBuffer block = POOL.allocate(5_000);
                block.putLong(4_000, 42);
                if (block.getLong(4_000) != 42) {
                    throw new IllegalStateException("another one's bytes");
                }
                POOL.free(block);
            });
        }
    }
}
