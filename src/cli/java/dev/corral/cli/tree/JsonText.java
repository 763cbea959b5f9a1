// SPDX-License-Identifier: Apache-2.0
package dev.corral.cli.tree;

import dev.corral.cli.json.TextSink;
import java.io.IOException;
import java.nio.channels.WritableByteChannel;

/** A formatted document, kept in the memory of the tree that it was made from. */
public interface JsonText extends TextSink {

    /**
     * The size of the text.
     *
     * @return number of bytes
     */
    long length();

    /**
     * Writes the whole text.
     *
     * @param channel a channel in blocking mode
     * @throws IOException if the channel fails
     */
    void writeTo(WritableByteChannel channel) throws IOException;
}
