// SPDX-License-Identifier: Apache-2.0
package dev.corral.internal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Whether native code may keep using the memory of a buffer for as long as the buffer is reachable. */
public final class BackingMemory {
    private static final Path MAPS = Path.of("/proc/self/maps");

    private BackingMemory() {
    }

    /**
     * Refuses memory that can be taken away although its buffer is reachable.
     *
     * @throws IllegalArgumentException if it belongs to a closeable arena or to a mapped file, as far as the JDK and
     *                                  the system tell
     */
    public static void require(ByteBuffer memory) {
        if (BufferSessions.canBeClosed(memory)) {
            throw new IllegalArgumentException("buffer=" + memory + ": its memory can be freed by a"
                    + " java.lang.foreign.Arena, pass one of ByteBuffer.allocateDirect()");
        }
        long start = PageSourceNatives.addressOf(memory);
        if (isMappedFile(start, start + memory.capacity())) {
            throw new IllegalArgumentException("buffer=" + memory
                    + ": a mapped file can be cut, pass a buffer of ByteBuffer.allocateDirect()");
        }
    }

    /** Linux knows; elsewhere it is the caller who has to. */
    private static boolean isMappedFile(long start, long end) {
        if (!Files.isReadable(MAPS)) {
            return false;
        }
        try {
            List<String> maps = Files.readAllLines(MAPS, StandardCharsets.ISO_8859_1);
            return maps.stream().anyMatch(line -> overlaps(line, start, end) && hasFile(line));
        } catch (IOException e) {
            return false;
        }
    }

    /** Lines are {@code 7f0000000000-7f0000001000 rw-s 00000000 fe:00 1234 /path}; the fifth field is the inode. */
    private static boolean hasFile(String line) {
        return !line.split(" +", 6)[4].equals("0");
    }

    private static boolean overlaps(String line, long start, long end) {
        int dash = line.indexOf('-');
        long from = Long.parseUnsignedLong(line, 0, dash, 16);
        long to = Long.parseUnsignedLong(line, dash + 1, line.indexOf(' '), 16);
        return Long.compareUnsigned(from, end) < 0 && Long.compareUnsigned(start, to) < 0;
    }
}
