// SPDX-License-Identifier: Apache-2.0
package dev.corral.bench.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FiguresTest {
    @TempDir
    Path directory;

    private Figure only() throws IOException {
        List<Figure> figures = Figures.read(directory);
        assertEquals(1, figures.size(), figures::toString);
        return figures.get(0);
    }

    @Test
    void aResultOfJmhIsRead() throws IOException {
        Sample.write(directory, "jmh-JDK-25.json",
                Sample.jmh("25.0.3", "SingleAllocation.arenaRef", "\"size\": \"64\"", 4, 0.5, "[4.0, 4.2], [3.8]"));
        Figure figure = only();
        assertEquals("JDK 25", figure.runtime());
        assertEquals("SingleAllocation.arenaRef", figure.id());
        assertEquals(Map.of("size", "64"), figure.params());
        assertEquals("ns/op", figure.unit());
        assertEquals(0.2, figure.error(), 1e-12);
        assertEquals(0.5, figure.best());
        assertEquals(Map.of(Figure.GARBAGE, 64.5, Figure.PEAK, 100.25, Figure.PAUSE, 7.0), figure.others());
    }

    @Test
    void theScoreIsTheMedianOfAllIterations() throws IOException {
        Sample.write(directory, "jmh-JDK-25.json",
                Sample.jmh("25", "G.arena", "", 200, 900, "[4.0, 1000.0, 3.0], [5.0, 2.0]"));
        assertEquals(4, only().score());
        Sample.write(directory, "jmh-JDK-25.json",
                Sample.jmh("25", "G.arena", "", 200, 900, "[1.0, 900.0], [3.0, 2.0]"));
        assertEquals(2.5, only().score());
    }

    @Test
    void theErrorIsTheIntervalOfRanksThatHoldsTheMedian() {
        assertTrue(Double.isNaN(Ranks.error(new double[] {3})));
        assertEquals(1.5, Ranks.error(new double[] {1, 2, 4})); // all of them
        assertEquals(500, Ranks.error(new double[] {0, 1, 2, 3, 4, 1000})); // of six still all
        double[] twelve = {-1000, 0, 10, 11, 12, 13, 14, 15, 16, 20, 500, 1000};
        assertEquals(5, Ranks.error(twelve)); // the third to the tenth, as tables of the sign test have it
        double[] eighteen = java.util.stream.IntStream.rangeClosed(1, 18).asDoubleStream().toArray();
        assertEquals((14 - 5) / 2.0, Ranks.error(eighteen));
    }

    @Test
    void theErrorIsOfTheIterationsOfAllJvms() throws IOException {
        Sample.write(directory, "jmh-JDK-25.json",
                Sample.jmh("25", "G.arena", "", 200, 900, "[1.0, 1.0, 1.0], [3.0, 3.0, 3.0]"));
        assertEquals(1, only().error());
    }

    @Test
    void theGlobalArenaIsOneOfTheSingleAllocations() throws IOException {
        Sample.write(directory, "jmh-JDK-25.json",
                Sample.jmh("25", "ffm.GlobalAllocationFfm.ffmGlobal", "\"size\": \"64\"", 90));
        assertEquals("SingleAllocation.ffmGlobal", only().id());
    }

    @Test
    void theBestIsTheLeastProcessorTimeWhereThatIsKnown() throws IOException {
        String plain = Sample.jmh("25", "G.arena", "", 3);
        String timed = plain.replace("\"gc.count\"", "\"cpu.least\": {\"score\": 2.5}, \"gc.count\"");
        Sample.write(directory, "jmh-JDK-25.json", timed);
        assertEquals(2.5, only().best());
        assertEquals(3, only().score());
        Sample.write(directory, "jmh-JDK-25.json", timed.replace("ns/op", "ms/op"));
        assertEquals(2.5e-6, only().best(), 1e-18);
        Sample.write(directory, "jmh-JDK-25.json", timed.replace("2.5}", "1e18}"));
        assertEquals(0.5, only().best()); // no iteration was long enough for the clock
        Sample.write(directory, "jmh-JDK-25.json", timed.replace("\"avgt\"", "\"sample\""));
        assertEquals(0.5, only().best()); // what is prepared for a sample takes processor time, too
    }

    @Test
    void ofSamplesTheFastestCounts() throws IOException {
        Sample.write(directory, "jmh-JDK-25.json", Sample.jmh("25", "BulkRelease.reset", "", 70, 9, "[70.0]")
                .replace("\"avgt\"", "\"sample\""));
        assertEquals(0.5, only().score());
        assertTrue(Double.isNaN(only().error()));
    }

    @Test
    void oneIterationHasNoError() throws IOException {
        Sample.write(directory, "jmh-JDK-17.json", Sample.jmh("17.0.15", "G.arena", "", 3, Double.NaN, "[3.0]"));
        assertTrue(Double.isNaN(only().error()));
        assertEquals("JDK 17", only().runtime());
    }

    @Test
    void peersOfNewerJdksAreInTheGroupOfTheOthers() throws IOException {
        Sample.write(directory, "jmh-JDK-25.json", Sample.jmh("25", "RequestCycle.arenaRefs", "", 1),
                Sample.jmh("25", "ffm.RequestCycleFfm.ffmConfined", "", 2));
        List<List<Figure>> contests = Figures.contests(Figures.read(directory));
        assertEquals(1, contests.size());
        assertEquals(List.of("arenaRefs", "ffmConfined"), contests.get(0).stream().map(Figure::name).toList());
    }

    @Test
    void differentSettingsRuntimesAndQuestionsAreDifferentContests() throws IOException {
        Sample.write(directory, "jmh-JDK-25.json", Sample.jmh("25", "G.arena", "\"size\": \"5\"", 1),
                Sample.jmh("25", "G.arena", "\"size\": \"64\"", 1), Sample.jmh("17", "G.arena", "\"size\": \"64\"", 1),
                Sample.jmh("25", "SlotValues.slotGet", "", 1), Sample.jmh("25", "SlotValues.slotPutAndRemove", "", 1));
        List<List<Figure>> contests = Figures.contests(Figures.read(directory));
        assertEquals(5, contests.size());
        assertEquals(List.of("size 5", "size 64"), contests.stream().map(contest -> contest.get(0).setting())
                .filter(setting -> !setting.isEmpty()).distinct().toList());
    }

    @Test
    void nativeResultsAreRead() throws IOException {
        Sample.write(directory, "native.json", """
                {"benchmark": "native.unit", "params": {"trace": "json", "peer": "bumpalo"}, "unit": "ns/block",
                 "score": 2.5, "error": 0.25}""");
        Figure figure = only();
        assertEquals("C", figure.runtime());
        assertEquals("native unit.bumpalo", figure.id());
        assertEquals(Map.of("trace", "json"), figure.params());
        assertEquals(2.5, figure.score());
        assertFalse(figure.isOurs());
    }

    @Test
    void otherFilesAreLeftAlone() throws IOException {
        Files.writeString(directory.resolve("machine-JDK-25.json"), "{\"JVM\": \"a\"}");
        Files.writeString(directory.resolve("jmh-JDK-25.json.new"), "half a fi");
        Files.writeString(directory.resolve("report.html"), "");
        assertEquals(List.of(), Figures.read(directory));
    }

    @Test
    void thisLibrarysNamesAreKnown() {
        for (String name : List.of("arena", "arenaRefs", "poolBlocks", "corral", "slotGet", "stackFrameRef",
                "lifetimes", "lookUpMapped", "objectPool")) {
            assertTrue(Sample.figure(name, 1, 0).isOurs(), name);
        }
        for (String name : List.of("objects", "lwjglStack", "stringIntern", "jackson", "nettyPooled", "newByteArray",
                "listPutAndRemove", "jniRef")) {
            assertFalse(Sample.figure(name, 1, 0).isOurs(), name);
        }
    }
}
