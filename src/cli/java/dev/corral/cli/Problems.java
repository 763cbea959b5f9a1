// SPDX-License-Identifier: Apache-2.0
package dev.corral.cli;

import dev.corral.cli.json.JsonSyntaxException;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;

/** Documents that failed: each is reported in one line on stderr, and all of them make the exit code 1. */
final class Problems {
    private final PrintWriter err;
    private final ProgressBar bar;
    private int count;

    Problems(final PrintWriter err, final ProgressBar bar) {
        this.err = err;
        this.bar = bar;
    }

    int count() {
        return count;
    }

    void report(final String name, final JsonSyntaxException error) {
        report(name + ":" + error.line() + ":" + error.column(), error.getMessage());
    }

    void report(final String name, final IOException failure) {
        report(name, describe(failure));
    }

    void report(final String where, final String what) {
        bar.clear();
        err.println(where + ": " + what);
        count++;
    }

    // The message of a FileSystemException is the path, which stands in front already.
    private static String describe(final IOException failure) {
        if (failure instanceof NoSuchFileException) {
            return "no such file";
        }
        if (failure instanceof AccessDeniedException) {
            return "permission denied";
        }
        if (failure instanceof FileSystemException named && named.getReason() != null) {
            return named.getReason();
        }
        return failure.getMessage() == null ? failure.toString() : failure.getMessage();
    }
}
