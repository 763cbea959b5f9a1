// SPDX-License-Identifier: Apache-2.0
package dev.corral;

import dev.corral.internal.ViewSession;
import java.nio.ByteBuffer;
import java.util.Arrays;

/** The views that end together: those made in one epoch of an arena, or since one mark or scope of it. */
final class ViewLevel {
    private static final ByteBuffer[] NO_ROOTS = {};

    /** The latest mark or scope when the level was made, or the frame that a stack keeps (QuickFrames); 0: none. */
    long mark;
    final int generation;
    final ViewLevel outer;
    private final ViewSession session = ViewSession.open();
    private ByteBuffer[] roots = NO_ROOTS; // by chunk

    ViewLevel(long mark, int generation, ViewLevel outer) {
        this.mark = mark;
        this.generation = generation;
        this.outer = outer;
    }

    /** The root of a chunk, or null while there is none. */
    ByteBuffer root(int chunk) {
        return chunk < roots.length ? roots[chunk] : null;
    }

    /** Makes the root of a chunk, whose memory stays mapped while {@code kept} is reachable. */
    ByteBuffer newRoot(int chunk, long base, ByteBuffer kept) {
        if (chunk >= roots.length) {
            roots = Arrays.copyOf(roots, Math.max(chunk + 1, roots.length * 2));
        }
        return roots[chunk] = session.root(base, kept.capacity(), kept);
    }

    /** Ends the views; from here on they throw. */
    void end(String arena) {
        try {
            session.close();
        } catch (IllegalStateException e) {
            throw new IllegalStateException("arena=" + arena
                    + ": an input or output operation is using a view, wait for its end first", e);
        }
    }
}
