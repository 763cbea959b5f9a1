// SPDX-License-Identifier: Apache-2.0
package dev.corral.bench;

import java.util.ArrayList;
import java.util.List;

/** What the JVMs of the benchmarks are started with. All benchmarks get the same, whichever peer they measure. */
public final class Jvm {
    /** The first JDK with {@code java.lang.foreign}. */
    private static final int FFM = 22;
    /** The first JDK that warns of {@code sun.misc.Unsafe} and has an option against it. */
    private static final int UNSAFE_WARNS = 24;

    /**
     * A heap that is all there before anything is measured. Else an allocation of the JVM's pays for the operating
     * system's pages until the collector has been everywhere once, and is up to fifty times slower.
     */
    private static final List<String> TOUCHED = List.of("-Xms128m", "-Xmx128m", "-XX:+AlwaysPreTouch",
            "-XX:MaxDirectMemorySize=4g"); // which else is as small as the heap

    private Jvm() {
    }

    /**
     * For benchmarks that hold little in the Java heap.
     *
     * @return options for {@code java}
     */
    static List<String> optionsWithHeap() {
        List<String> options = new ArrayList<>(options());
        options.addAll(TOUCHED);
        return options;
    }

    /**
     * Doors into the JDK that Netty, Agrona and Arrow ask for; without them they fall back to slower ways or fail.
     *
     * @return options for {@code java}
     */
    public static List<String> options() {
        List<String> options = new ArrayList<>(List.of("--enable-native-access=ALL-UNNAMED",
                "--add-opens=java.base/java.nio=ALL-UNNAMED", "--add-opens=java.base/jdk.internal.misc=ALL-UNNAMED",
                "-Dio.netty.tryReflectionSetAccessible=true"));
        if (Runtime.version().feature() >= UNSAFE_WARNS) {
            options.add("--sun-misc-unsafe-memory-access=allow");
        }
        return options;
    }

    /**
     * Patterns of the benchmarks that this JDK cannot load; says so in one line.
     *
     * @return patterns for JMH
     */
    public static List<String> excluded() {
        if (Runtime.version().feature() >= FFM) {
            return List.of();
        }
        System.err.println("JDK " + Runtime.version().feature() + ": benchmarks of java.lang.foreign are left out");
        return List.of("dev\\.corral\\.bench\\.ffm\\.");
    }
}
