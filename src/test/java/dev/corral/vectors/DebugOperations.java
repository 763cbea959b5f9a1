// SPDX-License-Identifier: Apache-2.0
package dev.corral.vectors;

import dev.corral.internal.DebugNatives;
import dev.corral.internal.PoolNatives;
import dev.corral.vectors.Things.Arena;
import dev.corral.vectors.Things.Block;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.function.Function;

/** Damage, and what debug arenas say about it. */
final class DebugOperations {
    private final Run run;

    DebugOperations(Run run) {
        this.run = run;
    }

    /** Writes where nobody may, and where no view leads. */
    void addTo(Map<String, Function<Line, Outcome>> table) {
        table.put("scribble", this::scribble);
        table.put("report", this::report);
        table.put("lists", this::lists);
    }

    private Outcome scribble(Line line) {
        Block block = run.pointer(line);
        byte value = (byte) run.number(line);
        int count = (int) run.option(line, "count", 1);
        Run.ready(line);
        if (block.address == 0) {
            throw new VectorFailure("its address is not known: name its place as well");
        }
        ByteBuffer target = PoolNatives.wrap(block.address, count);
        while (target.hasRemaining()) {
            target.put(value);
        }
        if (block.owner instanceof Arena arena) {
            arena.damaged = true;
        }
        return Outcome.NOTHING;
    }

    /** What native methods have found. */
    static String takeReport() {
        byte[] report = DebugNatives.takeReport();
        return report == null ? "" : new String(report, StandardCharsets.UTF_8);
    }

    /** Each argument stands in the text. */
    static Outcome contains(Line line, String text) {
        Word part = Run.word(line);
        for (; part != null; part = line.next()) {
            if (!text.contains(part.text())) {
                throw new VectorFailure("expected \"" + part.text() + "\" in:\n" + text);
            }
        }
        Run.ready(line);
        return Outcome.NOTHING;
    }

    /** The last report: the message of the exception, or what the native check has reported. */
    private Outcome report(Line line) {
        if (run.targetsPool(line)) {
            run.pool(Run.word(line).text());
        } else {
            run.arena(line);
        }
        return contains(line, run.report);
    }

    private Outcome lists(Line line) {
        return contains(line, run.arena(line).arena.debugReport());
    }
}
