// SPDX-License-Identifier: Apache-2.0
package dev.corral.cli;

import dev.corral.cli.tree.JsonTree;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A document that is to be read.
 *
 * @param name what messages call it: the path as it was given or found
 * @param file the file, null for the document in this jar
 * @param outputName where its formatted text goes in an output directory, relative to that
 */
record Input(String name, Path file, Path outputName) {
    private static final String BUNDLED = "/dev/corral/cli/mime-db/db.json";

    /** The document in this jar. */
    static Input bundled() {
        return new Input("mime-db 1.54.0 db.json (bundled)", null, Path.of("db.json"));
    }

    /** Reads the whole document. */
    byte[] read() throws IOException {
        try (InputStream in = open()) {
            final byte[] bytes = in.readNBytes(JsonTree.MAX_DOCUMENT + 1);
            if (bytes.length > JsonTree.MAX_DOCUMENT) {
                throw new IOException("larger than " + Numbers.whole(JsonTree.MAX_DOCUMENT) + " bytes");
            }
            return bytes;
        }
    }

    private InputStream open() throws IOException {
        if (file != null) {
            return Files.newInputStream(file);
        }
        final InputStream in = Input.class.getResourceAsStream(BUNDLED);
        if (in == null) {
            throw new FileNotFoundException("resource=" + BUNDLED + " is missing: the jar is incomplete");
        }
        return in;
    }
}
