// SPDX-License-Identifier: Apache-2.0
package dev.corral.cli;

import java.io.Console;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Finds out whether a person watches stderr. */
final class Terminal {
    private static final Path STDERR = Path.of("/proc/self/fd/2");

    private Terminal() {
    }

    /** Whether stderr is a terminal that understands a carriage return and an erased line. */
    static boolean isStderr() {
        if ("dumb".equals(System.getenv("TERM"))) {
            return false;
        }
        if (Files.isSymbolicLink(STDERR)) {
            return isTerminalDevice();
        }
        return isConsole(System.console());
    }

    // Java has no isatty. On Linux the name of the open file tells; a pipe is "pipe:[1234]".
    private static boolean isTerminalDevice() {
        try {
            final String device = Files.readSymbolicLink(STDERR).toString();
            return device.startsWith("/dev/pts/") || device.startsWith("/dev/tty") || device.equals("/dev/console");
        } catch (IOException unreadable) {
            return false;
        }
    }

    // Elsewhere: a console means that stdin and stdout are a terminal, which stderr then usually is too. Since JDK 22
    // there is a console without a terminal as well, and a method that tells; it cannot be called directly from 17.
    private static boolean isConsole(final Console console) {
        if (console == null) {
            return false;
        }
        try {
            return (Boolean) Console.class.getMethod("isTerminal").invoke(console);
        } catch (ReflectiveOperationException before22) {
            return true;
        }
    }
}
