// SPDX-License-Identifier: Apache-2.0
package dev.corral;

import java.io.IOException;
import java.nio.file.Path;

/** Opens a file, reads all its pages, says so and waits for the end of its input. */
public final class ReadsShared {
    static final int BLOCK = 1 << 20;

    private ReadsShared() {
    }

    /** A chain of blocks, in which each page begins with a 7 or, the first, with the reference of the next. */
    static void seal(Path file, int blocks) {
        try (MappedArena.Builder builder = MappedArena.builder(file)) {
            long head = 0;
            for (int i = 0; i < blocks; i++) {
                long block = builder.arena().allocateRef(BLOCK);
                for (int at = 4096; at < BLOCK; at += 4096) {
                    builder.arena().putLong(block, at, 7);
                }
                builder.arena().putLong(block, 0, head);
                head = block;
            }
            builder.root(head).seal();
        }
    }

    static Process start(Path file, MappedMode mode) throws IOException {
        return new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-cp",
                ChildJvm.locationOf(Corral.class) + java.io.File.pathSeparator
                + ChildJvm.locationOf(ReadsShared.class), ReadsShared.class.getName(), file.toString(), mode.name())
                .redirectError(ProcessBuilder.Redirect.DISCARD).start();
    }

    /** Arguments: the file, and the mode. */
    public static void main(String[] args) throws IOException {
        try (MappedArena mapped = MappedArena.open(Path.of(args[0]), MappedMode.valueOf(args[1]))) {
            long sum = 0;
            for (long block = mapped.root(); block != 0; block = mapped.getLong(block, 0)) {
                for (int at = 4096; at < BLOCK; at += 4096) {
                    sum += mapped.getLong(block, at);
                }
            }
            System.out.println("ready " + sum);
            while (System.in.read() >= 0) {
                Thread.onSpinWait();
            }
        }
    }
}
