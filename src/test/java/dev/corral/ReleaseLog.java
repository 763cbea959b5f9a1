// SPDX-License-Identifier: Apache-2.0
package dev.corral;

import java.util.ArrayList;
import java.util.List;

/** What release actions have run, in order. */
abstract class ReleaseLog {
    final List<String> log = new ArrayList<>();

    final Runnable note(String name) {
        return () -> log.add(name);
    }

    final void register(NativeArena arena, String... names) {
        for (String name : names) {
            arena.onRelease(note(name));
        }
    }

    /** What has run since the last call. */
    final String ran() {
        String names = String.join(" ", log);
        log.clear();
        return names;
    }
}
