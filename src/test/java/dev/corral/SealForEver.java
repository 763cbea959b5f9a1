// SPDX-License-Identifier: Apache-2.0
package dev.corral;

import java.io.File;
import java.io.IOException;
import java.nio.file.Path;

/** Seals one list after the other in each of some files, a thread each, until it is killed. */
public final class SealForEver {
    private SealForEver() {
    }

    /** Nodes of the list whose first value is {@code first}. */
    static int length(long first) {
        return first == 0 ? 1 : (int) (first % 3) * 7000 + 10;
    }

    /** One of the files in a directory. */
    static Path file(Path directory, int number) {
        return directory.resolve("list" + number + ".arena");
    }

    /** Of each file, {@code newest} is the first value of the list that is there. */
    static Process start(Path directory, long[] newest) throws IOException {
        StringBuilder numbers = new StringBuilder();
        for (long number : newest) {
            numbers.append(number).append(' ');
        }
        return new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1", "-cp", ChildJvm.locationOf(Corral.class) + File.pathSeparator
                + ChildJvm.locationOf(SealForEver.class), SealForEver.class.getName(), directory.toString(),
                numbers.toString().trim()).directory(directory.toFile()).redirectErrorStream(true)
                .redirectOutput(directory.resolve("writer.txt").toFile()).start();
    }

    /** Arguments: the directory, and of each file what it holds, in one word. */
    public static void main(String[] args) {
        String[] newest = args[1].split(" ");
        for (int i = 0; i < newest.length; i++) {
            Path file = file(Path.of(args[0]), i);
            long from = Long.parseLong(newest[i]) + 1;
            new Thread(() -> {
                for (long first = from;; first++) {
                    MappedFiles.seal(file, first, length(first));
                }
            }).start();
        }
    }
}
