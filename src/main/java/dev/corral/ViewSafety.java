// SPDX-License-Identifier: Apache-2.0
package dev.corral;

/** What a view does when it is used after the memory behind it has been taken back. */
public enum ViewSafety {
    /**
     * A view belongs to the owner's thread. After a reset, rewind or close it throws IllegalStateException at its next
     * use, and so does everything that was derived from it; on another thread it throws {@code WrongThreadException}.
     * In force on JDK 22 and newer, where native access is granted, unless {@code -Dcorral.views=retained} is set.
     */
    CHECKED,
    /**
     * Any thread may use a view. A stale view may read and overwrite recycled bytes of its own pool, or read zeros, but
     * its addresses stay mapped as long as the view is reachable: it never crashes the JVM and never reads memory that
     * the process does not own.
     */
    RETAINED
}
