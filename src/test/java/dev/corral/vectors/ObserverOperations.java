// SPDX-License-Identifier: Apache-2.0
package dev.corral.vectors;

import dev.corral.ArenaObserver;
import dev.corral.NativeArena;
import dev.corral.vectors.Things.Arena;
import java.util.HashMap;
import java.util.Map;

/** Observers of arenas: what they are told has to be what happens. */
final class ObserverOperations {
    private final Run run;

    ObserverOperations(Run run) {
        this.run = run;
    }

    /** Counts what it is told. */
    static final class Recorder implements ArenaObserver {
        private static final Map<TakeBack, String> KEYS = Map.of(TakeBack.RESET, "resets", TakeBack.CLEAR, "clears",
                TakeBack.REWIND, "rewinds");
        private final Map<String, Long> told = new HashMap<>(Map.of("allocations", 0L, "bytes", 0L, "acquired", 0L,
                "given_back", 0L, "held", 0L, "resets", 0L, "clears", 0L, "rewinds", 0L, "destroyed", 0L));

        private void add(String key, long value) {
            told.merge(key, value, Long::sum);
        }

        @Override
        public void onAllocate(NativeArena arena, long ref, long size) {
            add("allocations", 1);
            add("bytes", size);
        }

        @Override
        public void onChunkAcquired(NativeArena arena, long bytes) {
            add("acquired", 1);
            add("held", bytes);
        }

        @Override
        public void onChunkGivenBack(NativeArena arena, long bytes) {
            add("given_back", 1);
            add("held", -bytes);
        }

        @Override
        public void onReset(NativeArena arena, TakeBack by) {
            add(KEYS.get(by), 1);
        }

        @Override
        public void onDestroy(NativeArena arena) {
            add("destroyed", 1);
        }

        @Override
        public void onMissed(NativeArena arena, long events) {
            throw new VectorFailure("missed events: " + events);
        }
    }

    Outcome observed(Line line) {
        Arena arena = run.arena(line);
        Word word = line.anyOption();
        if (arena.recorder == null || word == null) {
            throw new VectorFailure("observed needs an arena with observe=1, and what it was told");
        }
        for (; word != null; word = line.anyOption()) {
            Long actual = arena.recorder.told.get(word.key);
            if (actual == null || actual != run.number(word.text())) {
                throw new VectorFailure(word + ": actual " + actual);
            }
        }
        Run.ready(line);
        return Outcome.NOTHING;
    }
}
