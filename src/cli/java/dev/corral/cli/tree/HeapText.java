// SPDX-License-Identifier: Apache-2.0
package dev.corral.cli.tree;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;

/** Text on the Java heap. */
final class HeapText implements JsonText {
    private final ByteArrayOutputStream text = new ByteArrayOutputStream();

    @Override
    public void append(final byte[] source, final int count) {
        text.write(source, 0, count);
    }

    @Override
    public long length() {
        return text.size();
    }

    @Override
    public void writeTo(final WritableByteChannel channel) throws IOException {
        final ByteBuffer bytes = ByteBuffer.wrap(text.toByteArray());
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }
}
