// SPDX-License-Identifier: Apache-2.0
package dev.corral.cli;

import dev.corral.ArenaExhaustedException;
import dev.corral.ArenaStats;
import dev.corral.MemoryPool;
import dev.corral.NativeArena;
import dev.corral.cli.json.JsonSyntaxException;
import dev.corral.cli.tree.JsonText;
import dev.corral.cli.tree.JsonTree;
import dev.corral.cli.tree.NativeTree;
import dev.corral.cli.tree.ObjectTree;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/**
 * {@code demo}: parses documents into a tree of refs in one arena, next to the same tree of Java objects and of single
 * blocks from a pool, and prints what each of them costs.
 */
@Command(name = "demo", mixinStandardHelpOptions = true, versionProvider = VersionProvider.class,
        description = "Parses JSON documents into an arena, next to Java objects and single native blocks.",
        footer = {"", "Exit code: 0, 1 if a document failed (the others are still measured), 2 for wrong usage.",
            "A document that is not JSON is reported on stderr as file:line:column: what."})
final class DemoCommand implements Callable<Integer> {
    @Parameters(paramLabel = "FILE|DIR", description = "Documents, and directories to search for files that end in "
            + ".json. Without any: the db.json of mime-db that this jar contains.")
    private List<Path> arguments = new ArrayList<>();

    @Option(names = "--rounds", paramLabel = "N",
            description = "Rounds to measure (default: as many as 3 seconds take, 5 to 2,000).")
    private Integer rounds;

    @Option(names = "--warm-up", paramLabel = "SECONDS", defaultValue = "2.5",
            description = "Processor time to run before measuring, up to twice that while the JIT compilers work "
                + "(default: ${DEFAULT-VALUE}).")
    private double warmUpSeconds;

    @Option(names = "--format", paramLabel = "OUT", description = "Write the formatted document to the file OUT, or "
            + "into OUT if it is a directory. With a DIR or several FILEs, OUT is a directory, made if need be; "
            + "files below a DIR keep their relative path. Other files are replaced, an input never is.")
    private Path format;

    @ParentCommand
    private Main main;

    @Spec
    private CommandSpec spec;

    private ProgressBar bar;
    private Problems problems;
    private OutputPlan outputs = OutputPlan.none();
    private ArenaStats fullestStats;
    private String fullestName;

    DemoCommand() {
    }

    @Override
    public Integer call() {
        checkOptions();
        bar = new ProgressBar(spec.commandLine().getErr(), main.terminal);
        problems = new Problems(spec.commandLine().getErr(), bar);
        final List<Input> inputs = new InputFinder(problems).find(arguments);
        if (format != null) {
            plan(inputs);
        }
        try (NativeArena arena = NativeArena.builder().name("demo").build();
                JsonTree tree = NativeTree.inArena(arena)) {
            final List<Document> documents = readAll(inputs, tree);
            if (!documents.isEmpty()) {
                measure(documents, arena, tree);
            }
        }
        return problems.count() == 0 ? Main.OK : Main.FAILED;
    }

    private void checkOptions() {
        if (rounds != null && rounds < 1) {
            throw new ParameterException(spec.commandLine(), "--rounds: expected 1 or more, found " + rounds);
        }
        if (!(warmUpSeconds >= 0)) {
            throw new ParameterException(spec.commandLine(), "--warm-up: expected 0 or more, found " + warmUpSeconds);
        }
    }

    private void plan(final List<Input> inputs) {
        final boolean several = arguments.size() > 1 || arguments.stream().anyMatch(Files::isDirectory);
        try {
            outputs = OutputPlan.of(format, several, inputs);
        } catch (IllegalArgumentException refused) {
            throw new ParameterException(spec.commandLine(), refused.getMessage(), refused);
        }
    }

    /** Reads all documents before anything is measured, and keeps those that are JSON. */
    private List<Document> readAll(final List<Input> inputs, final JsonTree tree) {
        final List<Document> documents = new ArrayList<>();
        for (final Input input : inputs) {
            bar.update("reading", (double) (documents.size() + problems.count()) / inputs.size());
            try {
                final byte[] bytes = input.read();
                tree.build(bytes);
                documents.add(new Document(input, bytes));
            } catch (JsonSyntaxException error) {
                problems.report(input.name(), error);
            } catch (IOException failure) {
                problems.report(input.name(), failure);
            } catch (ArenaExhaustedException | OutOfMemoryError tooLarge) {
                problems.report(input.name(), "out of memory: " + tooLarge.getMessage());
            } finally {
                tree.release();
            }
        }
        return documents;
    }

    private void measure(final List<Document> documents, final NativeArena arena, final JsonTree tree) {
        try (Variant refs = new Variant("refs in one arena", tree);
                Variant objects = new Variant("Java objects", new ObjectTree());
                Variant blocks = new Variant("one pool block per node", NativeTree.inBlocks(MemoryPool.create()))) {
            final Measurement measurement = new Measurement(documents, List.of(refs, objects, blocks), bar);
            measurement.run(warmUpSeconds, rounds == null ? 0 : rounds);
            write(documents, arena, tree);
            new DemoReport(spec.commandLine().getOut(), documents, measurement).print(fullestStats, fullestName);
        }
    }

    /** Formats each document once more in the arena: to write it, and to see how full the arena gets. */
    private void write(final List<Document> documents, final NativeArena arena, final JsonTree tree) {
        for (final Document document : documents) {
            try {
                tree.build(document.bytes());
                final JsonText text = tree.format();
                final ArenaStats stats = arena.stats();
                if (fullestStats == null || stats.used() > fullestStats.used()) {
                    fullestStats = stats;
                    fullestName = document.input().name();
                }
                write(document.input(), text);
            } catch (JsonSyntaxException impossible) {
                throw new IllegalStateException(document.input().name() + ": was valid before", impossible);
            } finally {
                tree.release();
            }
        }
    }

    private void write(final Input input, final JsonText text) {
        if (!outputs.wants(input)) {
            return;
        }
        try (FileChannel channel = outputs.open(input)) {
            text.writeTo(channel);
        } catch (IOException failure) {
            problems.report(outputs.target(input).toString(), failure);
        }
    }
}
