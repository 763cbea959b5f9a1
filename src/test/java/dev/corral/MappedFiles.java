// SPDX-License-Identifier: Apache-2.0
package dev.corral;

import java.nio.file.Path;

/** A list in a file: a node is [next | value], and the values are first, first + 1, ... */
final class MappedFiles {
    private MappedFiles() {
    }

    /** Adds a list to an arena; returns its first node. */
    static long addList(NativeArena arena, long first, int count) {
        long head = 0;
        for (int i = count - 1; i >= 0; i--) {
            long node = arena.allocateRef(16);
            arena.putLong(node, 0, head);
            arena.putLong(node, 8, first + i);
            head = node;
        }
        return head;
    }

    static void seal(Path file, long first, int count) {
        try (MappedArena.Builder builder = MappedArena.builder(file)) {
            builder.root(addList(builder.arena(), first, count)).tag(first).seal();
        }
    }

    /** How many nodes hold first, first + 1, ...; fails at the first that does not. */
    static int length(MappedArena mapped, long first) {
        int length = 0;
        for (long at = mapped.root(); at != 0; at = mapped.getLong(at, 0)) {
            if (mapped.getLong(at, 8) != first + length) {
                throw new AssertionError("node " + length + " holds " + mapped.getLong(at, 8));
            }
            length++;
        }
        return length;
    }
}
