// SPDX-License-Identifier: Apache-2.0
package dev.corral.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine;

/** Runs {@link Commands}, or JMH with the options that all peers need and without those that this JDK does not have. */
public final class Main {
    private Main() {
    }

    /**
     * Runs a command, or JMH.
     *
     * @param args a command with its options, or JMH's own arguments
     * @throws IOException if JMH's list of benchmarks cannot be read
     */
    public static void main(String[] args) throws IOException {
        CommandLine commands = new CommandLine(new Commands());
        if (args.length > 0 && commands.getSubcommands().containsKey(args[0])) {
            System.exit(commands.execute(args));
        }
        List<String> all = new ArrayList<>(List.of(args));
        all.addAll(List.of("-jvmArgsPrepend", String.join(" ", Jvm.options())));
        Jvm.excluded().forEach(pattern -> all.addAll(List.of("-e", pattern)));
        org.openjdk.jmh.Main.main(all.toArray(String[]::new));
    }
}
