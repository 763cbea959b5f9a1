// SPDX-License-Identifier: Apache-2.0
package dev.corral.access;

import dev.corral.internal.DirectMemory;
import dev.corral.internal.ViewSession;

/**
 * What JDK 22 and 23 do without {@code --enable-native-access}, on newer ones: there, loading the library grants the
 * access, so the library's questions are asked before.
 */
public final class UseWithoutGrant {
    private UseWithoutGrant() {
    }

    /** Prints what the questions found, then as {@link UseLibrary}. */
    public static void main(String[] args) throws Exception {
        System.out.println("views=" + ViewSession.isAvailable() + " memory=" + DirectMemory.isAvailable());
        UseLibrary.main(args);
    }
}
