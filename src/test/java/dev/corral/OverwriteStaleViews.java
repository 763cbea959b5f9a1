// SPDX-License-Identifier: Apache-2.0
package dev.corral;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * A program: fills every view of freed memory with rubbish while arenas that took the memory over are in use. Nothing
 * that the library relies on may be hit.
 */
final class OverwriteStaleViews {
    private static final int ROUNDS = 3;

    private OverwriteStaleViews() {
    }

    public static void main(String[] args) {
        try (MemoryPool pool = MemoryPool.create()) {
            for (int round = 0; round < ROUNDS; round++) {
                List<ByteBuffer> stale = freedBlocks(pool);
                List<NativeArena> arenas = arenasOfManyChunks(pool);
                stale.forEach(OverwriteStaleViews::fill);
                for (NativeArena arena : arenas) {
                    long ref = arena.allocateRef(100_000);
                    arena.reset();
                    ref = arena.allocateRef(64);
                    arena.putLong(ref, 56, ref);
                    arena.clear();
                    arena.allocate(70_000);
                    arena.close();
                }
            }
            System.out.println("done " + pool.stats().openArenas());
        }
    }

    /** Blocks of every size class and of pages, freed: the pool may hand their memory to anyone. */
    private static List<ByteBuffer> freedBlocks(MemoryPool pool) {
        List<ByteBuffer> blocks = new ArrayList<>();
        for (int size = 16; size <= 300_000; size += Math.max(16, size / 8)) {
            for (int i = 0; i < 40; i++) {
                blocks.add(pool.allocate(size));
            }
        }
        for (int i = 0; i < 64; i++) {
            blocks.add(pool.allocate(65_536));
        }
        blocks.forEach(pool::free);
        return blocks;
    }

    private static List<NativeArena> arenasOfManyChunks(MemoryPool pool) {
        List<NativeArena> arenas = new ArrayList<>();
        for (int i = 0; i < 250; i++) { // several slabs of control blocks
            NativeArena arena = NativeArena.builder().pool(pool).initialChunkSize(64).maxChunkSize(64).build();
            for (int chunk = 0; chunk < 40; chunk++) { // descriptor tables that grow
                arena.allocateRef(64);
            }
            arenas.add(arena);
        }
        return arenas;
    }

    private static void fill(ByteBuffer view) {
        for (int at = 0; at + 8 <= view.capacity(); at += 8) {
            view.putLong(at, 0x4141414141414140L);
        }
    }
}
