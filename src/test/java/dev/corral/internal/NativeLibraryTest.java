// SPDX-License-Identifier: Apache-2.0
package dev.corral.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.corral.ChildJvm;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledInNativeImage;
import org.junit.jupiter.api.io.TempDir;

/** Where the native library is looked for, and what the error says when it is not found: each in a JVM of its own. */
@DisabledInNativeImage
class NativeLibraryTest {
    private static final String FILE = System.mapLibraryName("corral");
    private static final String RESOURCE = "dev/corral/native/" + NativeLibrary.platform() + "/" + FILE;

    @TempDir
    Path directory;
    private Path work;
    private Path temporary;
    private Path home;
    private Path noDirectory;

    @BeforeEach
    void makeDirectories() throws IOException {
        work = Files.createDirectory(directory.resolve("work"));
        temporary = Files.createDirectory(directory.resolve("tmp"));
        home = Files.createDirectory(directory.resolve("home"));
        // Below a file nothing can be created, whoever runs the tests; root may write everywhere else.
        noDirectory = Files.writeString(directory.resolve("file"), "not a library").resolve("below");
    }

    /** A child with a temporary and a home directory of its own, and no library on its path. */
    private ChildJvm child(Path temporaryDirectory, Path homeDirectory) {
        return new ChildJvm(work).with("-Djava.io.tmpdir=" + temporaryDirectory, "-Duser.home=" + homeDirectory,
                "-Djava.library.path=" + directory.resolve("empty"));
    }

    private Path jar(LibraryJar.Natives natives) throws IOException {
        return LibraryJar.write(directory.resolve("corral.jar"), natives);
    }

    private Path extractedLibrary() throws IOException {
        Path copy = directory.resolve(FILE);
        LibraryJar.forEach((name, file) -> {
            if (name.equals(RESOURCE)) {
                Files.write(copy, Files.readAllBytes(file));
            }
        });
        assertTrue(Files.exists(copy), "resource=" + RESOURCE + " is missing");
        return copy;
    }

    private static List<Path> contents(Path of) throws IOException {
        try (Stream<Path> files = Files.list(of)) {
            return files.collect(Collectors.toList());
        }
    }

    private static void assertLoaded(ChildJvm.Result result, String start) {
        result.succeeded();
        assertEquals(1, result.lines("loaded=" + start).size(), result.output());
        assertEquals(1, result.lines("capacity=42").size(), result.output());
    }

    // --- the file that is configured, and nothing else

    @Test
    void aConfiguredFileIsLoaded() throws Exception {
        Path library = extractedLibrary();
        assertLoaded(child(temporary, home).with("-Dcorral.library.path=" + library).run(PrintLibrary.class),
                library.toString());
    }

    @Test
    void aConfiguredFileMayBeRelative() throws Exception {
        Path library = extractedLibrary();
        assertLoaded(child(temporary, home).with("-Dcorral.library.path=../" + FILE).run(PrintLibrary.class),
                work.resolve("../" + library.getFileName()).toString());
    }

    @Test
    void aConfiguredFileThatIsMissingFailsWithoutFallback() throws Exception {
        Path missing = directory.resolve("missing.so");
        assertOnlyConfiguredAttempt(missing, child(temporary, home).with("-Dcorral.library.path=" + missing)
                .run(PrintLibrary.class));
    }

    @Test
    void aConfiguredFileThatIsNoLibraryFailsWithoutFallback() throws Exception {
        Path text = noDirectory.getParent();
        assertOnlyConfiguredAttempt(text, child(temporary, home).with("-Dcorral.library.path=" + text)
                .run(PrintLibrary.class));
    }

    private static void assertOnlyConfiguredAttempt(Path file, ChildJvm.Result result) {
        assertEquals(3, result.exitCode(), result.output());
        assertEquals(1, result.lines("error=cannot load the native library of Corral: platform="
                + NativeLibrary.platform() + " file=" + FILE + ".").size(), result.output());
        assertEquals(1, result.lines("  corral.library.path: file=" + file + " reason=").size(), result.output());
        assertFalse(result.output().contains("bundled:"), result.output());
        assertFalse(result.output().contains("java.library.path: reason="), result.output());
        assertEquals(1, result.lines("again=true").size(), "the same error at every use: " + result.output());
    }

    // --- the library inside the jar

    @Test
    void theJarsLibraryIsCopiedLoadedAndRemoved() throws Exception {
        Path jar = jar(LibraryJar.Natives.KEPT);
        ChildJvm.Result result = child(temporary, home).libraryFrom(jar).run(PrintLibrary.class);
        assertLoaded(result, temporary.resolve("corral-").toString());
        String source = " (from jar:" + jar.toUri().toURL() + "!/" + RESOURCE + ")";
        assertEquals(1, result.lines(source).size(), result.output());
        assertEquals(List.of(), contents(temporary));
        assertEquals(List.of(), contents(home));
        assertEquals(List.of(), contents(work));
    }

    @Test
    void theConfiguredTemporaryDirectoryComesFirst() throws Exception {
        Path configured = directory.resolve("configured");
        ChildJvm.Result result = child(temporary, home).libraryFrom(jar(LibraryJar.Natives.KEPT))
                .with("-Dcorral.tmpdir=" + configured).run(PrintLibrary.class);
        assertLoaded(result, configured.resolve("corral-").toString());
        assertEquals(List.of(), contents(configured));
    }

    @Test
    void anUnusableTemporaryDirectoryFallsThroughToTheUsersCache() throws Exception {
        ChildJvm.Result result = child(noDirectory, home).libraryFrom(jar(LibraryJar.Natives.KEPT))
                .with("-Dcorral.tmpdir=" + noDirectory).run(PrintLibrary.class);
        assertLoaded(result, home.resolve(".cache").resolve("corral-").toString());
        assertEquals(List.of(), contents(home.resolve(".cache")));
    }

    @Test
    void anUnusableCacheFallsThroughToTheWorkingDirectory() throws Exception {
        ChildJvm.Result result = child(noDirectory, noDirectory).libraryFrom(jar(LibraryJar.Natives.KEPT))
                .run(PrintLibrary.class);
        assertLoaded(result, work.toRealPath().resolve("corral-").toString());
        assertEquals(List.of(), contents(work));
    }

    @Test
    void twoClassLoadersEachLoadACopy() throws Exception {
        ChildJvm.Result result = child(temporary, home).libraryFrom(jar(LibraryJar.Natives.KEPT))
                .run(TwoLoaders.class).succeeded();
        assertEquals(2, result.lines("loaded=" + temporary.resolve("corral-")).size(), result.output());
        assertEquals(2, result.lines("pageSize=").size(), result.output());
    }

    @Test
    void aBrokenLibraryListsEveryAttempt() throws Exception {
        ChildJvm.Result result = child(temporary, home).libraryFrom(jar(LibraryJar.Natives.BROKEN))
                .with("-Dcorral.tmpdir=" + noDirectory).run(PrintLibrary.class);
        assertEquals(3, result.exitCode(), result.output());
        assertEquals(1, result.lines("  bundled: directory=" + noDirectory + " reason=").size(), result.output());
        assertEquals(1, result.lines("  bundled: file=" + temporary.resolve("corral-")).size(), result.output());
        assertEquals(1, result.lines("  bundled: file=" + home.resolve(".cache")).size(), result.output());
        assertEquals(1, result.lines("  bundled: file=" + work.toRealPath().resolve("corral-")).size(),
                result.output());
        assertEquals(1, result.lines("  java.library.path: reason=").size(), result.output());
        assertTrue(result.output().contains("Set -Dcorral.library.path=<file>"), result.output());
        assertEquals(List.of(), contents(temporary));
        assertEquals(List.of(), contents(work));
    }

    // --- the library path

    @Test
    void withoutALibraryInTheJarTheLibraryPathIsSearched() throws Exception {
        Path library = extractedLibrary();
        assertLoaded(child(temporary, home).libraryFrom(jar(LibraryJar.Natives.ABSENT))
                .with("-Djava.library.path=" + library.getParent()).run(PrintLibrary.class), "java.library.path");
    }

    @Test
    void withoutALibraryAnywhereBothPlacesAreNamed() throws Exception {
        ChildJvm.Result result = child(temporary, home).libraryFrom(jar(LibraryJar.Natives.ABSENT))
                .run(PrintLibrary.class);
        assertEquals(3, result.exitCode(), result.output());
        assertEquals(1, result.lines("  bundled: resource=/" + RESOURCE
                + " reason=this jar has no library for the platform").size(), result.output());
        assertEquals(1, result.lines("  java.library.path: reason=").size(), result.output());
    }
}
