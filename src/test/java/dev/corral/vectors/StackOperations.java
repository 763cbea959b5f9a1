// SPDX-License-Identifier: Apache-2.0
package dev.corral.vectors;

import dev.corral.ArenaStats;
import dev.corral.NativeArena;
import dev.corral.OnExhausted;
import dev.corral.StackAllocator;
import dev.corral.internal.ArenaNatives;
import dev.corral.internal.ControlBlock;
import dev.corral.internal.Status;
import dev.corral.vectors.Things.Arena;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Function;

/** Stacks of frames. Frames are numbers, as in C; a block is its place without the generation. */
final class StackOperations {
    private static final long PLACE_MASK = (1L << ControlBlock.REF_GENERATION_SHIFT) - 1;

    private final Run run;

    /** A stack with its frames by the ids of their marks. */
    private record Stack(StackAllocator stack, Map<Long, StackAllocator.Frame> frames) {
    }

    StackOperations(Run run) {
        this.run = run;
    }

    void addTo(Map<String, Function<Line, Outcome>> table) {
        table.put("stack", this::create);
        table.put("end_stack", this::end);
        table.put("push", this::push);
        table.put("stack_alloc", this::allocate);
        table.put("pop", this::pop);
        table.put("expect_stack", this::expect);
    }

    /** What is none of Java's is asked of C. */
    private Stack stack(Line line) {
        String name = Run.word(line).text();
        if (name.equals("null") || name.equals("foreign")) {
            while (line.next() != null || line.anyOption() != null) {
                continue; // C looks at the stack first
            }
            throw new Refused(ArenaNatives.lastStatus(name.equals("null") ? 0 : run.foreign()));
        }
        return run.named(name, Stack.class);
    }

    private Outcome create(Line line) {
        String name = Run.word(line).text();
        StackAllocator.Builder builder = StackAllocator.builder().name(name).size(run.option(line, "size", 65536));
        Word pool = line.option("pool");
        Word parent = line.option("parent");
        Word overflow = line.option("overflow");
        Run.ready(line);
        if (pool != null) {
            builder.pool(run.pool(pool.text()).pool);
        }
        if (parent != null) {
            builder.parent(run.named(parent.text(), Arena.class).arena);
        }
        if (overflow != null) {
            builder.overflow(overflow.text().equals("grow") ? OnExhausted.GROW : OnExhausted.FALL_BACK);
        }
        run.bind(name, new Stack(builder.build(), new HashMap<>()));
        return Outcome.NOTHING;
    }

    /** Closing again does nothing, but for C. */
    private Outcome end(Line line) {
        Stack of = stack(line);
        Run.ready(line);
        if (of.stack.isClosed()) {
            throw new Refused(ArenaNatives.lastStatus(0));
        }
        of.stack.close();
        return Outcome.NOTHING;
    }

    private Outcome push(Line line) {
        Stack of = stack(line);
        Run.ready(line);
        StackAllocator.Frame frame = of.stack.push();
        long id = ArenaNatives.mark(of.stack.arena().nativeHandle()); // of the last mark, where nothing came since
        of.frames.put(id, frame);
        return Outcome.of(id);
    }

    /** A frame that Java does not have is none for C either. */
    private StackAllocator.Frame frame(Stack of, long id) {
        StackAllocator.Frame frame = of.frames.get(id);
        if (frame == null) {
            throw new Refused(ArenaNatives.checkMark(of.stack.arena().nativeHandle(), id));
        }
        return frame;
    }

    private Outcome allocate(Line line) {
        Stack of = stack(line);
        long id = run.number(line);
        long size = run.number(line);
        int alignment = (int) run.option(line, "align", 1);
        Run.ready(line);
        StackAllocator.Frame frame = frame(of, id);
        if ((int) size != size) {
            throw new Refused(Status.SIZE_LIMIT); // no int says that
        }
        if (run.variant == Run.Variant.VIEWS) {
            ByteBuffer view = frame.allocate((int) size, alignment);
            for (int at = 0; at < size; at++) {
                view.put(at, (byte) 0x5A);
            }
            return Outcome.UNKNOWN_NUMBER;
        }
        long ref = alignment == 1 ? frame.allocateRef((int) size) : frame.allocateRef((int) size, alignment);
        NativeArena arena = of.stack.arena();
        for (int at = 0; at < size; at++) {
            arena.putByte(ref, at, (byte) 0x5A);
        }
        return Outcome.of(ref & PLACE_MASK);
    }

    /** Closing again does nothing: C is asked. */
    private Outcome pop(Line line) {
        Stack of = stack(line);
        long id = run.number(line);
        Run.ready(line);
        if (of.stack.isClosed()) {
            of.frames.get(id).close();
            throw new Refused(ArenaNatives.lastStatus(0));
        }
        int status = ArenaNatives.checkMark(of.stack.arena().nativeHandle(), id);
        frame(of, id).close();
        if (status != Status.OK) {
            throw new Refused(status);
        }
        return Outcome.NOTHING;
    }

    private Outcome expect(Line line) {
        Stack of = stack(line);
        ArenaStats stats = of.stack.arena().stats();
        for (Word word = line.anyOption(); word != null; word = line.anyOption()) {
            long actual = switch (word.key) {
                case "depth" -> of.stack.depth();
                case "room" -> of.stack.room();
                case "used" -> stats.used();
                case "allocated" -> stats.allocated();
                case "peak_used" -> stats.peakUsed();
                default -> throw new VectorFailure("unknown statistic: " + word);
            };
            if (actual != run.number(word.text())) {
                throw new VectorFailure("expected " + word + ", actual " + actual);
            }
        }
        Run.ready(line);
        return Outcome.NOTHING;
    }

    /** Before the arenas. */
    void closeAll() {
        for (Object thing : run.names.values()) {
            if (thing instanceof Stack of) {
                of.stack.close();
            }
        }
    }
}
