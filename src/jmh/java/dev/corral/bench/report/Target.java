// SPDX-License-Identifier: Apache-2.0
package dev.corral.bench.report;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.corral.bench.ProcessProfiler;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * A ratio that must hold, from {@code targets.json}.
 *
 * @param id a name that stays, for {@link Cause}
 * @param what in words
 * @param ours this library's benchmark, as "Class.method" or "native row.peer"
 * @param peer the figure that it is divided by, null if the bound is for the figure itself
 * @param params what both must have been measured with
 * @param oursParams further ones of ours
 * @param peerParams further ones of the peer
 * @param metric "time", or one of the others of {@link Figure}
 * @param atMost the bound
 * @param check the bound of the quick check, which a regression to twice the usual ratio exceeds; 0 if it is not in it
 * @param topic {@link #STRUCTURES} if it stands in the table of these, else null
 */
record Target(String id, String what, String ours, String peer, Map<String, String> params,
        Map<String, String> oursParams, Map<String, String> peerParams, String metric, double atMost, double check,
        String topic) {
    static final String TIME = "time";
    /** What is built on arenas. */
    static final String STRUCTURES = "structures";

    /** Below this, garbage counts as none: JMH's own is spread over the operations. */
    private static final double NO_GARBAGE = 1;

    static List<Target> all() throws IOException {
        try (InputStream in = Objects.requireNonNull(Target.class.getResourceAsStream("targets.json"))) {
            return new ObjectMapper().readValue(in.readAllBytes(), new TypeReference<List<Target>>() { });
        }
    }

    /**
     * What was measured, if both sides were: the ratio, or the figure itself if there is no peer.
     *
     * @param best of the fastest iterations, in processor time, not of the medians
     */
    Optional<Ratio> measured(List<Figure> figures, String runtime, boolean best) {
        Optional<Ratio> own = find(figures, runtime, ours, oursParams, best);
        return peer == null ? own : own.flatMap(value -> find(figures, runtime, peer, peerParams, best)
                .map(than -> Ratio.of(value.value(), value.error(), than.value(), than.error())));
    }

    boolean holds(double measured) {
        return measured <= (isGarbage() ? Math.max(atMost, NO_GARBAGE) : atMost);
    }

    boolean passesCheck(double measured) {
        return measured <= (isGarbage() ? Math.max(check, NO_GARBAGE) : check);
    }

    /** Bytes of garbage, not a ratio of them: other figures without a peer are compared as they are. */
    private boolean isGarbage() {
        return peer == null && metric().equals(Figure.GARBAGE);
    }

    private Optional<Ratio> find(List<Figure> figures, String runtime, String benchmark, Map<String, String> own,
            boolean best) {
        String id = Figures.id(benchmark);
        return figures.stream().filter(figure -> figure.runtime().equals(runtime) && figure.id().equals(id))
                .filter(figure -> figure.has(orNone(params)) && figure.has(orNone(own)))
                .map(figure -> value(figure, best)).filter(Objects::nonNull).findFirst();
    }

    private Ratio value(Figure figure, boolean best) {
        if (!metric().equals(TIME)) {
            Double other = figure.others().get(metric());
            return other == null || other >= ProcessProfiler.UNKNOWN ? null : new Ratio(other, Double.NaN);
        }
        return best ? new Ratio(figure.best(), Double.NaN) : new Ratio(figure.score(), figure.error());
    }

    /** The metric; time if the file names none. */
    @Override
    public String metric() {
        return metric == null ? TIME : metric;
    }

    private static Map<String, String> orNone(Map<String, String> map) {
        return map == null ? Map.of() : map;
    }

    /** Whether it is about figures of this group. */
    boolean isAbout(String group) {
        return Figures.id(ours).startsWith(group + '.');
    }

    /** Names of the benchmark methods on both sides. */
    List<String> benchmarks() {
        return peer == null ? List.of(ours) : List.of(ours, peer);
    }
}
