// SPDX-License-Identifier: Apache-2.0
package dev.corral;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A JVM of its own, for what would take this one with it, or what happens once per process. */
public final class ChildJvm {
    private final Path directory;
    private final List<String> options = new ArrayList<>();
    private Path library = locationOf(Corral.class);
    private List<String> launcher = List.of();
    private boolean asModule;
    private String classPath; // null: the library and the tests alone
    private long seconds = 180;
    private boolean copiesStaleBytes;
    private boolean nativeAccess = Runtime.version().feature() >= 22;

    /** What came out of it. */
    public record Result(int exitCode, String output) {
        /** Asserts a normal end. */
        public Result succeeded() {
            assertEquals(0, exitCode, output);
            return this;
        }

        /** The output's lines that contain {@code text}. */
        public List<String> lines(String text) {
            return output.lines().filter(line -> line.contains(text)).collect(Collectors.toList());
        }
    }

    /** One that works in {@code directory}, where its error files would be. */
    public ChildJvm(Path directory) {
        this.directory = directory;
        options.add("-XX:-CreateCoredumpOnCrash");
    }

    /** Adds JVM options. */
    public ChildJvm with(String... more) {
        options.addAll(List.of(more));
        return this;
    }

    /** Does not grant native access. */
    public ChildJvm withoutNativeAccess() {
        this.nativeAccess = false;
        return this;
    }

    /** Gives it this long. */
    public ChildJvm within(long newSeconds) {
        this.seconds = newSeconds;
        return this;
    }

    /** Takes the library from the module path; the main class must be in a package that the library does not have. */
    public ChildJvm asModule() {
        this.asModule = true;
        return this;
    }

    /** Gives it the whole class path of this JVM, JUnit included. */
    public ChildJvm withThisClassPath() {
        this.classPath = System.getProperty("java.class.path");
        return this;
    }

    /** Gives it no more address space than this (in KiB). Needs a POSIX shell. */
    public ChildJvm limitedTo(long kib) {
        this.launcher = List.of("sh", "-c", "ulimit -v " + kib + " && exec \"$@\"", "sh");
        return this;
    }

    /** Lets it have no more files open than this. Needs a POSIX shell. */
    public ChildJvm withOpenFiles(int most) {
        this.launcher = List.of("sh", "-c", "ulimit -n " + most + " && exec \"$@\"", "sh");
        return this;
    }

    /** Takes the library from a jar or directory instead of where this JVM has it from. */
    public ChildJvm libraryFrom(Path jarOrDirectory) {
        this.library = jarOrDirectory;
        return this;
    }

    /** Lets it copy freed bytes through views that are used too late, which AddressSanitizer would stop. */
    public ChildJvm thatCopiesStaleBytes() {
        this.copiesStaleBytes = true;
        return this;
    }

    /** Whether this JVM, and each child, has AddressSanitizer's library: it stops at a copy of freed bytes. */
    public static boolean isAddressSanitized() {
        return System.getenv().getOrDefault("LD_PRELOAD", "").contains("asan");
    }

    /** The jar or directory of a class. */
    public static Path locationOf(Class<?> type) {
        try {
            return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI());
        } catch (URISyntaxException e) {
            throw new AssertionError(e);
        }
    }

    /** Runs a main class of the tests to its end; asserts that it ends in time and does not crash. */
    public Result run(Class<?> main, String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(launcher);
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(options);
        if (nativeAccess) {
            command.add("--enable-native-access=" + (asModule ? "dev.corral" : "ALL-UNNAMED"));
        }
        if (asModule) {
            command.addAll(List.of("-p", library.toString(), "--add-modules", "dev.corral"));
        }
        command.addAll(List.of("-cp", classPath != null ? classPath
                : (asModule ? "" : library + File.pathSeparator) + locationOf(ChildJvm.class)));
        command.add(main.getName());
        command.addAll(List.of(arguments));
        Path output = Files.createTempFile(directory, "output-", ".txt");
        ProcessBuilder builder = new ProcessBuilder(command).directory(directory.toFile()).redirectErrorStream(true)
                .redirectOutput(output.toFile());
        if (copiesStaleBytes) {
            builder.environment().computeIfPresent("ASAN_OPTIONS", (name, asan) -> asan + ":suppressions="
                    + Path.of(System.getProperty("corral.basedir"), "config", "asan-suppressions.txt"));
        }
        Process process = builder.start();
        try {
            assertTrue(process.waitFor(seconds, TimeUnit.SECONDS), "it hangs: " + command);
        } finally {
            process.destroyForcibly();
        }
        Result result = new Result(process.exitValue(), Files.readString(output));
        Files.delete(output);
        try (Stream<Path> files = Files.list(directory)) {
            assertEquals(List.of(), files.filter(file -> file.getFileName().toString().startsWith("hs_err"))
                    .collect(Collectors.toList()), result.output());
        }
        return result;
    }
}
