// SPDX-License-Identifier: Apache-2.0
package dev.corral;

/** What an arena does when a request fits in none of its chunks. */
public enum OnExhausted {
    /** Acquires a chunk, within the limits of the arena and of all arenas above it. */
    GROW,
    /** Fails: the first chunk is all that the arena ever has. */
    FAIL,
    /**
     * As {@link #GROW}; what the arena's own limit or a fixed size refuses gets a chunk of exactly its size all the
     * same, straight from the pool. Such a chunk goes back with the next reset, clear or close. Limits of arenas above
     * that do not fall back still hold, and so does the pool's.
     */
    FALL_BACK
}
