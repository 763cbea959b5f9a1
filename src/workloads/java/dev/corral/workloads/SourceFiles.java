// SPDX-License-Identifier: Apache-2.0
package dev.corral.workloads;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** The Java and C files of a source tree. */
public final class SourceFiles {
    private SourceFiles() {
    }

    /**
     * Reads them all.
     *
     * @param root where to begin
     * @return the files in the order of their names
     * @throws IOException if one cannot be read, or if there is none
     */
    public static List<byte[]> read(Path root) throws IOException {
        List<byte[]> texts = new ArrayList<>();
        try (Stream<Path> files = Files.walk(root)) {
            for (Path file : files.filter(SourceFiles::isSource).sorted().toList()) {
                texts.add(Files.readAllBytes(file));
            }
        }
        if (texts.isEmpty()) {
            throw new IOException("no .java, .c or .h file in root=" + root.toAbsolutePath());
        }
        return texts;
    }

    private static boolean isSource(Path file) {
        String name = file.toString();
        return name.endsWith(".java") || name.endsWith(".c") || name.endsWith(".h");
    }
}
