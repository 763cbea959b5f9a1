// SPDX-License-Identifier: Apache-2.0
package dev.corral.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import java.util.stream.Stream;

/**
 * One run of the command line in this JVM.
 *
 * @param exitCode what the process would end with
 * @param out what it printed
 * @param err what it printed on stderr
 */
record Run(int exitCode, String out, String err) {

    static Run of(final String... args) {
        final StringWriter out = new StringWriter();
        final StringWriter err = new StringWriter();
        final int exitCode = Main.run(new PrintWriter(out), new PrintWriter(err), false, args);
        return new Run(exitCode, out.toString(), err.toString());
    }

    /** A demo that measures no longer than it has to. */
    static Run demo(final Object... args) {
        return of(Stream.concat(Stream.of("demo", "--rounds", "1", "--warm-up", "0"), Stream.of(args))
                .map(Object::toString).toArray(String[]::new));
    }

    /** Checks the exit code and all of stderr, whose lines are given. */
    Run expect(final int expectedExitCode, final String... errorLines) {
        assertEquals(List.of(errorLines), err.lines().toList());
        assertEquals(expectedExitCode, exitCode);
        return this;
    }
}
