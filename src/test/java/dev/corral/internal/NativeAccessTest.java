// SPDX-License-Identifier: Apache-2.0
package dev.corral.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.corral.ChildJvm;
import dev.corral.access.UseLibrary;
import dev.corral.access.UseWithoutGrant;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledInNativeImage;
import org.junit.jupiter.api.condition.EnabledForJreRange;
import org.junit.jupiter.api.condition.JRE;
import org.junit.jupiter.api.io.TempDir;

/** Class path and module path, and what a JVM says to a library with native code. */
@DisabledInNativeImage
class NativeAccessTest {
    private static final int JDK = Runtime.version().feature();

    @TempDir
    Path directory;

    /** From a jar: descriptor and versioned classes are seen only there. */
    private ChildJvm child() throws IOException {
        return new ChildJvm(directory)
                .libraryFrom(LibraryJar.write(directory.resolve("corral.jar"), LibraryJar.Natives.KEPT));
    }

    private static String line(String module, boolean granted) {
        return "module=" + module + " views=" + (JDK >= 22 && granted ? "CHECKED" : "RETAINED")
                + " internals=" + module.equals("null") + " value=42";
    }

    @Test
    void onTheClassPath() throws Exception {
        assertEquals(line("null", true), child().run(UseLibrary.class).succeeded().output().strip());
    }

    @Test
    void onTheModulePath() throws Exception {
        assertEquals(line("dev.corral", true), child().asModule().run(UseLibrary.class).succeeded().output().strip());
    }

    @Test
    void retainedOnRequest() throws Exception {
        ChildJvm.Result result = child().with("-Dcorral.views=retained").run(UseLibrary.class).succeeded();
        assertEquals(line("null", false), result.output().strip());
    }

    /** From JDK 24 on the JVM warns of a library that is loaded without the flag, and grants access then. */
    @Test
    void withoutTheFlagThereIsNoWarningBeyondThatOfLoadingALibrary() throws Exception {
        ChildJvm.Result result = child().withoutNativeAccess().run(UseLibrary.class).succeeded();
        assertEquals(List.of(line("null", JDK >= 24)), result.lines("module="));
        assertEquals(JDK >= 24 ? 1 : 0, result.lines("WARNING: A restricted method in ").size(), result.output());
        assertEquals(JDK >= 24 ? 1 : 0, result.lines("A restricted method in java.lang.System has been called").size(),
                result.output());
    }

    /**
     * The layer for JDK 22 without native access, which 22 and 23 give only with the flag: no checks, no warning. Older
     * JDKs have no such grant.
     */
    @Test
    void whereAccessIsNotGrantedViewsAreRetained() throws Exception {
        ChildJvm.Result result = child().withoutNativeAccess().run(UseWithoutGrant.class).succeeded();
        List<String> lines = result.output().lines().filter(line -> line.contains("views=")).toList();
        assertEquals(List.of("views=false memory=" + (JDK < 22 && DirectMemory.isAvailable()),
                line("null", false)), lines);
        assertEquals(JDK >= 24 ? 1 : 0, result.lines("WARNING: A restricted method in ").size(), result.output());
    }

    @Test
    @EnabledForJreRange(min = JRE.JAVA_24)
    void deniedAccessNamesTheFlag() throws Exception {
        ChildJvm.Result result = child().withoutNativeAccess().with("--illegal-native-access=deny")
                .run(UseLibrary.class);
        assertNotEquals(0, result.exitCode());
        assertTrue(result.output().contains("UnsatisfiedLinkError: cannot load the native library of Corral: "),
                result.output());
        assertEquals(1, result.lines("Start the JVM with --enable-native-access=ALL-UNNAMED").size(), result.output());
    }

    @Test
    @EnabledForJreRange(min = JRE.JAVA_24)
    void deniedAccessNamesTheModule() throws Exception {
        ChildJvm.Result result = child().withoutNativeAccess().asModule().with("--illegal-native-access=deny")
                .run(UseLibrary.class);
        assertNotEquals(0, result.exitCode());
        assertEquals(1, result.lines("Start the JVM with --enable-native-access=dev.corral").size(), result.output());
    }

    @Test
    @EnabledForJreRange(min = JRE.JAVA_24)
    void grantedAccessIsEnoughWhereItIsDeniedToOthers() throws Exception {
        ChildJvm.Result result = child().with("--illegal-native-access=deny", "--sun-misc-unsafe-memory-access=deny")
                .run(UseLibrary.class).succeeded();
        assertEquals(line("null", true), result.output().strip());
    }
}
