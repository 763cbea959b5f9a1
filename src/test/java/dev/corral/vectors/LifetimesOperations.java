// SPDX-License-Identifier: Apache-2.0
package dev.corral.vectors;

import dev.corral.Lifetime;
import dev.corral.LifetimePolicy;
import dev.corral.Lifetimes;
import dev.corral.LifetimesChecks;
import dev.corral.LifetimesStats;
import dev.corral.MemoryPool;
import dev.corral.NativeArena;
import dev.corral.PoolHandles;
import dev.corral.internal.ArenaNatives;
import dev.corral.internal.BlockNatives;
import dev.corral.internal.Status;
import dev.corral.vectors.Things.Arena;
import dev.corral.vectors.Things.Block;
import dev.corral.vectors.Things.Pool;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;

/** Objects by how long they live. */
final class LifetimesOperations {
    private static final Map<String, Function<LifetimesStats, Long>> NUMBERS = Map.ofEntries(
            Map.entry("process", stats -> stats.process().allocations()),
            Map.entry("process_bytes", stats -> stats.process().bytes()),
            Map.entry("process_allocated", LifetimesStats::processAllocated),
            Map.entry("unit_allocated", LifetimesStats::unitAllocated),
            Map.entry("unit", stats -> stats.unit().allocations()),
            Map.entry("unit_bytes", stats -> stats.unit().bytes()),
            Map.entry("unknown", stats -> stats.unknown().allocations()),
            Map.entry("unknown_bytes", stats -> stats.unknown().bytes()),
            Map.entry("freed", LifetimesStats::freed), Map.entry("units", LifetimesStats::units),
            Map.entry("last_unit", LifetimesStats::lastUnit), Map.entry("peak_unit", LifetimesStats::peakUnit),
            Map.entry("strings", LifetimesStats::strings), Map.entry("found", LifetimesStats::found),
            Map.entry("kinds", LifetimesStats::kinds));

    private final Run run;

    /** With its pool and arenas as things of their own. */
    private record Lived(Lifetimes lifetimes, Pool pool, Arena process, Arena unit) {
    }

    LifetimesOperations(Run run) {
        this.run = run;
    }

    void addTo(Map<String, Function<Line, Outcome>> table) {
        table.put("lifetimes", this::create);
        table.put("alloc_as", this::allocateAs);
        table.put("alloc_kind", this::allocateKind);
        table.put("kind", this::kind);
        table.put("context", this::context);
        table.put("decide", this::decide);
        table.put("intern", this::intern);
        table.put("free_from", this::freeFrom);
        table.put("end_unit", this::endUnit);
        table.put("lived", this::statistics);
        table.put("kind_lived", this::kindStatistics);
        table.put("lived_report", this::report);
        table.put("destroy_lifetimes", this::destroy);
    }

    private Lived lived(Line line) {
        return run.named(Run.word(line).text(), Lived.class);
    }

    private static Lifetime lifetime(Line line) {
        return Lifetime.valueOf(Run.word(line).text().toUpperCase(Locale.ROOT));
    }

    private Outcome create(Line line) {
        String name = Run.word(line).text();
        Word limit = line.option("limit");
        Word policy = line.option("policy");
        Run.ready(line);
        MemoryPool.Builder pool = MemoryPool.builder().name(name);
        if (limit != null) {
            pool.limit(run.number(limit.text()));
        }
        Lifetimes made = Lifetimes.builder().name(name).pool(pool).policy(policy(policy)).build();
        Pool of = new Pool(made.pool(), PoolHandles.of(made.pool()));
        Lived lived = new Lived(made, of, arena(made.process(), of), arena(made.unit(), of));
        run.bind(name, lived);
        run.bind(name + "_process", lived.process);
        run.bind(name + "_unit", lived.unit);
        return Outcome.NOTHING;
    }

    /** Of {@code kind:rule,kind:rule ..}. */
    private static LifetimePolicy policy(Word word) {
        LifetimePolicy.Builder policy = LifetimePolicy.builder();
        for (String kind : word == null ? new String[0] : word.text().split(",")) {
            String[] parts = kind.split(":");
            switch (parts[1]) {
                case "by_context" -> policy.byContext(parts[0]);
                case "unknown" -> policy.unknown(parts[0]);
                default -> policy.known(parts[0], Lifetime.valueOf(parts[1].toUpperCase(Locale.ROOT)));
            }
        }
        return policy.build();
    }

    private static Arena arena(NativeArena arena, Pool pool) {
        return new Arena(arena, pool, arena.nativeHandle());
    }

    // --- objects

    private Outcome made(Lived in, Lifetime lifetime, long size, ByteBuffer view, long ref) {
        Object owner = lifetime == Lifetime.UNKNOWN ? in.pool : lifetime == Lifetime.UNIT ? in.unit : in.process;
        Block block = new Block(owner, size, view);
        block.ref = ref;
        return Outcome.made(block);
    }

    private Outcome allocateAs(Line line) {
        Lived in = lived(line);
        Lifetime lifetime = lifetime(line);
        long size = run.number(line);
        Run.ready(line);
        if (!ArenaOperations.isInt(size)) {
            throw new Refused(Status.SIZE_LIMIT);
        }
        ByteBuffer view = in.lifetimes.allocate(lifetime, (int) size);
        return made(in, lifetime, size, view, lifetime == Lifetime.UNKNOWN ? 0 : refOf(in, lifetime, view));
    }

    private Outcome allocateKind(Line line) {
        Lived in = lived(line);
        String kind = Run.word(line).text();
        long size = run.number(line);
        Run.ready(line);
        ByteBuffer view = in.lifetimes.allocate(kind, (int) size);
        Lifetime lifetime = in.lifetimes.decide(kind);
        return made(in, lifetime, size, view, lifetime == Lifetime.UNKNOWN ? 0 : refOf(in, lifetime, view));
    }

    /** Where a view lies, as C sees it. */
    private static long refOf(Lived in, Lifetime lifetime, ByteBuffer view) {
        Arena arena = lifetime == Lifetime.UNIT ? in.unit : in.process;
        long address = BlockNatives.address(view);
        return view.capacity() == 0 ? 0 : ArenaNatives.ref(arena.handle, address);
    }

    private Outcome freeFrom(Line line) {
        Lived in = lived(line);
        Block block = run.pointer(line);
        Run.ready(line);
        run.verify(null);
        ByteBuffer view = block.view == null ? ByteBuffer.allocateDirect(8) : block.view;
        try {
            in.lifetimes.free(view);
        } catch (IllegalArgumentException e) {
            throw new Refused(block.freed ? Status.DOUBLE_FREE : Status.FOREIGN_POINTER);
        }
        block.freed = true;
        run.watched.remove(block);
        return Outcome.NOTHING;
    }

    private Outcome endUnit(Line line) {
        Lived in = lived(line);
        Run.ready(line);
        run.endFamily(in.unit, false);
        run.end(in.unit);
        in.lifetimes.endUnit();
        return Outcome.NOTHING;
    }

    private Outcome intern(Line line) {
        Lived in = lived(line);
        String text = Run.word(line).text();
        Run.ready(line);
        long ref = in.lifetimes.intern(text);
        if (!in.lifetimes.text(ref).equals(text)) {
            throw new VectorFailure("another text was interned: " + in.lifetimes.text(ref));
        }
        Block block = new Block(in.process, text.length() + 1L, null);
        block.ref = ref;
        block.address = ArenaNatives.resolve(in.process.handle, ref);
        return Outcome.found(block);
    }

    // --- kinds

    private Outcome kind(Line line) {
        Lived in = lived(line);
        String kind = Run.word(line).text();
        String rule = Run.word(line).text().toUpperCase(Locale.ROOT);
        Run.ready(line);
        in.lifetimes.define(kind, LifetimePolicy.Rule.valueOf(rule));
        return Outcome.NOTHING;
    }

    private Outcome context(Line line) {
        Lived in = lived(line);
        Lifetime context = lifetime(line);
        Run.ready(line);
        in.lifetimes.context(context);
        return Outcome.NOTHING;
    }

    private Outcome decide(Line line) {
        Lived in = lived(line);
        String kind = Run.word(line).text();
        Run.ready(line);
        String actual = in.lifetimes.decide(kind).name().toLowerCase(Locale.ROOT);
        Word expected = line.result();
        if (expected == null || !expected.text().equals(actual)) {
            throw new VectorFailure("this kind is decided to be " + actual);
        }
        return Outcome.NOTHING;
    }

    private Outcome statistics(Line line) {
        Lived in = lived(line);
        LifetimesStats stats = in.lifetimes.stats();
        for (Word word = line.anyOption(); word != null; word = line.anyOption()) {
            if (!NUMBERS.containsKey(word.key) || NUMBERS.get(word.key).apply(stats) != run.number(word.text())) {
                throw new VectorFailure("expected " + word + ", actual " + stats);
            }
        }
        Run.ready(line);
        return Outcome.NOTHING;
    }

    /** Of one kind: {@code process}, {@code process_bytes}, and so of the other lifetimes. */
    private Outcome kindStatistics(Line line) {
        Lived in = lived(line);
        Map<Lifetime, LifetimesStats.Count> counts = in.lifetimes.counts(Run.word(line).text());
        for (Word word = line.anyOption(); word != null; word = line.anyOption()) {
            boolean bytes = word.key.endsWith("_bytes");
            String lifetime = bytes ? word.key.substring(0, word.key.indexOf('_')) : word.key;
            LifetimesStats.Count count = counts.get(Lifetime.valueOf(lifetime.toUpperCase(Locale.ROOT)));
            if ((bytes ? count.bytes() : count.allocations()) != run.number(word.text())) {
                throw new VectorFailure("expected " + word + ", actual " + counts);
            }
        }
        Run.ready(line);
        return Outcome.NOTHING;
    }

    private Outcome report(Line line) {
        return DebugOperations.contains(line, lived(line).lifetimes.report());
    }

    // --- ends

    private void end(String name, Lived in) {
        for (Object owner : List.of(in.process, in.unit, in.pool)) {
            run.end(owner);
        }
        in.lifetimes.close();
        run.names.keySet().removeAll(List.of(name, name + "_process", name + "_unit"));
    }

    private Outcome destroy(Line line) {
        String name = Run.word(line).text();
        Lived in = run.named(name, Lived.class);
        Run.ready(line);
        end(name, in);
        return Outcome.NOTHING;
    }

    /** Checks all. */
    void audit() {
        for (Object thing : run.names.values()) {
            int status = thing instanceof Lived in ? LifetimesChecks.check(in.lifetimes) : Status.OK;
            if (status != Status.OK) {
                throw new VectorFailure(thing + ": check says " + Status.name(status));
            }
        }
    }

    /** Before anything else is closed. */
    void closeAll() {
        for (String name : List.copyOf(run.names.keySet())) {
            if (run.names.get(name) instanceof Lived in) {
                end(name, in);
            }
        }
    }
}
