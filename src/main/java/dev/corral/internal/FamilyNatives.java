// SPDX-License-Identifier: Apache-2.0
package dev.corral.internal;

/**
 * Native methods about children, limits and giving memory back; the rules of {@link ArenaNatives} hold.
 */
public final class FamilyNatives {
    private FamilyNatives() {
    }

    /**
     * Whether everything may be taken back now: {@link Status#OK}, or {@link Status#RELEASING} or {@link
     * Status#OBSERVING} while an action of the arena or of one below it runs.
     */
    public static native int mayEnd(long arena);

    /** Returns free chunks to the pool until at most {@code keepBytes} stay; returns the status. */
    public static native int trim(long arena, long keepBytes);
}
