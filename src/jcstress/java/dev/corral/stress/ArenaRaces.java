// SPDX-License-Identifier: Apache-2.0
package dev.corral.stress;

import dev.corral.MemoryPool;
import dev.corral.NativeArena;
import java.nio.ByteBuffer;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;
import org.openjdk.jcstress.infra.results.I_Result;

/** An arena whose owner takes it back, and others. Results: 1 done, 2 refused with an exception, 0 came too early. */
public final class ArenaRaces {
    private ArenaRaces() {
    }

    /** Another thread that calls an arena while its owner closes it: refused, before and after. */
    @JCStressTest
    @Outcome(id = {"0", "2"}, expect = Expect.ACCEPTABLE, desc = "not there yet, or refused")
    @Outcome(expect = Expect.FORBIDDEN, desc = "a block of somebody else's arena")
    @State
    public static class CloseAndCall {
        private static final MemoryPool POOL = MemoryPool.builder().retain(0).build();

        private volatile NativeArena shared;
        private volatile long ref;

        /** The owner. */
        @Actor
        public void own() {
            try (NativeArena arena = NativeArena.create(POOL)) {
                ref = arena.allocateRef(64);
                shared = arena;
                arena.putLong(ref, 0, 42);
            }
        }

        /** Another thread. */
        @Actor
        public void use(I_Result result) {
            NativeArena arena = shared;
            if (arena != null) {
                int read = Attempt.of(() -> arena.getLong(ref, 0));
                int allocated = Attempt.of(() -> arena.allocate(64));
                result.r1 = read == 2 && allocated == 2 ? 2 : 1;
            }
        }
    }

    /** Another thread that uses a view of the default kind: refused where views are checked, harmless elsewhere. */
    @JCStressTest
    @Outcome(id = {"0", "1", "2"}, expect = Expect.ACCEPTABLE, desc = "nothing crashed")
    @Outcome(expect = Expect.FORBIDDEN, desc = "bytes that nobody wrote")
    @State
    public static class ResetAndRead {
        private static final MemoryPool POOL = MemoryPool.builder().retain(0).build();

        private volatile ByteBuffer view;

        /** The owner. */
        @Actor
        public void own() {
            try (NativeArena arena = NativeArena.builder().pool(POOL).zeroed(true).build()) {
                view = arena.allocate(64);
                arena.reset();
                arena.allocate(64);
            }
        }

        /** Another thread. */
        @Actor
        public void use(I_Result result) {
            ByteBuffer seen = view;
            if (seen != null) {
                result.r1 = Attempt.of(() -> {
                    if (seen.getLong(0) != 0) {
                        throw new AssertionError("a zeroed block is not zero");
                    }
                });
            }
        }
    }

    /** Two threads that close an arena whose owner has ended: one becomes its owner, the other may find it closed. */
    @JCStressTest
    @Outcome(id = {"1, 1", "1, 2", "2, 1"}, expect = Expect.ACCEPTABLE, desc = "closed by one of them")
    @Outcome(expect = Expect.FORBIDDEN, desc = "closed by nobody")
    @State
    public static class TwoHeirs {
        private static final MemoryPool POOL = MemoryPool.create();

        private NativeArena arena;

        /** Made by a thread that has ended. */
        public TwoHeirs() {
            Thread owner = new Thread(() -> arena = NativeArena.create(POOL));
            owner.start();
            while (owner.isAlive()) {
                Thread.yield();
            }
        }

        /** One thread. */
        @Actor
        public void first(II_Result result) {
            result.r1 = Attempt.of(arena::close);
        }

        /** The other. */
        @Actor
        public void second(II_Result result) {
            result.r2 = Attempt.of(arena::close);
        }
    }

    /** A pool that is closed while its owner opens an arena: refused one way or the other, or the arena ends with it. */
    @JCStressTest
    @Outcome(id = {"1, 1", "1, 2", "2, 1"}, expect = Expect.ACCEPTABLE, desc = "one after the other")
    @Outcome(expect = Expect.FORBIDDEN, desc = "both refused")
    @State
    public static class CloseAndOpen {
        private final MemoryPool pool = MemoryPool.create();

        /** Closes the pool. */
        @Actor
        public void close(II_Result result) {
            result.r1 = Attempt.of(pool::close);
        }

        /** Opens an arena and uses it. */
        @Actor
        public void open(II_Result result) {
            result.r2 = Attempt.of(() -> {
                try (NativeArena arena = NativeArena.create(pool)) {
                    arena.allocate(64).putLong(0, 42);
                }
            });
        }
    }
}
