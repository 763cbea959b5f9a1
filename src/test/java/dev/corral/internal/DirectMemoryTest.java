// SPDX-License-Identifier: Apache-2.0
package dev.corral.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.corral.ChildJvm;
import dev.corral.access.RunTests;
import dev.corral.access.UseReferences;
import dev.corral.fuzz.Misuse;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledInNativeImage;
import org.junit.jupiter.api.io.TempDir;

/** Where access by address is used, where buffers are, and that both do the same. */
@DisabledInNativeImage
class DirectMemoryTest {
    private static final boolean HAS_FFM = Runtime.version().feature() >= 22;
    private static final boolean KNOWN_PROCESSOR = Set.of("amd64", "x86_64", "aarch64")
            .contains(System.getProperty("os.arch"));
    private static final String BUFFERS = "-Dcorral.memory=buffers";
    private static final long SUM = -100_000L / 100 * (99 * 100 / 2) * 6;

    @TempDir
    Path directory;

    /** From a jar: versioned classes are seen only there. */
    private ChildJvm child() throws IOException {
        return new ChildJvm(directory)
                .libraryFrom(LibraryJar.write(directory.resolve("corral.jar"), LibraryJar.Natives.KEPT));
    }

    private static void assertUsed(boolean memory, ChildJvm child) throws Exception {
        assertEquals("memory=" + memory + " sum=" + SUM, child.run(UseReferences.class).succeeded().output().strip());
    }

    @Test
    void usedOnEveryJdk() throws Exception {
        assertUsed(HAS_FFM || KNOWN_PROCESSOR, child());
    }

    /** On JDK 24 and newer the access is granted by loading the library; on 22 and 23 it is not. */
    @Test
    void usedWithoutTheFlag() throws Exception {
        int jdk = Runtime.version().feature();
        ChildJvm.Result result = child().withoutNativeAccess().run(UseReferences.class).succeeded();
        boolean memory = jdk >= 24 || jdk < 22 && KNOWN_PROCESSOR;
        assertEquals(List.of("memory=" + memory + " sum=" + SUM), result.lines("memory="), result.output());
    }

    @Test
    void buffersOnRequest() throws Exception {
        assertUsed(false, child().with(BUFFERS));
    }

    /** On JDK 22 and newer it is not needed, so it must not be missed there. */
    @Test
    void buffersWhereTheUnsupportedModuleIsMissing() throws Exception {
        assertUsed(HAS_FFM, child().with("--limit-modules", "java.base"));
    }

    /** Nobody but the library asks for the module here. */
    @Test
    void theDescriptorBringsTheUnsupportedModule() throws Exception {
        assertUsed(HAS_FFM || KNOWN_PROCESSOR, child().asModule().with("--limit-modules", "dev.corral",
                "--add-exports", "dev.corral/dev.corral.internal=ALL-UNNAMED"));
    }

    /** Where the twin for JDK 22 is not seen, {@code Unsafe} would make a JDK 24 warn. */
    @Test
    void newerJdksAreNotWarnedOfUnsafe() throws Exception {
        assertUsed(KNOWN_PROCESSOR && !HAS_FFM, new ChildJvm(directory).libraryFrom(
                LibraryJar.writeUnversioned(directory.resolve("plain.jar"))));
    }

    @Test
    void testsHoldThroughBuffers() throws Exception {
        ChildJvm.Result result = new ChildJvm(directory).withThisClassPath().within(600)
                .with(BUFFERS, "-Dcorral.tests.min=900", "-Dcorral.basedir=" + System.getProperty("corral.basedir"))
                .run(RunTests.class, "dev.corral.vectors.VectorTest", "dev.corral.ArenaReferenceTest",
                        "dev.corral.ArenaAccessRulesTest", "dev.corral.MarkTest", "dev.corral.StaleAfterTrimTest",
                        "dev.corral.ZeroedTest", "dev.corral.ArenaBulkTest",
                        "dev.corral.EnteredChunksTest", "dev.corral.SlotPoolTest", "dev.corral.SlotMisuseTest",
                        "dev.corral.KeptSlotsTest")
                .succeeded();
        assertEquals(List.of("memory=false enough=true failed=0"), result.lines("memory="), result.output());
    }

    @Test
    void randomMisuseIsHarmlessThroughBuffers() throws Exception {
        ChildJvm.Result result = new ChildJvm(directory).with(BUFFERS, "-Xmx256m", "-Dcorral.leaks=off").within(120)
                .run(Misuse.class, "3", "2000").succeeded();
        assertEquals(1, result.lines("seeds=2000..").size(), result.output());
    }
}
