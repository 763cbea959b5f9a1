// SPDX-License-Identifier: Apache-2.0
package dev.corral;

import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.util.Arrays;

/** Paths and messages as the system's functions write them. */
final class SystemPaths {
    private SystemPaths() {
    }

    private static Charset encoding() {
        String name = System.getProperty("sun.jnu.encoding");
        return name != null && Charset.isSupported(name) ? Charset.forName(name) : StandardCharsets.UTF_8;
    }

    /**
     * The absolute path, ended by a NUL.
     *
     * @throws IllegalArgumentException if the path is not of the default file system, or the system's encoding cannot
     *                                  write it
     */
    static byte[] encode(Path path) {
        if (path.getFileSystem() != FileSystems.getDefault()) {
            throw new IllegalArgumentException("path=" + path + ": pass a path of the default file system");
        }
        String absolute = path.toAbsolutePath().toString();
        Charset encoding = encoding();
        if (!encoding.newEncoder().canEncode(absolute)) { // else another file would be meant
            throw new IllegalArgumentException("path=" + path + " encoding=" + encoding
                    + ": the system's encoding cannot write this path, set LC_ALL or rename it");
        }
        byte[] encoded = absolute.getBytes(encoding);
        return Arrays.copyOf(encoded, encoded.length + 1);
    }

    /** A message of C, up to its NUL. */
    static String text(byte[] message) {
        int length = 0;
        while (length < message.length && message[length] != 0) {
            length++;
        }
        return new String(message, 0, length, encoding());
    }
}
