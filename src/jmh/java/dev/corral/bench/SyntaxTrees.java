// SPDX-License-Identifier: Apache-2.0
package dev.corral.bench;

import dev.corral.NativeArena;
import dev.corral.workloads.SourceFiles;
import dev.corral.workloads.SyntaxInArena;
import dev.corral.workloads.SyntaxInObjects;
import dev.corral.workloads.SyntaxSummary;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** The syntax trees of a source tree, built and walked over; all trees live at once. */
@State(Scope.Thread)
public class SyntaxTrees extends Milliseconds {
    /** The source tree; the working directory is this repository, unless somebody starts the program elsewhere. */
    @Param(".")
    String root;

    /** How often the sources are taken, as so many files. */
    @Param("4")
    int copies;

    private final List<byte[]> files = new ArrayList<>();
    private NativeArena arena;

    /** Reads the sources. */
    @Setup
    public void open() throws IOException {
        List<byte[]> once = SourceFiles.read(Path.of(root));
        for (int i = 0; i < copies; i++) {
            files.addAll(once);
        }
        arena = NativeArena.create();
    }

    /** Closes the arena. */
    @TearDown
    public void close() {
        arena.close();
    }

    /** Nodes and symbols in an arena. */
    @Benchmark
    public SyntaxSummary arenaNodes() {
        return SyntaxInArena.of(files, arena);
    }

    /** Objects, lists and a map. */
    @Benchmark
    public SyntaxSummary objectNodes() {
        return SyntaxInObjects.of(files);
    }
}
