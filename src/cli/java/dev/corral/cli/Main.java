// SPDX-License-Identifier: Apache-2.0
package dev.corral.cli;

import java.io.PrintWriter;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;

/**
 * The command line: {@code java -jar corral-cli.jar demo|info}.
 *
 * <p>Exit codes: 0 for success, 1 if a document or the library failed, 2 for wrong usage.
 */
@Command(name = "corral-cli", description = "Shows Corral, native memory arenas for Java, at work.",
        subcommands = {DemoCommand.class, InfoCommand.class, HelpCommand.class},
        mixinStandardHelpOptions = true, versionProvider = VersionProvider.class, synopsisSubcommandLabel = "COMMAND")
public final class Main {
    static final int OK = 0;
    static final int FAILED = 1;

    /** Whether stderr is a terminal, where progress may be drawn. */
    final boolean terminal;

    private Main(final boolean terminal) {
        this.terminal = terminal;
    }

    /**
     * Runs the command line and ends the process.
     *
     * @param args as on the command line
     */
    public static void main(final String[] args) {
        final PrintWriter out = new PrintWriter(System.out, true);
        final PrintWriter err = new PrintWriter(System.err, true);
        System.exit(run(out, err, Terminal.isStderr(), args));
    }

    /** Runs one command and returns its exit code. */
    static int run(final PrintWriter out, final PrintWriter err, final boolean terminal, final String... args) {
        final CommandLine commandLine = new CommandLine(new Main(terminal))
                .setOut(out)
                .setErr(err)
                .setExecutionExceptionHandler((failure, command, parsed) -> failed(err, failure));
        try {
            return commandLine.execute(args);
        } catch (UnsatisfiedLinkError noLibrary) {
            return failed(err, noLibrary);
        } catch (OutOfMemoryError heap) {
            err.println("corral-cli: the documents and their object trees do not fit in memory (" + heap.getMessage()
                    + "); try java -Xmx4g -jar ...");
            return FAILED;
        } finally {
            out.flush();
            err.flush();
        }
    }

    private static int failed(final PrintWriter err, final Throwable failure) {
        err.println("corral-cli: " + (failure.getMessage() == null ? failure.toString() : failure.getMessage()));
        return FAILED;
    }
}
