// SPDX-License-Identifier: Apache-2.0
package dev.corral;

/**
 * A request could not be served: a limit is reached, a fixed arena is full, or the system has no memory. Nothing has
 * changed; the arena or pool stays usable.
 */
public class ArenaExhaustedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** Creates one with a message of {@code name=value} pairs. */
    public ArenaExhaustedException(String message) {
        super(message);
    }
}
