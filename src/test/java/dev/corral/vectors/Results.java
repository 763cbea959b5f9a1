// SPDX-License-Identifier: Apache-2.0
package dev.corral.vectors;

import dev.corral.internal.ControlBlock;
import dev.corral.internal.Status;
import dev.corral.vectors.Things.Arena;
import dev.corral.vectors.Things.Block;
import dev.corral.vectors.Things.Point;
import java.nio.ByteBuffer;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Compares what an operation brought with what follows {@code ->}. */
final class Results {
    private static final Set<String> STATUSES = IntStream.rangeClosed(0, 255).mapToObj(Status::name)
            .collect(Collectors.toSet());

    private final Run run;

    Results(Run run) {
        this.run = run;
    }

    /** {@code outcome} is null when the operation failed with {@code status}. */
    void compare(Line line, Outcome outcome, String status) {
        String expected = Status.name(Status.OK);
        Word first = line.arrow < line.words.size() ? line.words.get(line.arrow) : null;
        if (first != null && !first.quoted && first.text().startsWith("!")) {
            expected = line.result().text().substring(1);
        }
        if (!STATUSES.contains(expected) || !expected.equals(status)) {
            throw new VectorFailure("status: expected " + expected + ", actual " + status);
        }
        if (outcome != null && outcome.isNew()) {
            run.adopt(outcome.block());
        }
        for (Word word = line.result(); word != null; word = line.result()) {
            compare(word, outcome);
        }
    }

    private void compare(Word word, Outcome outcome) {
        String text = word.text();
        char start = text.isEmpty() ? ' ' : text.charAt(0);
        if (word.quoted || !word.key.isEmpty() || outcome == null) {
            throw new VectorFailure("not understood after ->: " + word);
        } else if (start == '@') {
            comparePlace(text, block(outcome));
        } else if (start == '%') {
            compareAlignment(run.number(text.substring(1)), block(outcome));
        } else if (start == '=' && outcome.point() != null) {
            compareMark(text.substring(1), outcome);
        } else if (start == '=') {
            comparePointer(text.substring(1), block(outcome));
        } else if (start == '<' || start == '>' || Character.isDigit(start)) {
            compareNumber(text, outcome);
        } else if (Character.isLowerCase(start)) {
            bind(text, outcome);
        } else {
            throw new VectorFailure("not understood after ->: " + word);
        }
    }

    private static Block block(Outcome outcome) {
        if (outcome.block() == null) {
            throw new VectorFailure("the operation brings no address");
        }
        return outcome.block();
    }

    // --- places

    private static String placeOf(long ref) {
        return "@" + (ref >>> ControlBlock.REF_CHUNK_SHIFT & ControlBlock.REF_CHUNK_MASK) + ":"
                + (ref & ControlBlock.REF_OFFSET_MASK);
    }

    private void comparePlace(String text, Block block) {
        Arena arena = (Arena) block.owner;
        long expected = run.place(text, arena);
        if (block.ref == 0) {
            compareMemory(arena, expected, block);
            block.ref = expected;
            block.address = run.address(block);
        } else if (block.ref != expected) {
            throw new VectorFailure("place: expected " + text + ", actual " + placeOf(block.ref));
        }
    }

    /** A view does not tell where it lies: what is written through it has to show at the expected place, and back. */
    private static void compareMemory(Arena arena, long ref, Block block) {
        int size = (int) block.size;
        ByteBuffer expected = arena.arena.view(ref, size);
        for (int at : size == 0 ? new int[0] : new int[] {0, size - 1}) {
            byte before = block.view.get(at);
            block.view.put(at, (byte) ~before);
            boolean same = expected.get(at) == (byte) ~before;
            expected.put(at, before);
            if (!same || block.view.get(at) != before) {
                throw new VectorFailure("the view does not lie at the place that is expected");
            }
        }
    }

    private static void compareAlignment(long alignment, Block block) {
        boolean aligned = block.view == null || block.view.capacity() == 0
                ? block.address % alignment == 0
                : block.view.alignmentOffset(0, (int) alignment) == 0;
        if (!aligned && !block.unaligned) {
            throw new VectorFailure("address: expected a multiple of " + alignment);
        }
    }

    private void comparePointer(String name, Block block) {
        Block expected = run.named(name, Block.class);
        if (run.address(expected) != block.address || block.address == 0) {
            throw new VectorFailure("address: expected that of " + name);
        }
    }

    private void compareMark(String name, Outcome outcome) {
        if (run.named(name, Point.class).id() != outcome.point().id()) {
            throw new VectorFailure("mark: expected the same as " + name);
        }
    }

    // --- numbers and names

    private void compareNumber(String text, Outcome outcome) {
        boolean relation = !Character.isDigit(text.charAt(0));
        long expected = run.number(relation ? text.substring(2) : text);
        if (outcome == Outcome.UNKNOWN_NUMBER) {
            return;
        }
        if (outcome.number() == null) {
            throw new VectorFailure("the operation brings no number");
        }
        if (!StatisticsOperations.holds(relation ? text.charAt(0) : '=', outcome.number(), expected)) {
            throw new VectorFailure("expected " + text + ", actual " + Long.toUnsignedString(outcome.number()));
        }
    }

    private void bind(String name, Outcome outcome) {
        Object thing = outcome.number() != null ? outcome.number()
                : outcome.point() != null ? outcome.point() : outcome.block();
        if (thing == null) {
            throw new VectorFailure("the operation brings nothing that could be named " + name);
        }
        run.bind(name, thing);
    }
}
