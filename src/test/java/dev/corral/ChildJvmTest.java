// SPDX-License-Identifier: Apache-2.0
package dev.corral;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledInNativeImage;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What needs a JVM of its own: surviving the worst use, and the settings that are read once. */
@DisabledInNativeImage
class ChildJvmTest {
    @TempDir
    Path directory;

    @ParameterizedTest
    @CsvSource({"-XX:+UseSerialGC,default", "-XX:+UseG1GC,default", "-XX:+UseG1GC,retained"})
    void useAfterEverythingIsClosedNeverCrashes(String collector, String views) throws Exception {
        ChildJvm.Result result = new ChildJvm(directory).with(collector, "-Xmx128m", "-Dcorral.leaks=off")
                .run(UseAfterClose.class, views).succeeded();
        assertEquals(List.of("survived"), result.lines("survived"));
    }

    @Test
    void rubbishInStaleViewsHitsNothingOfTheLibrary() throws Exception {
        ChildJvm.Result result = new ChildJvm(directory).with("-Xcheck:jni").run(OverwriteStaleViews.class).succeeded();
        assertEquals("done 0", result.output().strip());
    }

    @ParameterizedTest
    @ValueSource(strings = {"-Dcorral.views=default", "-Dcorral.views=retained"})
    void familiesNeverCrash(String views) throws Exception {
        ChildJvm.Result result = new ChildJvm(directory).with("-Xcheck:jni", "-Xmx128m", "-Dcorral.leaks=off", views)
                .run(RandomFamilies.class).succeeded();
        assertEquals(List.of("survived"), result.lines("survived"));
    }

    @Test
    void aFinalizerMayUseAViewLate() throws Exception {
        ChildJvm.Result result = new ChildJvm(directory).with("-Dcorral.leaks=off")
                .run(LateFinalizer.class).succeeded();
        assertEquals(List.of("done"), result.lines("done"));
    }

    @Test
    void checkedJniHasNothingToSay() throws Exception {
        ChildJvm.Result result = new ChildJvm(directory).with("-Xcheck:jni", "-Xmx128m", "-Dcorral.leaks=off")
                .run(UseAfterClose.class, "default").succeeded();
        assertEquals("survived", result.output().strip());
    }

    private ChildJvm.Result damage(String... options) throws Exception {
        return new ChildJvm(directory).with(options).run(DamageArena.class).succeeded();
    }

    @Test
    void debugIsOnForAllArenasOfAProcess() throws Exception {
        ChildJvm.Result result = damage("-Dcorral.debug=true");
        assertEquals(1, result.lines("found: close: arena=child status=DAMAGED: ").size(), result.output());
        assertEquals(1, result.lines("damage=overrun block=0 size=8 at=@0:0 tag=DamageArena.main:").size(),
                result.output());
    }

    @Test
    void debugIsOnForAllPoolsOfAProcess() throws Exception {
        ChildJvm.Result result = new ChildJvm(directory).with("-Dcorral.debug=true").run(DamagePool.class).succeeded();
        assertEquals(1, result.lines("found: close: pool=child status=DAMAGED: corral: damage: kind=write-after-free")
                .size(), result.output());
        assertEquals(1, result.lines("allocated=DamagePool.main:").size(), result.output());
        assertEquals("quiet", new ChildJvm(directory).run(DamagePool.class).succeeded().output().strip());
    }

    @Test
    void debugIsOffUnlessItIsTurnedOn() throws Exception {
        assertEquals("quiet", damage().output().strip());
        assertEquals("quiet", damage("-Dcorral.debug=FALSE").output().strip());
    }

    @ParameterizedTest
    @ValueSource(strings = {"yes", ""})
    void anUnknownDebugValueSaysSo(String value) throws Exception {
        ChildJvm.Result result = damage("-Dcorral.debug=" + value);
        assertEquals(1, result.lines("corral.debug=" + value + ": use true or false; false is used").size(),
                result.output());
        assertEquals(1, result.lines("quiet").size(), result.output());
    }

    private ChildJvm.Result drop(String level, String... arguments) throws Exception {
        return new ChildJvm(directory).with("-Dcorral.leaks=" + level, "-XX:+UseSerialGC")
                .run(DropArenas.class, arguments).succeeded();
    }

    private static void assertReport(ChildJvm.Result result, String name, String site) {
        List<String> reports = result.lines("arena=" + name + " ");
        assertEquals(1, reports.size(), result.output());
        assertTrue(reports.get(0).contains(" was dropped without close(); its memory is freed. site=" + site),
                reports.get(0));
    }

    @Test
    void offReportsNothingAndStillFreesAndCounts() throws Exception {
        ChildJvm.Result result = drop("off", "10", "first", "second");
        assertEquals("droppedArenas=2 inUse=0", result.output().strip());
    }

    @Test
    void allReportsEverySite() throws Exception {
        ChildJvm.Result result = drop("all", "2000", "first", "second");
        assertReport(result, "first", "dev.corral.DropArenas.drop(");
        assertReport(result, "second", "dev.corral.DropArenas.drop(");
        assertEquals(1, result.lines("droppedArenas=2 inUse=0").size());
    }

    @Test
    void sampledRecordsTheFirstSites() throws Exception {
        assertReport(drop("sampled", "100", "first"), "first", "dev.corral.DropArenas.drop(");
    }

    @Test
    void sampledRecordsEverySiteAfterTheFirstReportWithoutOne() throws Exception {
        ChildJvm.Result result = drop("sampled", "1025", "first", "second");
        assertReport(result, "first", "none (recorded from now on)");
        assertReport(result, "second", "dev.corral.DropArenas.drop(");
    }

    @Test
    void sampledIsTheDefaultAndAnUnknownLevelSaysSo() throws Exception {
        ChildJvm.Result result = drop("nonsense", "100", "first");
        assertEquals(1, result.lines("corral.leaks=nonsense: use off, sampled or all; sampled is used").size());
        assertReport(result, "first", "dev.corral.DropArenas.drop(");
    }
}
