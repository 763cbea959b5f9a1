// SPDX-License-Identifier: Apache-2.0
package dev.corral.vectors;

import dev.corral.vectors.Things.Block;

/**
 * What a successful operation brought.
 *
 * @param block  a block or an address; null: none
 * @param isNew  the block has just been made: to be filled and watched
 * @param number a number; null: none. It counts as unsigned
 */
record Outcome(Block block, boolean isNew, Long number) {
    static final Outcome NOTHING = new Outcome(null, false, null);
    /** A number that Java cannot know. */
    static final Outcome UNKNOWN_NUMBER = new Outcome(null, false, null);

    static Outcome made(Block block) {
        return new Outcome(block, true, null);
    }

    static Outcome found(Block block) {
        return new Outcome(block, false, null);
    }

    static Outcome of(long number) {
        return new Outcome(null, false, number);
    }
}
