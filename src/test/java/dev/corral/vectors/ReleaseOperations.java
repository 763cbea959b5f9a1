// SPDX-License-Identifier: Apache-2.0
package dev.corral.vectors;

import dev.corral.NativeArena;
import dev.corral.internal.ReleaseNatives;
import dev.corral.vectors.Things.Arena;
import java.util.ArrayList;
import java.util.List;

/** Actions before memory is taken back. */
final class ReleaseOperations {
    private final Run run;
    private final List<String> released = new ArrayList<>();

    ReleaseOperations(Run run) {
        this.run = run;
    }

    Outcome onRelease(Line line) {
        Arena arena = run.arena(line);
        String name = Run.word(line).text();
        long size = run.option(line, "alloc", 0);
        Word tries = line.option("tries");
        Run.ready(line);
        if (arena.arena == null) {
            throw new Refused(ReleaseNatives.add(arena.handle, 1));
        }
        arena.arena.onRelease(() -> {
            if (size != 0) {
                arena.arena.allocateRef((int) size);
            }
            released.add(tries == null ? name : name + "!" + refusal(arena.arena, tries.text()));
        });
        return Outcome.NOTHING;
    }

    private static String refusal(NativeArena arena, String operation) {
        try {
            switch (operation) {
                case "reset" -> arena.reset();
                case "clear" -> arena.clear();
                case "destroy" -> arena.close();
                case "on_release" -> arena.onRelease(() -> {
                    throw new VectorFailure("an action has run that could not be registered");
                });
                default -> throw new VectorFailure("nothing that an action tries: " + operation);
            }
            return "OK";
        } catch (IllegalStateException e) {
            return Refused.statusOf(e);
        }
    }

    Outcome released(Line line) {
        String expected = Run.word(line).text();
        Run.ready(line);
        String actual = String.join(" ", released);
        released.clear();
        if (!expected.equals(actual)) {
            throw new VectorFailure("released: expected \"" + expected + "\", actual \"" + actual + "\"");
        }
        return Outcome.NOTHING;
    }
}
