// SPDX-License-Identifier: Apache-2.0
package dev.corral.vectors;

import dev.corral.NativeArena;
import dev.corral.OnExhausted;
import dev.corral.internal.ArenaNatives;
import dev.corral.internal.ConfigFields;
import dev.corral.internal.FamilyNatives;
import dev.corral.vectors.Things.Arena;
import java.util.Locale;

/** Children, limits and trimming. */
final class FamilyOperations {
    private final Run run;

    FamilyOperations(Run run) {
        this.run = run;
    }

    /** Reads the options that make a child of an arena and that limit it. */
    static Arena configure(Run run, Line line, NativeArena.Builder builder) {
        Word limit = line.option("limit");
        if (limit != null) {
            builder.limit(run.number(limit.text()));
        }
        Word retain = line.option("retain");
        if (retain != null) {
            builder.retain(run.number(retain.text()));
        }
        Word exhausted = line.option("exhausted");
        if (exhausted != null) {
            builder.onExhausted(exhausted(exhausted.text()));
        }
        Word name = line.option("parent");
        Arena parent = name == null ? null : run.named(name.text(), Arena.class);
        if (parent != null) {
            builder.parent(parent.arena);
        }
        return parent;
    }

    private static OnExhausted exhausted(String name) {
        try {
            return OnExhausted.valueOf(name.toUpperCase(Locale.ROOT));
        } catch (IllegalArgumentException e) {
            throw new VectorFailure("exhausted= takes grow, fail or fall_back", e);
        }
    }

    /** C refuses a parent that is null or foreign; where the address says that there is none, another call is asked. */
    private static Refused refused(Arena parent) {
        if (parent.handle == 0) {
            return new Refused(FamilyNatives.mayEnd(parent.handle));
        }
        long[] fields = ConfigFields.of(4096, 65536, 16, false);
        fields[ConfigFields.PARENT] = parent.handle;
        return new Refused((int) -ArenaNatives.create(0, fields, null));
    }

    Outcome child(Line line) {
        String name = Run.word(line).text();
        Arena parent = run.arena(line);
        Word limit = line.option("limit");
        Run.ready(line);
        if (parent.arena == null) {
            throw refused(parent);
        }
        NativeArena arena = limit == null ? parent.arena.newChild() : parent.arena.newChild(run.number(limit.text()));
        run.bind(name, childOf(parent, arena, parent.zeroed));
        return Outcome.NOTHING;
    }

    static Arena childOf(Arena parent, NativeArena arena, boolean zeroed) {
        Arena made = new Arena(arena, parent.pool, arena.nativeHandle());
        made.parent = parent;
        made.zeroed = zeroed;
        return made;
    }

    Outcome trim(Line line) {
        Arena arena = run.arena(line);
        long keep = run.option(line, "keep", 0);
        Run.ready(line);
        if (arena.arena == null) {
            throw new Refused(FamilyNatives.trim(arena.handle, keep));
        }
        arena.arena.trim(keep);
        run.verify(arena);
        return Outcome.NOTHING;
    }
}
