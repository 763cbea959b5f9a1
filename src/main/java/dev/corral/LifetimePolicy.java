// SPDX-License-Identifier: Apache-2.0
package dev.corral;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/**
 * Which kinds of objects live how long, so that who allocates need not decide. Immutable.
 *
 * {@snippet :
 * LifetimePolicy policy = LifetimePolicy.builder()
 *         .known("symbol", Lifetime.PROCESS)
 *         .known("token", Lifetime.UNIT)
 *         .byContext("node")       // a builtin while loading, else a temporary
 *         .unknown("cache entry")
 *         .build();
 * }
 */
public final class LifetimePolicy {
    /** How the lifetime of a kind is found. */
    public enum Rule {
        /** Known: {@link Lifetime#PROCESS}. */
        PROCESS,
        /** Known: {@link Lifetime#UNIT}. */
        UNIT,
        /** Not known: {@link Lifetime#UNKNOWN}. */
        UNKNOWN,
        /** Known, and what it is depends on what is being done: see {@link Lifetimes#context}. */
        BY_CONTEXT
    }

    /** A policy without kinds. */
    public static final LifetimePolicy NONE = builder().build();

    private final Map<String, Rule> rules;

    private LifetimePolicy(Map<String, Rule> rules) {
        this.rules = Collections.unmodifiableMap(new LinkedHashMap<>(rules));
    }

    /** Starts a policy. */
    public static Builder builder() {
        return new Builder();
    }

    /** The rules by kind, in the order in which they were given. */
    public Map<String, Rule> rules() {
        return rules;
    }

    /** The rules. */
    @Override
    public String toString() {
        return "LifetimePolicy" + rules;
    }

    /** Collects rules. Not thread-safe. A later rule for a kind replaces an earlier one. */
    public static final class Builder {
        private final Map<String, Rule> rules = new LinkedHashMap<>();

        private Builder() {
        }

        /** The lifetime of the kind is known, and always the same. */
        public Builder known(String kind, Lifetime lifetime) {
            return rule(kind, switch (Objects.requireNonNull(lifetime, "lifetime")) {
                case PROCESS -> Rule.PROCESS;
                case UNIT -> Rule.UNIT;
                case UNKNOWN -> Rule.UNKNOWN;
            });
        }

        /** The lifetime of the kind is known from what is being done. */
        public Builder byContext(String kind) {
            return rule(kind, Rule.BY_CONTEXT);
        }

        /** Nobody knows: objects of the kind are freed one by one. */
        public Builder unknown(String kind) {
            return rule(kind, Rule.UNKNOWN);
        }

        private Builder rule(String kind, Rule rule) {
            rules.put(Objects.requireNonNull(kind, "kind"), rule);
            return this;
        }

        /** Makes the policy. */
        public LifetimePolicy build() {
            return new LifetimePolicy(rules);
        }
    }
}
