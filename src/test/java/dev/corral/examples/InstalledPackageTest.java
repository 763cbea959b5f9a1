// SPDX-License-Identifier: Apache-2.0
package dev.corral.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.corral.ChildJvm;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledInNativeImage;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** A JNI library that links Corral as a user would, from an installed tree that was moved after it was installed. */
@DisabledInNativeImage
@EnabledOnOs(OS.LINUX)
class InstalledPackageTest {
    private static final Path BASE = Path.of(System.getProperty("corral.basedir", ".")).toAbsolutePath();
    private static final Path BUILD = BASE.resolve("target/cmake/jni");
    private static final Path SOURCE = BASE.resolve("src/examples/jni");
    private static final Path JDK = Path.of(System.getProperty("java.home"));

    @TempDir
    Path directory;
    private Path installed;

    @BeforeEach
    void install() throws Exception {
        assumeTrue(Files.exists(BUILD.resolve("CMakeCache.txt")), "skipped: no native build in " + BUILD);
        assumeTrue(Files.exists(JDK.resolve("include/jni.h")), "skipped: no jni.h in " + JDK);
        assumeTrue(System.getenv("LD_PRELOAD") == null, "skipped: an instrumented library is for no other program");
        Path prefix = directory.resolve("staged");
        run("cmake", "--build", BUILD.toString(), "--target", "corral", "corral_jni_archive");
        run("cmake", "--install", BUILD.toString(), "--prefix", prefix.toString());
        installed = Files.move(prefix, directory.resolve("installed"));
    }

    private List<String> run(String... command) throws IOException, InterruptedException {
        Path output = Files.createTempFile(directory, "output-", ".txt");
        ProcessBuilder builder = new ProcessBuilder(command).directory(directory.toFile()).redirectErrorStream(true)
                .redirectOutput(output.toFile());
        builder.environment().put("PKG_CONFIG_PATH", packageFile() == null ? "" : packageFile().getParent().toString());
        Process process = builder.start();
        try {
            assertTrue(process.waitFor(120, TimeUnit.SECONDS), "it hangs: " + List.of(command));
        } finally {
            process.destroyForcibly();
        }
        assertEquals(0, process.exitValue(), () -> List.of(command) + read(output));
        return Files.readAllLines(output);
    }

    private static String read(Path file) {
        try {
            return "\n" + Files.readString(file);
        } catch (IOException e) {
            return e.toString();
        }
    }

    private Path packageFile() throws IOException {
        if (installed == null) {
            return null;
        }
        try (Stream<Path> files = Files.find(installed, 5, (path, attributes) -> path.endsWith("corral.pc"))) {
            return files.findFirst().orElseThrow(() -> new AssertionError("no corral.pc in " + installed));
        }
    }

    private void assertTakesTurns(Path library) throws Exception {
        ChildJvm.Result result = new ChildJvm(directory).with("-Xcheck:jni", "-Dcorral.library.path=" + library)
                .run(TakeTurns.class, "100000").succeeded();
        assertEquals(List.of("nodes=100000 chunks=28 sumInJava=5000050000 sumInC=5000050000"),
                result.lines("nodes="), result.output());
        assertEquals(List.of("sealed=100000 sumInC=5000050000"), result.lines("sealed="), result.output());
        assertEquals(List.of("names=100000 same=100000 process=100/1600 unit=200000/3200000 unknown=0/0 freed=0"
                + " processAllocated=4096 unitAllocated=28672 units=200 lastUnit=16000 peakUnit=16000 strings=100"
                + " found=199900 kinds=0"), result.lines("names="), result.output());
        assertEquals(List.of("requests=100000 hits=99999 misses=1 returned=100000 dropped=0 outgrown=0 trimmed=0"
                + " borrowed=0 kept=1 keptBytes=4096 typical=1024"), result.lines("requests="), result.output());
    }

    @Test
    void aLibraryIsBuiltByFindPackage() throws Exception {
        Path build = directory.resolve("build");
        run("cmake", "-S", SOURCE.toString(), "-B", build.toString(), "-DCMAKE_PREFIX_PATH=" + installed,
                "-DJAVA_HOME=" + JDK, "-DCMAKE_BUILD_TYPE=Release");
        run("cmake", "--build", build.toString());
        assertTakesTurns(build.resolve("libtake_turns.so"));
    }

    @Test
    void aLibraryIsBuiltByPkgConfig() throws Exception {
        boolean found = Stream.of(System.getenv("PATH").split(":"))
                .anyMatch(path -> Files.isExecutable(Path.of(path, "pkg-config")));
        assumeTrue(found, "skipped: there is no pkg-config, apt-get install pkg-config");
        List<String> command = new ArrayList<>(List.of("cc", "-O2", "-shared", "-fPIC", "-I" + JDK.resolve("include"),
                "-I" + JDK.resolve("include/linux"), SOURCE.resolve("take_turns.c").toString(), "-o", "turns.so"));
        String flags = String.join(" ", run("pkg-config", "--cflags", "--libs", "corral-jni")).trim();
        command.addAll(List.of(flags.split(" +")));
        run(command.toArray(new String[0]));
        assertTakesTurns(directory.resolve("turns.so"));
    }
}
