// SPDX-License-Identifier: Apache-2.0
package dev.corral.workloads;

import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;

/** Counts what it is given and keeps nothing. */
public final class Discard extends OutputStream implements WritableByteChannel {
    private long bytes;

    /** Nothing counted yet. */
    public Discard() {
    }

    /** How many bytes were written. */
    public long bytes() {
        return bytes;
    }

    @Override
    public void write(int single) {
        bytes++;
    }

    @Override
    public void write(byte[] source, int from, int length) {
        bytes += length;
    }

    @Override
    public int write(ByteBuffer source) {
        int count = source.remaining();
        source.position(source.limit());
        bytes += count;
        return count;
    }

    @Override
    public boolean isOpen() {
        return true;
    }

    @Override
    public void close() {
        // Jackson closes what it writes to; this may be written to again.
    }
}
