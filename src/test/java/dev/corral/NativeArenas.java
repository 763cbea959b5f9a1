// SPDX-License-Identifier: Apache-2.0
package dev.corral;

/** Questions that need an arena. */
final class NativeArenas {
    private NativeArenas() {
    }

    /** What stale views do in this JVM by default. */
    static ViewSafety viewSafety() {
        try (NativeArena arena = NativeArena.create()) {
            return arena.viewSafety();
        }
    }
}
