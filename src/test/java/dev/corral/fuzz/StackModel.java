// SPDX-License-Identifier: Apache-2.0
package dev.corral.fuzz;

import dev.corral.MemoryPool;
import dev.corral.NativeArena;
import dev.corral.OnExhausted;
import dev.corral.StackAllocator;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** A {@link StackAllocator}: blocks of every open frame are their own. */
final class StackModel extends StructureModel {
    private record Block(long ref, int size, int number, ByteBuffer view) {
    }

    private record Open(StackAllocator.Frame frame, List<Block> blocks) {
    }

    private final StackAllocator stack;
    private final List<Open> frames = new ArrayList<>();
    private int numbers;

    StackModel(MemoryPool pool, NativeArena parent, Random random, boolean writesWhereItMayNot) {
        super(random, writesWhereItMayNot);
        StackAllocator.Builder builder = StackAllocator.builder().size(1024L << random.nextInt(8))
                .overflow(any(List.of(OnExhausted.values())));
        this.stack = (parent == null ? builder.pool(pool) : builder.parent(parent)).build();
    }

    @Override
    void useRightly() {
        int choice = random.nextInt(10);
        if (frames.isEmpty() || choice < 3) {
            frames.add(new Open(stack.push(), new ArrayList<>()));
        } else if (choice < 7) {
            Misuse.tolerateRefusal(() -> allocate(frames.get(frames.size() - 1))); // an overflow
        } else {
            frames.remove(frames.size() - 1).frame.close();
        }
        require(stack.depth() == frames.size(), "depth=" + stack.depth() + " but " + frames.size());
        frames.forEach(open -> open.blocks.forEach(this::verify));
    }

    private void allocate(Open top) {
        int size = 4 + random.nextInt(200);
        int number = numbers++;
        if (random.nextBoolean()) {
            long ref = top.frame.allocateRef(size, 1 << random.nextInt(8));
            stack.arena().putInt(ref, size - 4, number);
            top.blocks.add(new Block(ref, size, number, null));
        } else {
            ByteBuffer view = top.frame.allocate(size);
            view.putInt(size - 4, number);
            top.blocks.add(new Block(0, size, number, view));
        }
    }

    private void verify(Block block) {
        int found = block.view != null ? block.view.getInt(block.size - 4)
                : stack.arena().getInt(block.ref, block.size - 4);
        require(found == block.number, "a block of a frame has changed");
    }

    /** Using a frame below ends nothing; closing it ends those above it as well, and says so. */
    @Override
    void misuse() {
        if (frames.size() < 2) {
            return;
        }
        int at = random.nextInt(frames.size() - 1);
        StackAllocator.Frame lower = frames.get(at).frame;
        Misuse.expectRefusal(() -> lower.allocateRef(8), "an allocation in a frame that is not the top");
        StackAllocator.Frame top = frames.get(frames.size() - 1).frame;
        Misuse.expectRefusal(lower::close, "the close of a frame below others");
        frames.subList(at, frames.size()).clear();
        top.close(); // does nothing
        Misuse.expectRefusal(() -> top.allocateRef(8), "an allocation in a frame that is over");
    }

    @Override
    boolean isClosed() {
        return stack.isClosed();
    }

    @Override
    void close() {
        stack.close();
    }

    @Override
    void useClosed() {
        Misuse.expectRefusal(stack::push, "a push on a closed stack");
        if (!frames.isEmpty()) {
            any(frames).frame.close(); // does nothing
            Misuse.expectRefusal(() -> any(frames).frame.allocateRef(8), "an allocation on a closed stack");
        }
        stack.close(); // does nothing
    }
}
