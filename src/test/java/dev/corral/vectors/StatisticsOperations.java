// SPDX-License-Identifier: Apache-2.0
package dev.corral.vectors;

import dev.corral.ArenaStats;
import dev.corral.PoolStats;
import dev.corral.internal.ArenaNatives;
import dev.corral.internal.PoolNatives;
import dev.corral.internal.Status;
import dev.corral.vectors.Run.Variant;
import dev.corral.vectors.Things.Arena;
import dev.corral.vectors.Things.Pool;
import java.util.Set;

/** Statistics, statuses and checks. */
final class StatisticsOperations {
    private static final long LONGS = 64; // more than either native struct fills

    /** While views are reachable their memory stays, and frees that Java refuses do not reach the pool. */
    private static final Set<String> NOT_WITH_VIEWS = Set.of("reserved", "free_bytes", "metadata", "peak_reserved",
            "regions", "refused_frees");

    private static final int COLUMNS = 80;
    private final Run run;

    StatisticsOperations(Run run) {
        this.run = run;
    }

    private static long value(ArenaStats stats, String key) {
        return switch (key) {
            case "allocated" -> stats.allocated();
            case "used" -> stats.used();
            case "waste" -> stats.waste();
            case "chunks" -> stats.chunks();
            case "count" -> stats.count();
            case "peak_used" -> stats.peakUsed();
            case "peak_allocated" -> stats.peakAllocated();
            case "resets" -> stats.resets();
            case "limit" -> stats.limit();
            case "fell_back" -> stats.fellBack();
            case "children" -> stats.children();
            case "children_allocated" -> stats.childrenAllocated();
            default -> {
                if (!key.matches("growth\\.[0-9]{1,2}")) {
                    throw new VectorFailure("unknown statistic: " + key);
                }
                yield stats.growth().getOrDefault(1L << Integer.parseInt(key.substring(7)), 0L);
            }
        };
    }

    private static long value(PoolStats stats, String key) {
        return switch (key) {
            case "reserved" -> stats.reserved();
            case "in_use" -> stats.inUse();
            case "free_bytes" -> stats.freeBytes();
            case "metadata" -> stats.metadata();
            case "peak_in_use" -> stats.peakInUse();
            case "peak_reserved" -> stats.peakReserved();
            case "live_blocks" -> stats.liveBlocks();
            case "allocations" -> stats.allocations();
            case "frees" -> stats.frees();
            case "failures" -> stats.failures();
            case "refused_frees" -> stats.refusedFrees();
            case "regions" -> stats.regions();
            case "limit" -> stats.limit();
            default -> throw new VectorFailure("unknown statistic: " + key);
        };
    }

    /** The statistics of an arena; of one that only C knows there are none. */
    private static ArenaStats stats(Arena arena) {
        if (arena.arena == null) {
            throw new Refused(ArenaNatives.stats(arena.handle, new long[(int) LONGS]));
        }
        return arena.arena.stats();
    }

    Outcome expect(Line line) {
        boolean isPool = run.targetsPool(line);
        Pool pool = isPool ? run.pool(Run.word(line).text()) : null;
        ArenaStats arena = isPool ? null : stats(run.arena(line));
        PoolStats stats = isPool ? pool.pool.stats() : null;
        Word word = line.anyOption();
        if (word == null) {
            throw new VectorFailure("expect what?");
        }
        for (; word != null; word = line.anyOption()) {
            long actual = isPool ? value(stats, word.key) : value(arena, word.key);
            boolean known = !isPool || run.variant == Variant.REFS || !NOT_WITH_VIEWS.contains(word.key);
            if (known && !holds(word.relation, actual, run.number(word.text()))) {
                throw new VectorFailure(word + ": actual " + actual);
            }
        }
        Run.ready(line);
        return Outcome.NOTHING;
    }

    static boolean holds(char relation, long actual, long expected) {
        int order = Long.compareUnsigned(actual, expected);
        return relation == '=' ? order == 0 : relation == '<' ? order <= 0 : order >= 0;
    }

    Outcome measure(Line line) {
        if (run.targetsPool(line)) {
            return Outcome.of(value(run.pool(Run.word(line).text()).pool.stats(), Run.word(line).text()));
        }
        return Outcome.of(value(stats(run.arena(line)), Run.word(line).text()));
    }

    /** How much of a chunk is used, Java does not know. */
    Outcome chunk(Line line) {
        Arena arena = run.arena(line);
        int index = (int) run.number(line);
        Word capacity = line.option("capacity");
        line.option("used");
        Run.ready(line);
        stats(arena);
        if (ArenaNatives.chunkBase(arena.handle, index) == 0) {
            throw new Refused(Status.INVALID_ARGUMENT);
        }
        long actual = ArenaNatives.chunkCapacity(arena.handle, index);
        if (capacity != null && actual != run.number(capacity.text())) {
            throw new VectorFailure("chunk " + index + ": actual capacity=" + actual);
        }
        return Outcome.NOTHING;
    }

    Outcome check(Line line) {
        boolean isPool = run.targetsPool(line);
        Pool pool = isPool ? run.pool(Run.word(line).text()) : null;
        Arena arena = isPool ? null : run.arena(line);
        Run.ready(line);
        int status = isPool ? PoolNatives.check(pool.handle) : ArenaNatives.check(arena.handle);
        if (status == Status.DAMAGED) {
            run.report = DebugOperations.takeReport();
        }
        if (status != Status.OK) {
            throw new Refused(status);
        }
        run.verify(isPool ? pool : arena);
        return Outcome.NOTHING;
    }

    Outcome status(Line line) {
        Arena arena = run.arena(line);
        Word expected = line.result();
        Run.ready(line);
        if (expected == null || !expected.text().equals(Run.lastStatus(arena))) {
            throw new VectorFailure("actual status: " + Run.lastStatus(arena));
        }
        return Outcome.NOTHING;
    }

    /** All of them in one line. */
    Outcome print(Line line) {
        if (run.targetsPool(line)) {
            Pool pool = run.pool(Run.word(line).text());
            Run.ready(line);
            return print(pool.pool.stats().toString(), pool.pool.statsTable(), "pool ");
        }
        Arena arena = run.arena(line);
        Run.ready(line);
        return print(stats(arena).toString(), arena.arena.statsTable(), "arena ");
    }

    private static Outcome print(String text, String table, String head) {
        if (!text.matches(".*(used|inUse)=.*")) { // one line
            throw new VectorFailure("statistics: " + text);
        }
        if (!table.startsWith(head) || !table.lines().allMatch(row -> row.length() <= COLUMNS)) {
            throw new VectorFailure("statistics: " + table);
        }
        return Outcome.NOTHING;
    }
}
