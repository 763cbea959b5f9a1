// SPDX-License-Identifier: Apache-2.0
package dev.corral.vectors;

import dev.corral.vectors.Things.Block;
import dev.corral.vectors.Things.Point;

/**
 * What a successful operation brought.
 *
 * @param block  a block or an address; null: none
 * @param isNew  the block has just been made: to be filled and watched
 * @param number a number; null: none. It counts as unsigned
 * @param point  a mark or a scope; null: none
 */
record Outcome(Block block, boolean isNew, Long number, Point point) {
    static final Outcome NOTHING = new Outcome(null, false, null, null);
    /** A number that Java cannot know. */
    static final Outcome UNKNOWN_NUMBER = new Outcome(null, false, null, null);

    static Outcome made(Block block) {
        return new Outcome(block, true, null, null);
    }

    static Outcome found(Block block) {
        return new Outcome(block, false, null, null);
    }

    static Outcome of(long number) {
        return new Outcome(null, false, number, null);
    }

    static Outcome of(Point point) {
        return new Outcome(null, false, null, point);
    }
}
