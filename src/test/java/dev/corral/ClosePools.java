// SPDX-License-Identifier: Apache-2.0
package dev.corral;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Main class of a child: fills pools of 64 MiB, closes them, and prints how much memory the process has, while every
 * view is kept ({@code keep}), or none ({@code drop}).
 */
final class ClosePools {
    static final Path STATUS = Path.of("/proc/self/status");
    private static final int BYTES = 64 << 20;
    private static final int PAGE = 4096;

    private ClosePools() {
    }

    public static void main(String[] args) throws IOException {
        boolean keep = args[0].equals("keep");
        int pools = Integer.parseInt(args[1]);
        List<ByteBuffer> views = new ArrayList<>();
        for (int i = 0; i < pools; i++) {
            ByteBuffer view = fillAndClose(i % 2 == 0);
            if (keep) {
                views.add(view);
            }
        }
        System.out.println("residentMiB=" + residentMebibytes());
        for (ByteBuffer view : views) {
            requireZero(view);
        }
        System.out.println("closed=" + pools);
    }

    private static ByteBuffer fillAndClose(boolean inArena) {
        try (MemoryPool pool = MemoryPool.create()) {
            ByteBuffer view = inArena ? retained(pool).allocate(BYTES) : pool.allocate(BYTES);
            for (int at = 0; at < BYTES; at += PAGE) {
                view.put(at, (byte) 1);
            }
            return view;
        }
    }

    private static NativeArena retained(MemoryPool pool) {
        return NativeArena.builder().pool(pool).sharedViews(true).build();
    }

    private static void requireZero(ByteBuffer view) {
        for (int at = 0; at < BYTES; at += PAGE) {
            if (view.get(at) != 0) {
                throw new AssertionError("at=" + at + " value=" + view.get(at));
            }
        }
    }

    /** -1 where the system has no such file. */
    private static long residentMebibytes() throws IOException {
        if (!Files.exists(STATUS)) {
            return -1;
        }
        String line = Files.readAllLines(STATUS).stream().filter(text -> text.startsWith("VmRSS:")).findFirst()
                .orElseThrow();
        return Long.parseLong(line.replaceAll("[^0-9]", "")) >> 10;
    }
}
