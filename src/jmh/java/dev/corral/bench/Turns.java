// SPDX-License-Identifier: Apache-2.0
package dev.corral.bench;

/** The oldest goes and a new one comes, in a circle: whose turn it is. */
abstract class Turns {
    private int next;

    /** The place of the oldest of so many. */
    final int turn(int live) {
        next = next + 1 == live ? 0 : next + 1;
        return next;
    }
}
