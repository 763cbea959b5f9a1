// SPDX-License-Identifier: Apache-2.0
package dev.corral.cli;

import dev.corral.cli.tree.JsonText;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;

/** Compares texts byte by byte, wherever they lie: a channel that expects to be written a certain text. */
final class TextComparison implements WritableByteChannel {
    private final ByteBuffer expected;
    private boolean equal = true;

    private TextComparison(final ByteBuffer expected) {
        this.expected = expected;
    }

    /** Whether a text consists of exactly these bytes. */
    static boolean isEqual(final byte[] expected, final JsonText text) {
        final TextComparison comparison = new TextComparison(ByteBuffer.wrap(expected));
        writeAll(text, comparison);
        return comparison.equal && !comparison.expected.hasRemaining();
    }

    /** Copies a text to the heap. */
    static byte[] bytes(final JsonText text) {
        final ByteBuffer copy = ByteBuffer.allocate(Math.toIntExact(text.length()));
        writeAll(text, new WritableByteChannel() {
            @Override
            public int write(final ByteBuffer source) {
                final int count = source.remaining();
                copy.put(source);
                return count;
            }

            @Override
            public boolean isOpen() {
                return true;
            }

            @Override
            public void close() {
                // Nothing is held.
            }
        });
        return copy.array();
    }

    private static void writeAll(final JsonText text, final WritableByteChannel channel) {
        try {
            text.writeTo(channel);
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
    }

    @Override
    public int write(final ByteBuffer source) {
        final int count = source.remaining();
        if (count > expected.remaining()) {
            equal = false;
        } else {
            final ByteBuffer part = expected.slice(expected.position(), count);
            equal &= part.equals(source);
            expected.position(expected.position() + count);
        }
        source.position(source.limit());
        return count;
    }

    @Override
    public boolean isOpen() {
        return true;
    }

    @Override
    public void close() {
        // Nothing is held.
    }
}
