// SPDX-License-Identifier: Apache-2.0
package dev.corral;

import java.nio.file.Path;

/** Opens, reads and closes one sealed file so often as the argument says. */
public final class OpensManyFiles {
    private OpensManyFiles() {
    }

    /** Arguments: the file, in which there is nothing yet, and a number. */
    public static void main(String[] args) {
        Path file = Path.of(args[0]);
        try (MappedArena.Builder builder = MappedArena.builder(file)) {
            long ref = builder.arena().allocateRef(Long.BYTES);
            builder.arena().putLong(ref, 0, 7);
            builder.root(ref).seal();
        }
        MemoryPressure.relieve(); // its classes cannot be loaded from a directory once no file can be opened
        long sum = 0;
        for (int i = 0; i < Integer.parseInt(args[1]); i++) {
            try (MappedArena mapped = MappedArena.open(file)) {
                sum += mapped.getLong(mapped.root(), 0);
            }
        }
        System.out.println("sum=" + sum);
    }
}
