// SPDX-License-Identifier: Apache-2.0
package dev.corral.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Starts JMH with the options that all peers need, and without the peers that this JDK does not have. */
public final class Main {
    private Main() {
    }

    /**
     * Runs JMH.
     *
     * @param args JMH's own options
     * @throws IOException if JMH's list of benchmarks cannot be read
     */
    public static void main(String[] args) throws IOException {
        List<String> all = new ArrayList<>(List.of(args));
        all.addAll(List.of("-jvmArgsPrepend", String.join(" ", Jvm.options())));
        Jvm.excluded().forEach(pattern -> all.addAll(List.of("-e", pattern)));
        org.openjdk.jmh.Main.main(all.toArray(String[]::new));
    }
}
