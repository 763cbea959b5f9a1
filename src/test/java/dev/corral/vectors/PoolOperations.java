// SPDX-License-Identifier: Apache-2.0
package dev.corral.vectors;

import dev.corral.MemoryDamageException;
import dev.corral.MemoryPool;
import dev.corral.PoolHandles;
import dev.corral.internal.Failures;
import dev.corral.internal.PageSourceNatives;
import dev.corral.internal.PoolNatives;
import dev.corral.internal.Status;
import dev.corral.vectors.Run.Variant;
import dev.corral.vectors.Things.Arena;
import dev.corral.vectors.Things.Block;
import dev.corral.vectors.Things.Pool;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * What the grammar's verbs do with pools. In Java a pool has no calloc, realloc, strdup, usable size and alignment, and
 * its region size is fixed: there the runner does the same by other means, so that the rest of the vector has its
 * meaning, and counts the operation as emulated.
 */
final class PoolOperations {
    private static final long REGION_MIN = 64 << 10;
    private static final long REGION_MAX = 1 << 30;
    private static final long ALIGNMENT_MAX = 1 << 20;

    private final Run run;

    PoolOperations(Run run) {
        this.run = run;
    }

    private static boolean isPowerOfTwo(long value) {
        return value > 0 && Long.bitCount(value) == 1;
    }

    Outcome create(Line line) {
        String name = Run.word(line).text();
        Word limit = line.option("limit");
        Word retain = line.option("retain");
        Word region = line.option("region");
        boolean debug = run.option(line, "debug", 0) != 0;
        Run.ready(line);
        if (region != null) {
            run.emulated++;
            long size = run.number(region.text());
            if (!isPowerOfTwo(size) || size < REGION_MIN || size > REGION_MAX) {
                throw new Refused(Status.INVALID_ARGUMENT);
            }
        }
        MemoryPool.Builder builder = MemoryPool.builder().name(name);
        if (limit != null) {
            builder.limit(run.number(limit.text()));
        }
        if (retain != null) {
            builder.retain(run.number(retain.text()));
        }
        MemoryPool pool = builder.debug(debug).build();
        Pool made = new Pool(pool, PoolHandles.of(pool));
        made.debug = debug;
        run.bind(name, made);
        return Outcome.NOTHING;
    }

    /** Nothing of the pool may be used any more: its names are taken away. */
    Outcome destroy(Line line) {
        Pool pool = run.pool(Run.word(line).text());
        Run.ready(line);
        run.end(pool);
        for (Object thing : run.names.values()) {
            if (thing instanceof Arena arena && arena.pool == pool && arena.live) {
                run.end(arena);
                arena.live = false;
            }
        }
        run.names.values().removeIf(thing -> thing instanceof Arena arena && arena.pool == pool
                || thing instanceof Block block && block.owner == pool);
        pool.live = false;
        pool.pool.close();
        return Outcome.NOTHING;
    }

    // --- blocks

    private Block allocate(Pool pool, long size) {
        if (run.variant == Variant.VIEWS && ArenaOperations.isInt(size)) {
            Block block = new Block(pool, size, pool.pool.allocate((int) size));
            block.address = pool.debug ? PageSourceNatives.addressOf(block.view) : 0; // to be scribbled at
            return block;
        }
        long address = PoolNatives.allocate(pool.handle, size);
        if (Failures.isStatus(address)) {
            throw new Refused((int) -address);
        }
        Block block = new Block(pool, size, PoolNatives.wrap(address, Math.max(size, 1)).slice(0, (int) size));
        block.address = address;
        return block;
    }

    Outcome allocate(Line line) {
        Pool pool = run.pool(Run.word(line).text());
        long size = run.number(line);
        Word option = line.option("align");
        boolean keep = run.option(line, "keep", 0) != 0;
        Run.ready(line);
        long alignment = option == null ? 1 : run.number(option.text());
        if (option != null) {
            run.emulated++;
        }
        if (!isPowerOfTwo(alignment) || alignment > ALIGNMENT_MAX) {
            throw new Refused(Status.BAD_ALIGNMENT);
        }
        Block block = allocate(pool, size);
        block.unaligned = option != null;
        block.keepBytes = keep;
        return Outcome.made(block);
    }

    Outcome allocateZeroed(Line line) {
        Pool pool = run.pool(Run.word(line).text());
        long size = ArenaOperations.product(run.number(line), run.number(line));
        Run.ready(line);
        run.emulated++;
        Block block = allocate(pool, size);
        Run.fill(block, 0);
        block.keepBytes = true;
        return Outcome.made(block);
    }

    Outcome strdup(Line line) {
        Pool pool = run.pool(Run.word(line).text());
        Word text = Run.word(line);
        Run.ready(line);
        run.emulated++;
        if (text.isNull()) {
            throw new Refused(Status.INVALID_ARGUMENT);
        }
        byte[] bytes = TextOperations.cut(text.bytes, text.bytes.length);
        Block block = allocate(pool, bytes.length + 1L);
        block.view.put(0, Arrays.copyOf(bytes, bytes.length + 1));
        block.keepBytes = true;
        return Outcome.made(block);
    }

    /** Whether this very block lives in the pool. */
    private boolean isLive(Pool pool, Block block) {
        return block.owner == pool && !block.freed && run.watched.contains(block);
    }

    Outcome reallocate(Line line) {
        Pool pool = run.pool(Run.word(line).text());
        boolean isNull = "null".equals(String.valueOf(line.unused(true)));
        Block old = run.pointer(line);
        long size = run.number(line);
        Run.ready(line);
        run.emulated++;
        if (!isNull && !isLive(pool, old)) {
            throw new Refused(Status.FOREIGN_POINTER);
        }
        run.verify(pool);
        Block block = allocate(pool, size);
        if (!isNull) {
            release(pool, old);
        }
        return Outcome.made(block);
    }

    /** C's answer, or that of the public method: its exception stands for both reasons to refuse a block. */
    private void release(Pool pool, Block block) {
        int status = Status.OK;
        if (pool.pool == null || run.variant == Variant.REFS) {
            status = PoolNatives.free(pool.handle, run.address(block));
            if (status == Status.DAMAGED) {
                run.report = DebugOperations.takeReport();
            }
        } else if (block.view == null && block.address == 0) {
            freeNull(pool);
        } else {
            try {
                pool.pool.free(viewOf(block));
            } catch (MemoryDamageException e) {
                run.report = e.getMessage();
                status = Status.DAMAGED;
            } catch (IllegalArgumentException e) {
                status = block.freed ? Status.DOUBLE_FREE : Status.FOREIGN_POINTER;
            }
        }
        boolean freed = status == Status.OK || status == Status.DAMAGED;
        if (freed) {
            block.freed = true;
            run.watched.remove(block);
        }
        if (status != Status.OK) {
            throw new Refused(status);
        }
    }

    /** What is no block of a pool, to Java: a buffer of somebody else, or a slice. */
    private ByteBuffer viewOf(Block block) {
        if (block.view == null) {
            return ByteBuffer.allocateDirect(64);
        }
        boolean known = block.copy != null;
        return known ? block.view : block.view.slice();
    }

    private static void freeNull(Pool pool) {
        try {
            pool.pool.free(null);
            throw new VectorFailure("null was taken for a block");
        } catch (NullPointerException expected) {
            // Java's way to do nothing
        }
    }

    Outcome free(Line line) {
        Pool pool = run.pool(Run.word(line).text());
        Block block = run.pointer(line);
        Run.ready(line);
        run.verify(pool);
        release(pool, block);
        return Outcome.NOTHING;
    }

    Outcome usable(Line line) {
        Pool pool = run.pool(Run.word(line).text());
        Block block = run.pointer(line);
        Run.ready(line);
        run.emulated++;
        return Outcome.of(isLive(pool, block) ? Math.max(block.size, 1) : 0);
    }

    /** Memory that a view may still see stays, and views live until the garbage collector finds them. */
    Outcome trim(Line line) {
        Pool pool = run.pool(Run.word(line).text());
        long keep = run.option(line, "keep", 0);
        Run.ready(line);
        if (run.variant == Variant.REFS) {
            return Outcome.of(PoolNatives.trim(pool.handle, keep));
        }
        pool.pool.trim();
        return Outcome.UNKNOWN_NUMBER;
    }
}
