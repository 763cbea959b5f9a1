// SPDX-License-Identifier: Apache-2.0
package dev.corral;

import dev.corral.internal.Failures;
import dev.corral.internal.LifetimesNatives;
import dev.corral.internal.Status;
import java.lang.ref.Reference;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;

/** Which kinds of objects live how long: the part of {@link Lifetimes} that decides and counts. */
abstract class LifetimeKinds extends LifetimesMemory {
    static final int NO_KIND = -1;
    static final Lifetime[] LIFETIMES = Lifetime.values();

    private final Map<String, Integer> kinds = new HashMap<>(); // C's may be more

    LifetimeKinds(String name, MemoryPool pool, NativeArena process, NativeArena unit) {
        super(name, pool, process, unit);
    }

    /**
     * Adds a kind to those of the policy; one that is known with this rule is not added again.
     *
     * @param kind 1 to 23 bytes of UTF-8
     * @throws IllegalArgumentException if the name is empty or too long, or has another rule
     * @throws ArenaExhaustedException  if there are 64 kinds
     */
    public void define(String kind, LifetimePolicy.Rule rule) {
        requireUsable();
        int ordinal = Objects.requireNonNull(rule, "rule").ordinal();
        boolean named = kind.indexOf('\0') < 0; // where a name ends in C
        int number = named ? LifetimesNatives.kind(handle, PoolState.utf8(kind), ordinal) : -Status.INVALID_ARGUMENT;
        if (number < 0) {
            throw Failures.kind(-number, "define: kind=" + kind + " rule=" + rule + " lifetimes=" + name);
        }
        kinds.put(kind, number);
        Reference.reachabilityFence(this);
    }

    final int number(String kind) {
        Integer number = kinds.get(kind);
        return number != null ? number : numberInC(kind);
    }

    private int numberInC(String kind) {
        boolean named = kind != null && kind.indexOf('\0') < 0; // where a name ends in C
        int number = named ? LifetimesNatives.kindNamed(handle, PoolState.utf8(kind)) : NO_KIND;
        if (number == NO_KIND) {
            throw new IllegalArgumentException("kind=" + kind + " lifetimes=" + name
                    + ": there is no such kind, add it to the policy or define it");
        }
        kinds.put(kind, number);
        return number;
    }

    /**
     * Says what is being done now, for kinds whose lifetime depends on it: {@code PROCESS} while loading what stays,
     * {@code UNIT} (at first) while working.
     *
     * @throws IllegalArgumentException if it is {@code UNKNOWN}
     */
    public void context(Lifetime context) {
        requireUsable();
        if (Objects.requireNonNull(context, "context") == Lifetime.UNKNOWN) {
            throw new IllegalArgumentException("context=" + context + " lifetimes=" + name
                    + ": what is being done now is loading, PROCESS, or working, UNIT");
        }
        int status = LifetimesNatives.setContext(handle, context.ordinal());
        if (status != Status.OK) {
            throw Failures.of(status, "context: context=" + context + " lifetimes=" + name);
        }
        Reference.reachabilityFence(this);
    }

    /** The lifetime that an object of this kind would get now. */
    public Lifetime decide(String kind) {
        requireUsable();
        Lifetime lifetime = LIFETIMES[lifetimeOf(number(kind))];
        Reference.reachabilityFence(this);
        return lifetime;
    }

    /** What objects of this kind have been allocated so far: their number, and the bytes asked for, by lifetime. */
    public Map<Lifetime, LifetimesStats.Count> counts(String kind) {
        requireUsable();
        long[] values = new long[LifetimesNatives.KIND_LONGS];
        LifetimesNatives.kindStats(handle, number(kind), values);
        Map<Lifetime, LifetimesStats.Count> counts = new EnumMap<>(Lifetime.class);
        for (Lifetime lifetime : LIFETIMES) {
            int at = 2 * lifetime.ordinal();
            counts.put(lifetime, new LifetimesStats.Count(values[at], values[at + 1]));
        }
        Reference.reachabilityFence(this);
        return counts;
    }
}
