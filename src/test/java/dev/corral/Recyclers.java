// SPDX-License-Identifier: Apache-2.0
package dev.corral;

/** The native side of a recycler, for tests of other packages. */
public final class Recyclers {
    private Recyclers() {
    }

    /** Its address, while it is open. C has all idle arenas. */
    public static long handle(ArenaRecycler recycler) {
        recycler.state().settle();
        return recycler.state().handle;
    }

    /** The status of C's check; OK when it is closed. */
    public static int check(ArenaRecycler recycler) {
        return recycler.state().check();
    }
}
