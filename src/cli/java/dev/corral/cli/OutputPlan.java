// SPDX-License-Identifier: Apache-2.0
package dev.corral.cli;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Where {@code --format OUT} writes. The whole plan is made, and refused if it would overwrite an input or write two
 * documents to one file, before any file is touched.
 */
final class OutputPlan {
    private final Map<Input, Path> targets = new HashMap<>();

    private OutputPlan() {
    }

    /** A plan that writes nothing. */
    static OutputPlan none() {
        return new OutputPlan();
    }

    /**
     * Plans the output.
     *
     * @param out a file for a single document; a directory, made if need be, if {@code asDirectory} or if it is one
     * @param asDirectory whether the arguments may stand for several documents
     * @throws IllegalArgumentException if the plan cannot be carried out without loss
     */
    static OutputPlan of(final Path out, final boolean asDirectory, final List<Input> inputs) {
        final boolean directory = asDirectory || Files.isDirectory(out);
        if (directory && Files.exists(out) && !Files.isDirectory(out)) {
            throw new IllegalArgumentException("--format: several documents need a directory, but " + out
                    + " is a file");
        }
        final OutputPlan plan = new OutputPlan();
        final Set<Object> inputFiles = new HashSet<>();
        for (final Input input : inputs) {
            inputFiles.addAll(identities(input.file()));
        }
        final Map<Path, Input> users = new HashMap<>();
        for (final Input input : inputs) {
            final Path target = directory ? out.resolve(input.outputName()) : out;
            if (identities(target).stream().anyMatch(inputFiles::contains)) {
                throw new IllegalArgumentException("--format: " + target + " is an input and would be overwritten");
            }
            final Input other = users.put(target.toAbsolutePath().normalize(), input);
            if (other != null) {
                throw new IllegalArgumentException("--format: " + other.name() + " and " + input.name()
                        + " would both be written to " + target);
            }
            plan.targets.put(input, target);
        }
        return plan;
    }

    /** What identifies a file however it is spelt: its real path, and its key, which hard links share. */
    private static Set<Object> identities(final Path file) {
        final Set<Object> identities = new HashSet<>();
        if (file == null || !Files.exists(file)) {
            return identities;
        }
        try {
            identities.add(file.toRealPath());
            final Object key = Files.getAttribute(file, "fileKey");
            if (key != null) {
                identities.add(key);
            }
        } catch (IOException unreadable) {
            identities.add(file.toAbsolutePath().normalize());
        }
        return identities;
    }

    /** Whether the document's text is to be written. */
    boolean wants(final Input input) {
        return targets.containsKey(input);
    }

    /** Opens the file for a document's text, and makes the directories that lead to it. */
    FileChannel open(final Input input) throws IOException {
        final Path target = targets.get(input);
        if (target.getParent() != null) {
            Files.createDirectories(target.getParent());
        }
        return FileChannel.open(target, StandardOpenOption.WRITE, StandardOpenOption.CREATE,
                StandardOpenOption.TRUNCATE_EXISTING);
    }

    /** The file for a document's text. */
    Path target(final Input input) {
        return targets.get(input);
    }
}
