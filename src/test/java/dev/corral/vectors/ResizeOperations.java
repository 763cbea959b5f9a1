// SPDX-License-Identifier: Apache-2.0
package dev.corral.vectors;

import dev.corral.internal.BlockNatives;
import dev.corral.internal.Status;
import dev.corral.vectors.Things.Arena;
import dev.corral.vectors.Things.Block;
import java.nio.ByteBuffer;
import java.util.Arrays;

/** Blocks of arenas that change their size: {@code resize}, and the native method for what has no view. */
final class ResizeOperations {
    private final Run run;

    ResizeOperations(Run run) {
        this.run = run;
    }

    Outcome reallocate(Line line) {
        return resize(line, false);
    }

    /** Java has one method for both; that the other one does not grow is refused here. */
    Outcome shrinkLast(Line line) {
        return resize(line, true);
    }

    private Outcome resize(Line line, boolean shrinks) {
        Arena arena = run.arena(line);
        Block old = run.pointer(line);
        long size = run.number(line);
        Word told = line.option("old");
        Run.ready(line);
        long oldSize = told == null ? old.size : run.number(told.text());
        run.verify(arena);
        boolean expressible = arena.arena != null && old.view != null && oldSize == old.view.capacity()
                && ArenaOperations.isInt(size);
        if (shrinks && (old.address == 0 && old.view == null)) {
            throw new Refused(Status.FOREIGN_POINTER); // C's null pointer is no block
        }
        Block block = new Block(arena, size, expressible ? resize(arena, old, size, shrinks)
                : natively(arena, old, oldSize, size));
        return made(arena, old, block);
    }

    private ByteBuffer resize(Arena arena, Block old, long size, boolean shrinks) {
        if (shrinks && size > old.size) {
            run.emulated++;
            throw new Refused(Status.INVALID_ARGUMENT);
        }
        return arena.arena.resize(old.view, (int) size);
    }

    private ByteBuffer natively(Arena arena, Block old, long oldSize, long size) {
        long address = old.address != 0 || old.view == null ? old.address : BlockNatives.address(old.view);
        long ref = BlockNatives.resize(arena.handle, address, oldSize, size);
        if (ref == 0) {
            throw new Refused(Run.lastStatus(arena));
        }
        return arena.arena.view(ref, (int) size);
    }

    /** The block begins with the bytes it had, and goes on as a new one would; then it gets a byte of its own. */
    private Outcome made(Arena arena, Block old, Block block) {
        run.watched.remove(old);
        byte[] bytes = block.bytes();
        int common = (int) Math.min(old.copy == null ? 0 : old.copy.length, block.size);
        if (common != 0 && Arrays.mismatch(Arrays.copyOf(old.copy, common), Arrays.copyOf(bytes, common)) >= 0) {
            throw new VectorFailure("a block was changed while it was resized");
        }
        for (int i = (int) Math.min(old.size, block.size); arena.zeroed && i < bytes.length; i++) {
            if (bytes[i] != 0) {
                throw new VectorFailure("byte " + i + " of a block that has grown in a zeroed arena is not zero");
            }
        }
        Run.fill(block, (run.made() + 1) % 250 + 1);
        block.keepBytes = true;
        return Outcome.made(block);
    }
}
