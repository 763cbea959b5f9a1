// SPDX-License-Identifier: Apache-2.0
package dev.corral;

import dev.corral.internal.Failures;
import dev.corral.internal.LifetimesNatives;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Objects;

/**
 * One place to allocate from, by how long an object lives. It owns a process arena, a unit arena and a pool.
 *
 * <table>
 * <caption>Lifetimes</caption>
 * <tr><th>lifetime</th><th>lies in</th><th>ends</th></tr>
 * <tr><td>{@link Lifetime#PROCESS}</td><td>the process arena</td><td>with {@link #close}: constants, names</td></tr>
 * <tr><td>{@link Lifetime#UNIT}</td><td>the unit arena</td><td>with {@link #endUnit}: temporaries of one compilation or
 * request</td></tr>
 * <tr><td>{@link Lifetime#UNKNOWN}</td><td>the pool</td><td>with {@link #free}, at the latest with close</td></tr>
 * </table>
 *
 * <p>A {@link LifetimePolicy} decides by the kind of an object: is its lifetime known? If not, it goes to the pool. If
 * it is, and the same in every context, to the arena of that lifetime; else to that of the present {@link #context}.
 *
 * {@snippet :
 * try (Lifetimes lifetimes = Lifetimes.builder().policy(policy).build()) {
 *     long print = lifetimes.intern("print");        // the same reference each time
 *     for (String source : sources) {
 *         ByteBuffer token = lifetimes.allocate("token", 24);
 *         long node = lifetimes.unit().allocateRef(32);
 *         lifetimes.endUnit();                       // tokens and nodes are gone
 *     }
 *     System.out.print(lifetimes.report());
 * }
 * }
 *
 * <p>One thread owns it: the one that created it. Views and references end as those of every arena do: what is used
 * after {@code endUnit} is refused as {@link NativeArena#viewSafety} says.
 */
public final class Lifetimes extends LifetimeKinds implements AutoCloseable {
    private final Runnable noteUnit = this::noteUnit;

    private Lifetimes(String name, MemoryPool pool, NativeArena process, NativeArena unit) {
        super(name, pool, process, unit);
    }

    private static Lifetimes open(Builder config) {
        MemoryPool pool = config.pool.build();
        boolean done = false;
        try {
            NativeArena process = NativeArena.builder().as(config.process).name("process").pool(pool).build();
            NativeArena unit = NativeArena.builder().as(config.unit).name("unit").pool(pool).build();
            Lifetimes made = new Lifetimes(config.name, pool, process, unit);
            config.policy.rules().forEach(made::define);
            done = true;
            return made;
        } finally {
            if (!done) {
                pool.close();
            }
        }
    }

    /** One with the defaults and without kinds. */
    public static Lifetimes create() {
        return builder().build();
    }

    /** Starts a configured one. */
    public static Builder builder() {
        return new Builder();
    }

    // --- objects

    /**
     * Allocates a block that lives so long.
     *
     * @param size size (in bytes)
     * @return as {@link NativeArena#allocate(int)}, or for {@code UNKNOWN} as {@link MemoryPool#allocate}
     * @throws IllegalArgumentException if {@code size} is negative or too large
     * @throws ArenaExhaustedException  if a limit is reached or the system has no memory
     * @throws IllegalStateException    if this is closed, or this is not the owner's thread, before JDK 19 (later:
     *                                  {@code WrongThreadException})
     */
    public ByteBuffer allocate(Lifetime lifetime, int size) {
        requireUsable();
        return allocate(Objects.requireNonNull(lifetime, "lifetime"), NO_KIND, size);
    }

    /**
     * Allocates a block for an object of this kind, where the policy says, and counts it.
     *
     * @throws IllegalArgumentException also if there is no such kind
     */
    public ByteBuffer allocate(String kind, int size) {
        requireUsable();
        int number = number(kind);
        return allocate(LIFETIMES[lifetimeOf(number)], number, size);
    }

    private ByteBuffer allocate(Lifetime lifetime, int kind, int size) {
        ByteBuffer block = switch (lifetime) {
            case PROCESS -> process.allocate(size);
            case UNIT -> unit.allocate(size);
            case UNKNOWN -> pool.allocate(size);
        };
        count(lifetime.ordinal(), kind, size);
        Reference.reachabilityFence(this);
        return block;
    }

    /**
     * Frees a block of unknown lifetime.
     *
     * @param block the very buffer that was returned for it
     * @throws IllegalArgumentException if it is none, as a view of one of the arenas, or has been freed already
     * @throws IllegalStateException    as {@link #allocate(Lifetime, int)}
     */
    public void free(ByteBuffer block) {
        requireUsable();
        pool.free(block);
        countFreed();
        Reference.reachabilityFence(this);
    }

    /**
     * Ends a unit of work: all blocks of the unit arena are taken back, as by {@link NativeArena#reset}, and the peak
     * of its use is noted. Cost: O(1).
     *
     * @throws IllegalStateException as {@link NativeArena#reset}; the unit goes on then
     */
    public void endUnit() {
        requireUsable();
        long before = unit.takeBacks();
        try {
            unit.resetNoting(noteUnit);
        } finally {
            if (!unit.isClosed() && unit.takeBacks() != before) { // actions that throw do so after the reset
                unitEnded();
            }
            Reference.reachabilityFence(this);
        }
    }

    // --- strings

    /**
     * The one copy of a text in the process arena, as UTF-8 with a NUL behind it: equal texts have the same reference,
     * until somebody takes back blocks of the process arena. A surrogate without its partner becomes {@code ?}. Cost:
     * O(length); no JNI call and no garbage for a {@code String} of up to 128 characters that was interned lately, of
     * which the last 2,000 or so are known in Java.
     *
     * @return a reference of {@link #process()}
     * @throws ArenaExhaustedException if there is no memory
     * @throws IllegalStateException   as {@link #allocate(Lifetime, int)}
     */
    public long intern(CharSequence text) {
        requireUsable();
        long ref = text instanceof String string ? knownRef(string) : 0;
        return ref != 0 ? ref : internInC(text);
    }

    private long internInC(CharSequence text) {
        byte[] bytes = text.toString().getBytes(StandardCharsets.UTF_8);
        long ref = LifetimesNatives.intern(handle, bytes);
        if (Failures.isStatus(ref) && MemoryPressure.mayEase((int) -ref, pool.state())) {
            MemoryPressure.relieve();
            ref = LifetimesNatives.intern(handle, bytes);
        }
        if (Failures.isStatus(ref)) {
            throw Failures.of((int) -ref, "intern: bytes=" + bytes.length + " lifetimes=" + name);
        }
        if (text instanceof String string) {
            know(string, ref);
        }
        Reference.reachabilityFence(this);
        return ref;
    }

    /**
     * An interned text, up to its first NUL.
     *
     * @throws IllegalStateException if the reference is null or stale
     */
    public String text(long ref) {
        requireUsable();
        int length = 0;
        while (process.getByte(ref, length) != 0) {
            length++;
        }
        byte[] bytes = new byte[length];
        process.copyOut(ref, 0, bytes, 0, length);
        return new String(bytes, StandardCharsets.UTF_8);
    }

    // --- parts and report

    /** The process arena. Do not close it; taking back its blocks ends what was interned. */
    public NativeArena process() {
        return process;
    }

    /** The unit arena. Do not close it; {@link #endUnit} resets it. */
    public NativeArena unit() {
        return unit;
    }

    /** The pool of both arenas and of the blocks of unknown lifetime. */
    public MemoryPool pool() {
        return pool;
    }

    /** What has been allocated for how long. */
    public LifetimesStats stats() {
        requireUsable();
        long[] values = new long[LifetimesNatives.STATS_LONGS];
        LifetimesNatives.stats(handle, values);
        Reference.reachabilityFence(this);
        return LifetimesStats.of(values);
    }

    /** The same with the counts of every kind, as C prints it: a table of at most 80 columns. */
    public String report() {
        requireUsable();
        byte[] table = new byte[LifetimesNatives.TABLE_MAX];
        int length = LifetimesNatives.text(handle, table);
        Reference.reachabilityFence(this);
        return new String(table, 0, length, StandardCharsets.UTF_8);
    }

    /** The status of C's own check, for tests. */
    int check() {
        requireUsable();
        return LifetimesNatives.check(handle);
    }

    /** Whether {@link #close} has been called. */
    public boolean isClosed() {
        return pool.isClosed();
    }

    /**
     * Frees everything of every lifetime, as {@link MemoryPool#close} does. Closing again does nothing.
     *
     * @throws IllegalStateException if this is not the owner's thread and the owner lives, or a release action is
     *                               running; nothing changed then
     */
    @Override
    public void close() {
        pool.close();
    }

    /** Name and state. */
    @Override
    public String toString() {
        return "Lifetimes[name=" + name + (isClosed() ? " closed" : "") + "]";
    }

    /** Configuration. Not thread-safe. */
    public static final class Builder {
        private String name = "lifetimes";
        private LifetimePolicy policy = LifetimePolicy.NONE;
        private MemoryPool.Builder pool = MemoryPool.builder().name("lifetimes");
        private NativeArena.Builder process = NativeArena.builder();
        private NativeArena.Builder unit = NativeArena.builder();

        private Builder() {
        }

        /** Name for the report; the first 31 UTF-8 bytes are shown. */
        public Builder name(String newName) {
            this.name = Objects.requireNonNull(newName, "name");
            return this;
        }

        /** Kinds of objects and their lifetimes; none by default. */
        public Builder policy(LifetimePolicy newPolicy) {
            this.policy = Objects.requireNonNull(newPolicy, "policy");
            return this;
        }

        /** Configuration of the pool: its limit, or where its memory comes from. */
        public Builder pool(MemoryPool.Builder config) {
            this.pool = Objects.requireNonNull(config, "config");
            return this;
        }

        /** Configuration of the process arena, but for its name and its pool. */
        public Builder process(NativeArena.Builder config) {
            this.process = Objects.requireNonNull(config, "config");
            return this;
        }

        /** Configuration of the unit arena, but for its name and its pool. */
        public Builder unit(NativeArena.Builder config) {
            this.unit = Objects.requireNonNull(config, "config");
            return this;
        }

        /**
         * Creates it; the calling thread becomes the owner.
         *
         * @throws IllegalArgumentException if a configuration or a kind of the policy is refused
         * @throws ArenaExhaustedException  if there is no memory
         */
        public Lifetimes build() {
            return open(this);
        }
    }
}
