// SPDX-License-Identifier: Apache-2.0
package dev.corral.vectors;

import dev.corral.ArenaStats;
import dev.corral.MemoryDamageException;
import dev.corral.PoolStats;
import dev.corral.internal.ArenaNatives;
import dev.corral.internal.ControlBlock;
import dev.corral.internal.DebugNatives;
import dev.corral.internal.PoolNatives;
import dev.corral.internal.Status;
import dev.corral.vectors.Things.Arena;
import dev.corral.vectors.Things.Block;
import dev.corral.vectors.Things.Pool;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** Runs the lines of a vector, and verifies around each what must hold whatever the line says. */
final class Engine {
    /** Operations that ran. */
    int operations;
    private final Run run;
    private final Results results;
    private final RecyclerOperations recyclers;
    private final SlotOperations slots;
    private final MappedOperations files;
    private final LifetimesOperations lifetimes;
    private final ObjectOperations objects;
    private final StackOperations stacks;
    private final Map<String, Function<Line, Outcome>> table = new HashMap<>();

    Engine(Run run) {
        this.run = run;
        this.results = new Results(run);
        ArenaOperations arenas = new ArenaOperations(run);
        PoolOperations pools = new PoolOperations(run);
        FamilyOperations families = new FamilyOperations(run);
        MarkOperations marks = new MarkOperations(run);
        TextOperations texts = new TextOperations(run, arenas);
        StatisticsOperations statistics = new StatisticsOperations(run);
        table.put("observed", new ObserverOperations(run)::observed);
        table.put("pool", pools::create);
        table.put("arena", arenas::create);
        table.put("child", families::child);
        both("trim", families::trim, pools::trim);
        table.put("reset", arenas::reset);
        table.put("clear", arenas::clear);
        table.put("mark", marks::mark);
        table.put("rewind", marks::rewind);
        table.put("open_scope", marks::openScope);
        table.put("close_scope", marks::closeScope);
        both("destroy", arenas::destroy, pools::destroy);
        both("alloc", arenas::allocate, pools::allocate);
        both("calloc", arenas::allocateZeroed, pools::allocateZeroed);
        both("strdup", texts::strdup, pools::strdup);
        table.put("alloc_ref", arenas::allocateRef);
        table.put("strndup", texts::strndup);
        table.put("sprintf", texts::format);
        table.put("fill", texts::fill);
        table.put("holds", texts::holds);
        table.put("ref", arenas::ref);
        table.put("resolve", arenas::resolve);
        table.put("put", arenas::put);
        table.put("get", arenas::get);
        table.put("free", pools::free);
        ResizeOperations sizes = new ResizeOperations(run);
        both("realloc", sizes::reallocate, pools::reallocate);
        table.put("shrink_last", sizes::shrinkLast);
        table.put("usable", pools::usable);
        table.put("expect", statistics::expect);
        table.put("measure", statistics::measure);
        table.put("chunk", statistics::chunk);
        table.put("check", statistics::check);
        table.put("status", statistics::status);
        table.put("print", statistics::print);
        ReleaseOperations releases = new ReleaseOperations(run);
        table.put("on_release", releases::onRelease);
        table.put("released", releases::released);
        BuilderOperations builders = new BuilderOperations(run);
        builders.addTo(table);
        recyclers = new RecyclerOperations(run);
        slots = new SlotOperations(run);
        files = new MappedOperations(run);
        lifetimes = new LifetimesOperations(run);
        objects = new ObjectOperations(run);
        stacks = new StackOperations(run);
        addStructures();
        new DebugOperations(run).addTo(table);
    }

    private void addStructures() {
        objects.addTo(table);
        stacks.addTo(table);
        recyclers.addTo(table);
        slots.addTo(table);
        files.addTo(table);
        lifetimes.addTo(table);
    }

    private void both(String verb, Function<Line, Outcome> ofArena, Function<Line, Outcome> ofPool) {
        table.put(verb, line -> run.targetsPool(line) ? ofPool.apply(line) : ofArena.apply(line));
    }

    // --- lines

    /** Runs all lines and the end; a failure names the line. */
    void runAll(String vector, List<String> lines) {
        int number = 0;
        try {
            for (; number < lines.size(); number++) {
                Line line = LineParser.parse(lines.get(number));
                if (!line.words.isEmpty() && line.words.get(0).text().equals("again")) {
                    runAgain(lines, number, line);
                } else if (!line.words.isEmpty()) {
                    runLine(line);
                    audit();
                }
            }
            finish();
        } catch (VectorFailure | RuntimeException e) {
            String source = number < lines.size() ? lines.get(number) : "(the end of the vector)";
            throw new VectorFailure(vector + ".vec:" + (number + 1) + ": " + e.getMessage() + "\n    " + source, e);
        }
    }

    /** The lines before this one, so many of them, so often. */
    private void runAgain(List<String> lines, int number, Line line) {
        long count = line.words.size() == 3 ? run.number(line.words.get(1).text()) : 0;
        if (count < 1 || count > number || line.arrow != 3) {
            throw new VectorFailure("again is followed by a number of lines and how often");
        }
        for (long times = run.number(line.words.get(2).text()); times > 0; times--) {
            for (int at = number - (int) count; at < number; at++) {
                runLine(LineParser.parse(lines.get(at)));
            }
        }
        audit();
    }

    private void runLine(Line line) {
        long times = 1;
        int first = 0;
        if (line.words.get(0).text().equals("repeat") && line.arrow > 2) {
            times = run.number(line.words.get(1).text());
            first = 2;
            if (times <= 0) {
                throw new VectorFailure("repeat is followed by a number and an operation");
            }
        }
        Function<Line, Outcome> operation = table.get(line.words.get(first).text());
        if (operation == null) {
            throw new VectorFailure("unknown operation: " + line.words.get(first));
        }
        line.words.subList(0, first + 1).forEach(word -> word.used = true);
        for (long i = 0; i < times; i++) {
            line.unuse(first + 1);
            runOnce(line, operation);
        }
    }

    private void runOnce(Line line, Function<Line, Outcome> operation) {
        remember();
        Outcome outcome = null;
        String status = Status.name(Status.OK);
        try {
            outcome = operation.apply(line);
        } catch (RuntimeException e) {
            status = Refused.statusOf(e);
            if (status == null) {
                throw e;
            }
            run.report = e instanceof MemoryDamageException ? e.getMessage() : run.report;
            if (!status.equals(Status.name(Status.DAMAGED))) { // which says that the operation has completed
                verifyUnchanged(status);
            }
        }
        operations++;
        results.compare(line, outcome, status);
        Word unused = line.unused(false);
        if (unused != null) {
            throw new VectorFailure("not understood: " + unused);
        }
    }

    // --- what must hold at any time

    private List<Arena> arenas() {
        return run.names.values().stream().filter(Arena.class::isInstance).map(Arena.class::cast)
                .filter(arena -> arena.live).toList();
    }

    private List<Pool> pools() {
        return run.names.values().stream().filter(Pool.class::isInstance).map(Pool.class::cast)
                .filter(pool -> pool.live).toList();
    }

    /** The control block without the status. */
    private static byte[] control(Arena arena) {
        byte[] bytes = new byte[ControlBlock.SIZE];
        Run.control(arena).putShort(ControlBlock.STATUS, Run.control(arena).getShort(ControlBlock.STATUS)).get(bytes);
        bytes[ControlBlock.STATUS] = 0;
        bytes[ControlBlock.STATUS + 1] = 0;
        return bytes;
    }

    private void remember() {
        for (Arena arena : arenas()) {
            arena.stats = arena.arena.stats();
            arena.control = control(arena);
        }
    }

    private void verifyUnchanged(String status) {
        for (Arena arena : arenas()) {
            if (!arena.arena.stats().equals(arena.stats) || !Arrays.equals(control(arena), arena.control)) {
                throw new VectorFailure("the operation failed with " + status + " and has changed " + arena.arena);
            }
        }
        run.verify(null);
    }

    private void audit() {
        for (Arena arena : arenas()) {
            ArenaStats stats = arena.arena.stats();
            int status = ArenaNatives.check(arena.handle);
            DebugNatives.takeReport();
            arena.damaged = arena.damaged && status == Status.DAMAGED;
            require(arena.damaged ? Status.OK : status, arena.arena);
            if (stats.allocated() != stats.used() + stats.waste() || stats.used() > stats.peakUsed()) {
                throw new VectorFailure("does not add up: " + stats);
            }
        }
        for (Pool pool : pools()) {
            PoolStats stats = pool.pool.stats();
            if (stats.reserved() != stats.inUse() + stats.freeBytes() + stats.metadata()) {
                throw new VectorFailure("does not add up: " + stats);
            }
        }
        recyclers.audit();
        slots.audit();
        lifetimes.audit();
        run.verifyForeign();
    }

    private static void require(int status, Object what) {
        if (status != Status.OK) {
            throw new VectorFailure(what + ": check says " + Status.name(status));
        }
    }

    // --- the end

    /** Everything is checked and closed; nothing may be left in a pool. */
    private void finish() {
        audit();
        run.verify(null);
        lifetimes.closeAll();
        for (Pool pool : pools()) {
            for (Block block : List.copyOf(run.watched)) {
                if (block.owner == pool && run.variant == Run.Variant.REFS) {
                    require(PoolNatives.free(pool.handle, block.address), "free");
                } else if (block.owner == pool) {
                    pool.pool.free(block.view);
                }
            }
        }
        slots.closeAll();
        objects.closeAll();
        stacks.closeAll();
        arenas().forEach(arena -> arena.arena.close());
        recyclers.closeAll();
        files.finish();
        for (Pool pool : pools()) {
            PoolStats stats = pool.pool.stats();
            if (stats.liveBlocks() != 0 || stats.openArenas() != 0) {
                throw new VectorFailure("after everything was closed: " + stats);
            }
            require(PoolNatives.check(pool.handle), pool.pool);
            pool.pool.close();
            pool.live = false;
        }
    }

    /** After a failure: closes what is still open. */
    void abandon() {
        files.finish();
        pools().forEach(pool -> pool.pool.close());
    }
}
