// SPDX-License-Identifier: Apache-2.0
package dev.corral.cli;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;

/**
 * Turns the arguments of {@code demo} into documents. A file is taken whatever its name; a directory stands for all
 * files below it that are named {@code *.json}, in the order of their paths. What cannot be listed is a problem, and
 * the rest is still found.
 */
final class InputFinder {
    private static final String SUFFIX = ".json";

    private final Problems problems;
    private final List<Input> found = new ArrayList<>();

    InputFinder(final Problems problems) {
        this.problems = problems;
    }

    /** The documents of all arguments, or the one in this jar if there are none. */
    List<Input> find(final List<Path> arguments) {
        if (arguments.isEmpty()) {
            found.add(Input.bundled());
        }
        for (final Path argument : arguments) {
            if (Files.isDirectory(argument)) {
                walk(argument);
            } else {
                found.add(new Input(argument.toString(), argument, argument.getFileName()));
            }
        }
        return found;
    }

    private void walk(final Path directory) {
        final List<Path> files = new ArrayList<>();
        final int before = problems.count();
        try {
            Files.walkFileTree(directory, new Collector(files));
        } catch (IOException failure) {
            problems.report(directory.toString(), failure);
        }
        if (files.isEmpty() && problems.count() == before) {
            problems.report(directory.toString(), "no file in it is named *" + SUFFIX);
        }
        files.sort(null);
        for (final Path file : files) {
            found.add(new Input(file.toString(), file, directory.relativize(file)));
        }
    }

    /** Collects the JSON files below a directory and goes on after what it cannot read. */
    private final class Collector extends SimpleFileVisitor<Path> {
        private final List<Path> files;

        Collector(final List<Path> files) {
            this.files = files;
        }

        @Override
        public FileVisitResult visitFile(final Path file, final BasicFileAttributes attributes) {
            // A linked file counts. A linked directory could lead in circles; a pipe would be waited for without end.
            if (file.getFileName().toString().endsWith(SUFFIX) && Files.isRegularFile(file)) {
                files.add(file);
            }
            return FileVisitResult.CONTINUE;
        }

        @Override
        public FileVisitResult visitFileFailed(final Path file, final IOException failure) {
            problems.report(file.toString(), failure);
            return FileVisitResult.CONTINUE;
        }
    }
}
