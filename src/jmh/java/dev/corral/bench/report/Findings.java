// SPDX-License-Identifier: Apache-2.0
package dev.corral.bench.report;

import dev.corral.bench.ProcessProfiler;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** What the figures say, as sections of tables and pictures. */
final class Findings {
    /** Within this of the best peer nobody is called slower. */
    private static final double EVEN = 1.05;

    private static final String YES = "yes";
    private static final String NO = "NO";
    /** The bound is no farther than the error. */
    private static final String BARELY = ", barely";
    private static final List<String> PROGRAMS = List.of("JsonParse", "JsonRoundTrip", "SalesSums", "SyntaxTrees");
    private static final Set<String> COLLECTED = Set.of("Objects", "ManyValues",
            "ObjectsInLargeHeap", "ManyValuesInLargeHeap");
    private static final double MIB = 1 << 20;

    private final List<Figure> figures;
    private final List<Target> targets;
    private final Map<String, Cause> causes;
    private final Words words;

    Findings(List<Figure> figures) throws IOException {
        this.figures = figures;
        targets = Target.all();
        causes = Cause.all();
        words = Words.read();
    }

    /** The runtimes in a stable order, "C" last. */
    private Set<String> runtimes() {
        Set<String> runtimes = new TreeSet<>(Comparator.comparing((String name) -> name.equals("C"))
                .thenComparing(Comparator.naturalOrder()));
        figures.forEach(figure -> runtimes.add(figure.runtime()));
        return runtimes;
    }

    /** The ratios of a topic that must hold, null for those of none, with a column for each runtime. */
    List<List<String>> targets(String topic) {
        List<List<String>> rows = new ArrayList<>();
        List<String> head = new ArrayList<>(List.of("what", "at most"));
        head.addAll(runtimes());
        head.add("holds");
        rows.add(head);
        for (Target target : targets.stream().filter(one -> Objects.equals(one.topic(), topic)).toList()) {
            List<String> row = new ArrayList<>(List.of(target.what(), number(target.atMost())));
            for (String runtime : runtimes()) {
                row.add(target.measured(figures, runtime, false).map(Ratio::toString).orElse(""));
            }
            row.add(verdict(target));
            rows.add(row);
        }
        return rows;
    }

    /** How many of the rows hold, in a sentence. */
    String summary() {
        List<String> verdicts = targets.stream().map(this::verdict).toList();
        long missed = verdicts.stream().filter(verdict -> verdict.startsWith(NO)).count();
        long held = verdicts.stream().filter(verdict -> verdict.startsWith(YES)).count();
        long barely = verdicts.stream().filter(verdict -> verdict.endsWith(BARELY)).count();
        long absent = targets.size() - held - missed;
        return "Of " + (held + missed) + " rows " + held + " hold and " + missed + " do not; " + barely
                + " of them are decided by less than their error (*barely*): the next run may say otherwise."
                + (absent > 0 ? " " + absent + " were not measured." : "");
    }

    private String verdict(Target target) {
        List<String> measured = runtimes().stream()
                .filter(runtime -> target.measured(figures, runtime, false).isPresent()).toList();
        List<String> missed = measured.stream().filter(runtime -> !holds(target, runtime)).toList();
        if (measured.isEmpty()) {
            return "not measured";
        }
        if (missed.isEmpty()) {
            return YES + (measured.stream().anyMatch(runtime -> isNear(target, runtime)) ? BARELY : "");
        }
        return NO + (missed.equals(measured) ? "" : " on " + String.join(" and ", missed))
                + (missed.stream().allMatch(runtime -> isNear(target, runtime)) ? BARELY : "");
    }

    /** Whether the bound is within the error: the next run may say otherwise. */
    private boolean isNear(Target target, String runtime) {
        return target.measured(figures, runtime, false)
                .map(ratio -> Math.abs(ratio.value() - target.atMost()) <= ratio.error()).orElse(false);
    }

    private boolean holds(Target target, String runtime) {
        return target.measured(figures, runtime, false).map(ratio -> target.holds(ratio.value())).orElse(true);
    }

    /** What does not hold somewhere, with what was measured and why. */
    List<Miss> misses() {
        List<Miss> misses = new ArrayList<>();
        for (Target target : targets) {
            String measured = runtimes().stream().filter(runtime -> !holds(target, runtime))
                    .map(runtime -> target.measured(figures, runtime, false).orElseThrow() + " on " + runtime)
                    .collect(Collectors.joining(", "));
            if (!measured.isEmpty()) {
                misses.add(new Miss(target, measured + ", should be at most " + number(target.atMost()),
                        causes.getOrDefault(target.id(), Cause.UNKNOWN)));
            }
        }
        return misses;
    }

    /**
     * Where a peer is faster than the best that this library has: one row for a group and a runtime, the least loss
     * and the greatest one.
     */
    List<List<String>> losses() {
        Map<String, List<Loss>> groups = new TreeMap<>();
        for (List<Figure> contest : Figures.contests(figures)) {
            Optional<Figure> own = contest.stream().filter(Figure::isOurs).findFirst();
            Optional<Figure> peer = bestPeer(contest);
            if (own.isPresent() && peer.isPresent() && own.get().score() > EVEN * peer.get().score()) {
                groups.computeIfAbsent(own.get().group() + '/' + own.get().runtime(), same -> new ArrayList<>())
                        .add(new Loss(own.get(), peer.get()));
            }
        }
        List<List<String>> rows = new ArrayList<>();
        rows.add(List.of("where", "runtime", "settings", "faster peers", "ratio", "at the worst"));
        groups.values().forEach(losses -> rows.add(row(losses)));
        return rows;
    }

    /** Why, for each group in {@link #losses}. */
    List<List<String>> reasons() {
        List<List<String>> rows = new ArrayList<>();
        rows.add(List.of("where", "why"));
        losses().stream().skip(1).map(row -> row.get(0)).distinct()
                .forEach(group -> rows.add(List.of(group, words.lossIn(group))));
        return rows;
    }

    /** What was measured, in words. */
    List<List<String>> meanings() {
        return words.table(figures.stream().map(Figure::group).distinct().sorted().toList());
    }

    private static List<String> row(List<Loss> losses) {
        losses.sort(Comparator.comparing(Loss::ratio));
        Loss worst = losses.get(losses.size() - 1);
        Figure ours = worst.ours();
        String least = number(losses.get(0).ratio());
        return List.of(ours.group(), ours.runtime(), losses.stream().map(loss -> loss.ours().setting()).distinct()
                .filter(setting -> !setting.isEmpty()).sorted(Comparator.comparing(Figures::sortable))
                .collect(Collectors.joining("; ")),
                losses.stream().map(loss -> loss.peer().name()).distinct().collect(Collectors.joining(", ")),
                losses.size() == 1 ? least : least + " to " + number(worst.ratio()),
                ours.name() + ' ' + score(ours) + ", " + worst.peer().name() + ' ' + score(worst.peer()));
    }

    private record Loss(Figure ours, Figure peer) {
        double ratio() {
            return ours.score() / peer.score();
        }
    }

    /** Every contest with its table, and with its picture if there is a peer. */
    List<Section> contests(boolean pictures) throws IOException {
        List<Section> sections = new ArrayList<>();
        for (List<Figure> contest : Figures.contests(figures)) {
            Optional<Figure> peer = bestPeer(contest);
            boolean isDrawn = pictures && peer.isPresent() && contest.stream().anyMatch(Figure::isOurs);
            sections.add(new Section(title(contest.get(0)) + ", " + contest.get(0).runtime(),
                    words.of(contest.get(0).group()), table(contest, peer.orElse(null)),
                    isDrawn ? Chart.svg(contest, peer.get()) : null));
        }
        return sections;
    }

    /**
     * One section for each group, with what it is about; under it, without a title, a table for each runtime: a row for
     * each contestant, a column for each setting.
     */
    List<Section> groups() {
        Map<String, Map<String, List<List<Figure>>>> groups = new TreeMap<>();
        for (List<Figure> contest : Figures.contests(figures)) {
            Figure first = contest.get(0);
            groups.computeIfAbsent(first.group(), same -> new TreeMap<>())
                    .computeIfAbsent(first.runtime() + ", " + first.unit(), same -> new ArrayList<>()).add(contest);
        }
        List<Section> sections = new ArrayList<>();
        groups.forEach((name, tables) -> {
            sections.add(new Section(name, words.of(name), List.of(), null));
            tables.forEach((unit, contests) -> sections.add(new Section("", unit + ':', grid(contests), null)));
        });
        return sections;
    }

    /** Whole programs: time is only one of what they need. */
    List<List<String>> programs() {
        List<List<String>> rows = new ArrayList<>();
        rows.add(List.of("program", "runtime", "form", "ms", "±", "garbage, MiB", "peak memory, MiB",
                "longest pause, ms"));
        for (List<Figure> contest : Figures.contests(figures)) {
            for (Figure figure : contest) {
                if (PROGRAMS.contains(figure.group())) {
                    rows.add(List.of(figure.group(), figure.runtime(), figure.name(), number(figure.score()),
                            number(figure.error()), number(figure.others().getOrDefault(Figure.GARBAGE, Double.NaN)
                            / MIB), other(figure, Figure.PEAK), other(figure, Figure.PAUSE)));
                }
            }
        }
        return rows;
    }

    /** What lives for a while: what the collector does for it is in none of these times but for its pauses. */
    List<List<String>> collected() {
        List<List<String>> rows = new ArrayList<>();
        rows.add(List.of("where", "form", "runtime", "live", "ns", "±", "processor time, ns", "garbage, B",
                "longest pause, ms"));
        for (List<Figure> contest : Figures.contests(figures)) {
            for (Figure figure : contest) {
                if (COLLECTED.contains(figure.group())) {
                    rows.add(List.of(figure.group(), figure.name(), figure.runtime(),
                            figure.params().getOrDefault("live", ""), number(figure.score()), number(figure.error()),
                            other(figure, Figure.CPU), other(figure, Figure.GARBAGE), other(figure, Figure.PAUSE)));
                }
            }
        }
        return rows;
    }

    /** Pictures of the contests that a target is about. */
    List<Section> pictures() throws IOException {
        List<Section> sections = new ArrayList<>();
        for (List<Figure> contest : Figures.contests(figures)) {
            Optional<Figure> peer = bestPeer(contest);
            boolean isMeant = targets.stream().anyMatch(target -> target.peer() != null
                    && !target.ours().equals(target.peer()) && target.isAbout(contest.get(0).group())
                    && (target.params() == null || contest.get(0).has(target.params())));
            if (isMeant && peer.isPresent() && contest.stream().anyMatch(Figure::isOurs)) {
                sections.add(new Section(title(contest.get(0)) + ", " + contest.get(0).runtime(), "", List.of(),
                        Chart.svg(contest, peer.get())));
            }
        }
        return sections;
    }

    private static List<List<String>> grid(List<List<Figure>> contests) {
        Set<String> names = new LinkedHashSet<>();
        contests.forEach(contest -> contest.forEach(figure -> names.add(figure.name())));
        List<List<String>> rows = new ArrayList<>();
        List<String> head = new ArrayList<>(List.of(""));
        contests.forEach(contest -> head.add(contest.get(0).setting()));
        rows.add(head);
        for (String name : names) {
            List<String> row = new ArrayList<>(List.of(name));
            for (List<Figure> contest : contests) {
                row.add(contest.stream().filter(figure -> figure.name().equals(name)).findFirst()
                        .map(figure -> number(figure.score())).orElse(""));
            }
            rows.add(row);
        }
        return rows;
    }

    private static List<List<String>> table(List<Figure> contest, Figure bestPeer) {
        List<List<String>> rows = new ArrayList<>();
        rows.add(List.of("", contest.get(0).unit(), "±", "ratio to the best peer", "garbage, B/op",
                "peak memory, MiB", "longest pause, ms"));
        for (Figure figure : contest) {
            rows.add(List.of(figure.name(), number(figure.score()), number(figure.error()),
                    bestPeer == null ? "" : number(figure.score() / bestPeer.score()), other(figure, Figure.GARBAGE),
                    other(figure, Figure.PEAK), other(figure, Figure.PAUSE)));
        }
        return rows;
    }

    private static Optional<Figure> bestPeer(List<Figure> contest) {
        return contest.stream().filter(figure -> !figure.isOurs()).findFirst();
    }

    private static String title(Figure figure) {
        return figure.group() + (figure.params().isEmpty() ? "" : ", " + figure.setting());
    }

    private static String score(Figure figure) {
        return number(figure.score()) + ' ' + figure.unit();
    }

    private static String other(Figure figure, String name) {
        double value = figure.others().getOrDefault(name, Double.NaN);
        return value >= ProcessProfiler.UNKNOWN ? "" : number(value);
    }

    /** Three digits, more before the point. */
    static String number(double value) {
        if (Double.isNaN(value)) {
            return "";
        }
        double size = Math.abs(value);
        int decimals = size >= 100 || size == 0 ? 0 : size >= 10 ? 1 : size >= 0.1 ? 2 : 4;
        return String.format(Locale.ROOT, "%,." + decimals + "f", value);
    }
}
