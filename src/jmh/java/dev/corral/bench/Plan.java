// SPDX-License-Identifier: Apache-2.0
package dev.corral.bench;

import dev.corral.bench.report.Asked;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.openjdk.jmh.runner.BenchmarkListEntry;

/**
 * What is measured and how long. What must hold gets more JVMs and a longer warm-up than the rest: what the JIT makes
 * of the same code differs from JVM to JVM more than from iteration to iteration, and with the largest methods on a new
 * JDK it takes a second until that stays.
 */
final class Plan {
    /** Milliseconds of an iteration in the short comparison and in the full one. */
    static final int MILLIS = 25;
    /** JVMs for what must hold. */
    static final int FORKS = 4;
    private static final int WARM_UPS = 4;
    /** For what must hold. */
    static final int MORE_WARM_UPS = 2 * WARM_UPS;
    private static final int ITERATIONS = 6;
    /** A program takes milliseconds. */
    private static final int LONGER = 4;
    /** Seconds in which 8 GiB are filled, written and given back, or a program's input is made. */
    private static final double FILL = 6;
    private static final double INPUT = 1.5;

    /** Groups whose benchmarks get a few blocks or values and give them back. */
    static final List<String> ROWS = List.of("SingleAllocation", "UnitAllocation", "Frames", "RequestCycle",
            "BorrowedBlocks", "SlotValues");
    private static final List<String> OBJECTS = List.of("Objects");
    private static final List<String> BLOCKS = List.of("PooledBlocks");
    private static final Map<String, List<String>> FEW_LIVE = Map.of("live", List.of("1000"));
    private static final List<String> MANY_COLLECTED = List.of("Objects", "ManyValues");
    private static final List<String> SELDOM_COLLECTED = List.of("ObjectsInLargeHeap", "ManyValuesInLargeHeap");
    /** To touch the larger heap. */
    private static final double LARGE_HEAP = 0.4;
    /** They keep the collector busy, of whose work there must be some in each iteration. */
    private static final Map<String, List<String>> MANY_LIVE = Map.of("live", List.of("500000"));
    private static final List<String> PROGRAMS = List.of("JsonRoundTrip", "JsonParse", "ListWalk");
    private static final List<String> MORE_PROGRAMS = List.of("SalesSums", "SyntaxTrees", "TreeWalk",
            "DictionaryLookup");
    private static final List<String> NEVER_GIVEN_BACK = List.of("GlobalAllocation");
    private static final List<String> BULK = List.of("BulkRelease");
    private static final List<String> LIVE = List.of("LiveMemory");
    private static final List<String> LIVE_RELEASE = List.of("LiveRelease");
    private static final List<String> MANY = List.of("ManyArenas");
    private static final List<String> RELEASE = List.of("ReleaseAll");
    private static final List<String> THREADS = List.of("RequestCycleTwoThreads");

    /** Groups that need more than a small Java heap, or show how much of it they take. */
    static final Set<String> LARGE = Stream.of(PROGRAMS, MORE_PROGRAMS, BULK, LIVE, LIVE_RELEASE)
            .flatMap(List::stream).collect(Collectors.toUnmodifiableSet());

    /** The settings that DESIGN's table is about. */
    static final Map<String, List<String>> SHORT = Map.of("size", List.of("64"), "mix", List.of("small"),
            "nodes", List.of("1000000"), "order", List.of("allocated"),
            "reads", List.of("random"), "text", List.of("ascii"));

    private Plan() {
    }

    /** Of so many JVMs for what must hold, those for what takes long. */
    private static int some(int forks) {
        return Math.max(1, forks / 2);
    }

    /** Those for everything else. */
    private static int few(int forks) {
        return Math.max(1, forks / 4);
    }

    /** What must hold, so far as it is a matter of nanoseconds. */
    private static List<Part> asked(int forks, int millis) {
        List<String> asked = names();
        return List.of(
                new Part(ROWS, SHORT, forks, MORE_WARM_UPS, ITERATIONS, millis).only(asked),
                new Part(OBJECTS, FEW_LIVE, forks, MORE_WARM_UPS, ITERATIONS, millis).only(asked),
                new Part(BLOCKS, SHORT, some(forks), WARM_UPS, ITERATIONS, millis));
    }

    /** What stands beside it. */
    private static List<Part> beside(int forks, int millis) {
        List<String> asked = names();
        return List.of(
                new Part(ROWS, SHORT, forks, WARM_UPS, ITERATIONS, millis).without(asked),
                new Part(OBJECTS, FEW_LIVE, forks, WARM_UPS, ITERATIONS, millis).without(asked));
    }

    private static List<String> names() {
        try {
            return Asked.benchmarks();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** One setting of what must hold. */
    static List<Part> brief(int most, int millis) {
        List<Part> parts = new ArrayList<>(asked(some(most), millis));
        parts.addAll(List.of(
                new Part(MANY_COLLECTED, MANY_LIVE, 1, WARM_UPS, ITERATIONS, LONGER * millis),
                new Part(PROGRAMS, SHORT, 1, WARM_UPS, ITERATIONS, LONGER * millis, INPUT),
                new Part(BULK, SHORT, 1, WARM_UPS, ITERATIONS, LONGER * millis)));
        return parts;
    }

    /** Everything. Sizes and mixes that say nothing new beside others are left out. */
    static List<Part> full(int most, int millis, Collection<BenchmarkListEntry> all) {
        int some = some(most);
        int few = few(most);
        List<Part> parts = new ArrayList<>(asked(most, millis));
        parts.addAll(beside(few, millis));
        parts.addAll(List.of(
                new Part(MANY_COLLECTED, MANY_LIVE, some, WARM_UPS, ITERATIONS, LONGER * millis),
                new Part(SELDOM_COLLECTED, MANY_LIVE, few, WARM_UPS, ITERATIONS, 2 * millis, LARGE_HEAP),
                new Part(PROGRAMS, SHORT, some, WARM_UPS, ITERATIONS, LONGER * millis, INPUT),
                new Part(BULK, Map.of(), some, WARM_UPS, ITERATIONS, LONGER * millis),
                new Part(List.of("SingleAllocation"), Map.of("size", List.of("5", "20", "100", "500", "2000", "8000")),
                        few, WARM_UPS, ITERATIONS, half(millis)),
                new Part(List.of("UnitAllocation"), Map.of("size", List.of("500", "8000")),
                        few, WARM_UPS, ITERATIONS, half(millis)),
                new Part(List.of("Frames"), Map.of("size", List.of("2000")), few, WARM_UPS, ITERATIONS, half(millis)),
                new Part(RELEASE, Map.of("size", List.of("64", "500", "8000")), few, WARM_UPS, ITERATIONS,
                        half(millis)),
                new Part(List.of("RequestCycle"), Map.of("mix", List.of("mixed")), few, WARM_UPS, ITERATIONS,
                        half(millis)),
                new Part(THREADS, SHORT, few, WARM_UPS, ITERATIONS, half(millis)),
                new Part(NEVER_GIVEN_BACK, Map.of(), few, 4 * ITERATIONS, 4 * ITERATIONS, 0),
                new Part(MORE_PROGRAMS, Map.of(), few, WARM_UPS, ITERATIONS, LONGER * millis, INPUT),
                new Part(List.of("ListWalk"), Map.of("nodes", List.of("1000000"), "order", List.of("shuffled")), few,
                        WARM_UPS, ITERATIONS, LONGER * millis, INPUT),
                new Part(List.of("ListWalk"), Map.of("nodes", List.of("10000000")), few, 2, ITERATIONS,
                        LONGER * millis, 2 * INPUT),
                new Part(MANY, Map.of(), few, WARM_UPS, ITERATIONS, LONGER * millis),
                new Part(LIVE, Map.of(), few, WARM_UPS, ITERATIONS, LONGER * millis, FILL / 2),
                new Part(LIVE_RELEASE, Map.of(), few, 1, ITERATIONS / 2, 0, FILL)));
        parts.add(new Part(rest(parts, all), Map.of(), few, WARM_UPS, ITERATIONS, half(millis)));
        return parts;
    }

    private static int half(int millis) {
        return Math.max(1, millis / 2);
    }

    /** The groups that no part names: a new benchmark is measured before anybody has a special wish for it. */
    private static List<String> rest(List<Part> parts, Collection<BenchmarkListEntry> all) {
        List<String> named = parts.stream().flatMap(part -> part.groups().stream()).toList();
        return all.stream().map(entry -> group(entry.getUsername())).distinct().filter(name -> !named.contains(name))
                .sorted().collect(Collectors.toList());
    }

    private static String group(String benchmark) {
        String[] names = benchmark.split("\\.");
        return names[names.length - 2].replaceFirst("Ffm$", "");
    }
}
