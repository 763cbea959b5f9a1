// SPDX-License-Identifier: Apache-2.0
package dev.corral;

import java.io.File;
import java.io.IOException;
import java.nio.file.Path;

/** Seals one list after the other in a file until it is killed. */
public final class SealForEver {
    private SealForEver() {
    }

    /** Nodes of the list whose first value is {@code first}. */
    static int length(long first) {
        return first == 0 ? 1 : (int) (first % 3) * 7000 + 10;
    }

    static Process start(Path directory, Path file, long first) throws IOException {
        return new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1", "-cp", ChildJvm.locationOf(Corral.class) + File.pathSeparator
                + ChildJvm.locationOf(SealForEver.class), SealForEver.class.getName(), file.toString(),
                Long.toString(first)).directory(directory.toFile()).redirectErrorStream(true)
                .redirectOutput(directory.resolve("writer.txt").toFile()).start();
    }

    /** Arguments: the file, the first value of the first list. */
    public static void main(String[] args) {
        for (long first = Long.parseLong(args[1]);; first++) {
            MappedFiles.seal(Path.of(args[0]), first, length(first));
        }
    }
}
