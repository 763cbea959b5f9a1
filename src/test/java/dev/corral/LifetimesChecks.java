// SPDX-License-Identifier: Apache-2.0
package dev.corral;

/** The native side of a {@link Lifetimes}, for tests of other packages. */
public final class LifetimesChecks {
    private LifetimesChecks() {
    }

    /** The status of C's check. */
    public static int check(Lifetimes lifetimes) {
        return lifetimes.check();
    }
}
