// SPDX-License-Identifier: Apache-2.0
package dev.corral;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** Main class of a child with a small heap: runs out of it in the middle of an operation, and goes on. */
final class RunOutOfHeap {
    private static final int CHUNKS = 60_000;

    private static Object kept;

    private RunOutOfHeap() {
    }

    public static void main(String[] args) throws Exception {
        if (args[0].equals("access")) {
            access();
        } else if (args[0].equals("close")) {
            close();
        } else if (args[0].equals("open")) {
            open(Path.of(args[1]));
        } else {
            create();
        }
    }

    /** Leaves no room for an array of that many bytes, or for anything at all. */
    private static void fill(int bytes) {
        try {
            while (true) {
                Object[] next = new Object[bytes / 4 + 1];
                next[0] = kept;
                kept = next;
            }
        } catch (OutOfMemoryError e) {
            return; // that is what it is for
        }
    }

    /** The chunk of the access before is gone by then. */
    private static void access() throws Exception {
        try (MemoryPool pool = MemoryPool.builder().retain(0).build(); NativeArena arena = NativeArena.builder()
                .pool(pool).initialChunkSize(4096).maxChunkSize(4096).build()) {
            long last = 0;
            for (int i = 0; i < CHUNKS; i++) {
                last = arena.allocateRef(4000);
            }
            arena.putLong(last, 8, 0x1A57);
            Mark mark = arena.mark();
            arena.putLong(arena.allocateRef(100 << 20), 8, 1);
            arena.rewind(mark);
            arena.trim(0);
            fill(CHUNKS * 6);
            String first;
            try {
                first = "read=" + Long.toHexString(arena.getLong(last, 8));
            } catch (OutOfMemoryError e) {
                first = "refused";
            }
            kept = null;
            System.out.println("first " + first);
            System.out.println("then read=" + Long.toHexString(arena.getLong(last, 8)));
        }
    }

    /** A parked arena that could not be taken over is nobody's, or the next one's. */
    private static void create() {
        try (MemoryPool pool = MemoryPool.create()) {
            for (int i = 0; i < 20_000; i++) {
                NativeArena.create(pool).close();
            }
            NativeArena[] refused = new NativeArena[1000];
            fill(1 << 16);
            fill(1 << 8);
            fill(0);
            int made = 0;
            try {
                while (made < refused.length) {
                    refused[made] = NativeArena.create(pool);
                    made++;
                }
            } catch (OutOfMemoryError e) {
                kept = null;
            }
            kept = null;
            try (NativeArena one = NativeArena.create(pool); NativeArena two = NativeArena.create(pool)) {
                boolean own = one.nativeHandle() != two.nativeHandle();
                one.putLong(one.allocateRef(8), 0, 1);
                two.putLong(two.allocateRef(8), 0, 2);
                System.out.println("refused=" + (made < refused.length) + " own=" + own + " open="
                        + (pool.stats().openArenas() - made));
            }
        }
    }

    private static void close() {
        try (MemoryPool pool = MemoryPool.create(); ArenaRecycler recycler = ArenaRecycler.create(pool)) {
            for (int i = 0; i < 20_000; i++) {
                NativeArena warm = recycler.borrow();
                warm.allocateRef(8);
                warm.close();
            }
            NativeArena arena = recycler.borrow();
            long handle = arena.nativeHandle();
            fill(1 << 16);
            fill(1 << 8);
            fill(0);
            boolean refused = false;
            try {
                arena.close();
            } catch (OutOfMemoryError e) {
                refused = true;
            }
            kept = null;
            try (NativeArena next = recycler.borrow()) {
                boolean shared = next.nativeHandle() == handle && !arena.isClosed();
                System.out.println("refused=" + refused + " shared=" + shared);
            }
        }
    }

    private static long descriptors(Path file) {
        try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
            return open.filter(each -> {
                try {
                    return Files.readSymbolicLink(each).equals(file);
                } catch (IOException e) {
                    return false; // that of the listing itself
                }
            }).count();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** With a little more room each time, so that it ends at each object that opening needs. */
    private static void open(Path file) throws Exception {
        try (MappedArena.Builder builder = MappedArena.builder(file)) {
            builder.root(builder.arena().allocateRef(8)).seal();
        }
        MappedArena.open(file).close();
        int refused = 0;
        for (int room = 256; room < 3000; room += 16) {
            Object spare = new byte[room];
            fill(1 << 12);
            fill(0);
            spare = null;
            try {
                MappedArena.open(file).close();
            } catch (OutOfMemoryError | ArenaExhaustedException e) {
                refused++;
            } finally {
                kept = null;
            }
        }
        for (int i = 0; i < 100 && descriptors(file) != 0; i++) {
            System.gc();
            Thread.sleep(50);
        }
        System.out.println("refused=" + (refused != 0) + " left=" + descriptors(file));
    }
}
