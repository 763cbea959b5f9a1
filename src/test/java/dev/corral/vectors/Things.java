// SPDX-License-Identifier: Apache-2.0
package dev.corral.vectors;

import dev.corral.ArenaStats;
import dev.corral.Mark;
import dev.corral.MemoryPool;
import dev.corral.NativeArena;
import dev.corral.Scope;
import java.nio.ByteBuffer;

/** What the names of a vector stand for. */
final class Things {
    private Things() {
    }

    /** A pool; {@code pool} is null for {@code null} and {@code foreign}, which only native methods can take. */
    static final class Pool {
        final MemoryPool pool;
        final long handle;
        boolean live;
        boolean debug;

        Pool(MemoryPool pool, long handle) {
            this.pool = pool;
            this.handle = handle;
            this.live = pool != null;
        }
    }

    /** An arena; {@code arena} is null for {@code null} and {@code foreign}. Keeps its handle when it is closed. */
    static final class Arena {
        final NativeArena arena;
        final Pool pool;
        final long handle;
        boolean live;
        boolean zeroed;
        /** Its observer; null: none. */
        ObserverOperations.Recorder recorder;
        /** The vector has written where nobody may. */
        boolean damaged;
        /** What it is a child of; null: nothing. */
        Arena parent;
        /** The recycler that it was borrowed from; null: none. */
        Object lender;
        /** Statistics and control block before the operation that runs. */
        ArenaStats stats;
        byte[] control;

        Arena(NativeArena arena, Pool pool, long handle) {
            this.arena = arena;
            this.pool = pool;
            this.handle = handle;
            this.live = arena != null;
        }
    }

    /**
     * A mark or a scope of an arena.
     *
     * @param id   C's
     * @param made blocks that the run had made
     */
    record Point(Arena arena, Mark mark, Scope scope, long id, int made) {
    }

    /**
     * A block of an arena or a pool, or an address in one. A block has a view; its bytes are compared with {@code copy}
     * as long as it is watched.
     */
    static final class Block {
        final Object owner;
        final long size;
        final ByteBuffer view;
        /** 0: not known. */
        long ref;
        /** 0: not known. */
        long address;
        /** The text of a formatted block has no NUL in Java. */
        boolean unterminated;
        /** Of a pool: given back. */
        boolean freed;
        /** Of a pool, which cannot align blocks in Java. */
        boolean unaligned;
        /** Text and zeroed memory: not to be filled. */
        boolean keepBytes;
        byte[] copy;
        /** The how-manieth of its run. */
        int number;

        Block(Object owner, long size, ByteBuffer view) {
            this.owner = owner;
            this.size = size;
            this.view = view;
        }

        byte[] bytes() {
            byte[] bytes = new byte[view.capacity()];
            view.get(0, bytes);
            return bytes;
        }
    }
}
