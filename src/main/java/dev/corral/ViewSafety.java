// SPDX-License-Identifier: Apache-2.0
package dev.corral;

/** What a view does when it is used after the memory behind it has been taken back. */
public enum ViewSafety {
    /** A stale view throws at its next use. */
    CHECKED,
    /**
     * A stale view may read and overwrite recycled bytes of its own pool, or read zeros, but its addresses stay mapped
     * as long as the view is reachable: it never crashes the JVM and never reads memory that the process does not own.
     */
    RETAINED
}
