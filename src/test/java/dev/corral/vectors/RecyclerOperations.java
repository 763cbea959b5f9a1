// SPDX-License-Identifier: Apache-2.0
package dev.corral.vectors;

import dev.corral.ArenaRecycler;
import dev.corral.NativeArena;
import dev.corral.RecyclerStats;
import dev.corral.Recyclers;
import dev.corral.internal.ArenaRecyclerNatives;
import dev.corral.internal.ConfigFields;
import dev.corral.internal.Failures;
import dev.corral.internal.Status;
import dev.corral.vectors.Things.Arena;
import dev.corral.vectors.Things.Pool;
import java.util.Map;
import java.util.function.Function;

/** Arenas that are borrowed and given back. */
final class RecyclerOperations {
    /** The statistics by their names in vectors. */
    private static final Map<String, Function<RecyclerStats, Long>> FIELDS = Map.of("hits", RecyclerStats::hits,
            "misses", RecyclerStats::misses, "returned", RecyclerStats::returned, "dropped", RecyclerStats::dropped,
            "outgrown", RecyclerStats::outgrown, "trimmed", RecyclerStats::trimmed,
            "borrowed", RecyclerStats::borrowed, "kept", RecyclerStats::kept,
            "kept_bytes", RecyclerStats::keptBytes, "typical", RecyclerStats::typical);

    private final Run run;

    /** A recycler; {@code recycler} is null for {@code null} and {@code foreign}, which only native methods take. */
    private record Recycler(ArenaRecycler recycler, Pool pool, boolean zeroed, long handle) {
    }

    RecyclerOperations(Run run) {
        this.run = run;
    }

    void addTo(Map<String, Function<Line, Outcome>> table) {
        table.put("recycler", this::create);
        table.put("borrow", this::borrow);
        table.put("return", this::giveBack);
        table.put("recycled", this::statistics);
        table.put("trim_recycler", this::trim);
        table.put("destroy_recycler", this::destroy);
    }

    private Recycler recycler(Line line) {
        String name = Run.word(line).text();
        if (name.equals("null") || name.equals("foreign")) {
            return new Recycler(null, null, false, name.equals("null") ? 0 : run.foreign());
        }
        return run.named(name, Recycler.class);
    }

    private Outcome create(Line line) {
        String name = Run.word(line).text();
        Pool pool = run.pool(line.option("pool").text());
        ArenaRecycler.Builder builder = ArenaRecycler.builder().name(name);
        set(line, "limit", builder::limit);
        set(line, "retain", builder::retain);
        set(line, "fixed", builder::fixedSize);
        set(line, "initial", builder::initialChunkSize);
        set(line, "max", builder::maxChunkSize);
        set(line, "align", value -> builder.alignment(value.intValue()));
        set(line, "kept", value -> builder.keptArenas(value.intValue()));
        set(line, "kept_bytes", builder::keptBytes);
        set(line, "percentile", value -> builder.percentile(value.intValue()));
        boolean zeroed = run.option(line, "zeroed", 0) != 0;
        boolean debug = run.option(line, "debug", 0) != 0;
        Run.ready(line);
        if (pool.pool == null) {
            long[] fields = ConfigFields.of(4096, 65536, 16, false);
            long none = ArenaRecyclerNatives.create(pool.handle, fields, null, 1, 1, 50);
            throw new Refused((int) -none);
        }
        ArenaRecycler recycler = builder.pool(pool.pool).zeroed(zeroed).debug(debug).build();
        run.bind(name, new Recycler(recycler, pool, zeroed, 0));
        return Outcome.NOTHING;
    }

    private void set(Line line, String key, Function<Long, ArenaRecycler.Builder> setter) {
        Word word = line.option(key);
        if (word != null) {
            setter.apply(run.number(word.text()));
        }
    }

    private Outcome borrow(Line line) {
        String name = Run.word(line).text();
        Recycler from = recycler(line);
        Word again = line.option("again");
        Run.ready(line);
        if (from.recycler == null) {
            long none = ArenaRecyclerNatives.borrow(from.handle);
            throw new Refused(Failures.isStatus(none) ? (int) -none : Status.OK);
        }
        NativeArena arena = from.recycler.borrow();
        Arena made = new Arena(arena, from.pool, arena.nativeHandle());
        made.zeroed = from.zeroed;
        made.lender = from;
        run.bind(name, made);
        if (again != null && run.named(again.text(), Arena.class).handle != made.handle) {
            throw new VectorFailure("this is another arena than " + again + " was");
        }
        return Outcome.NOTHING;
    }

    /** In Java an arena knows whom it was borrowed from: where the vector says another, C is asked to refuse it. */
    private Outcome giveBack(Line line) {
        Arena arena = run.arena(line);
        Recycler to = recycler(line);
        Run.ready(line);
        if (arena.live && arena.lender == to) {
            run.endFamily(arena, true);
            arena.arena.close();
            return Outcome.NOTHING;
        }
        if (to.recycler == null) {
            throw new Refused(ArenaRecyclerNatives.returnArena(to.handle, arena.handle));
        }
        throw new Refused(ArenaRecyclerNatives.returnArena(Recyclers.handle(to.recycler), arena.handle));
    }

    private Outcome statistics(Line line) {
        Recycler of = recycler(line);
        if (of.recycler == null) {
            throw new Refused(ArenaRecyclerNatives.stats(of.handle, new long[ArenaRecyclerNatives.STATS_LONGS]));
        }
        RecyclerStats stats = of.recycler.stats();
        for (Word word = line.anyOption(); word != null; word = line.anyOption()) {
            if (!FIELDS.containsKey(word.key)) {
                throw new VectorFailure("unknown statistic: " + word);
            }
            long actual = FIELDS.get(word.key).apply(stats);
            long expected = run.number(word.text());
            boolean holds = word.relation == '=' ? actual == expected
                    : word.relation == '<' ? actual <= expected : actual >= expected;
            if (!holds) {
                throw new VectorFailure("expected " + word + ", actual " + stats);
            }
        }
        Run.ready(line);
        return Outcome.NOTHING;
    }

    private Outcome trim(Line line) {
        Recycler of = recycler(line);
        long keep = run.option(line, "keep", 0);
        Run.ready(line);
        return Outcome.of(of.recycler == null ? ArenaRecyclerNatives.trim(of.handle, keep) : of.recycler.trim(keep));
    }

    private Outcome destroy(Line line) {
        Recycler of = recycler(line);
        Run.ready(line);
        if (of.recycler == null) {
            throw new Refused(ArenaRecyclerNatives.destroy(of.handle));
        }
        of.recycler.close();
        return Outcome.NOTHING;
    }

    /** Checks the open ones. */
    void audit() {
        for (Object thing : run.names.values()) {
            int status = thing instanceof Recycler of ? Recyclers.check(of.recycler) : Status.OK;
            if (status != Status.OK) {
                throw new VectorFailure(thing + ": check says " + Status.name(status));
            }
        }
    }

    /** After the arenas, and before the pools. */
    void closeAll() {
        for (Object thing : run.names.values()) {
            if (thing instanceof Recycler of) {
                of.recycler.close();
            }
        }
    }
}
