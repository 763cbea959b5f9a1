// SPDX-License-Identifier: Apache-2.0
package dev.corral.bench;

import dev.corral.NativeArena;
import dev.corral.workloads.Sales;
import dev.corral.workloads.SalesInArena;
import dev.corral.workloads.SalesInObjects;
import java.util.Map;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** A file of comma-separated values, loaded and summed up by group: columns in an arena, rows of objects. */
@State(Scope.Thread)
public class SalesSums extends Milliseconds {
    /** Lines of the file. */
    @Param("300000")
    int rows;

    private byte[] file;
    private NativeArena arena;

    /** Makes the file and the arena. */
    @Setup
    public void open() {
        file = Sales.file(rows);
        arena = NativeArena.create();
    }

    /** Closes the arena. */
    @TearDown
    public void close() {
        arena.close();
    }

    /** Columns and symbols in an arena. */
    @Benchmark
    public Map<String, String> arenaColumns() {
        return SalesInArena.sums(file, arena);
    }

    /** A list of records and a map. */
    @Benchmark
    public Map<String, String> objectRows() {
        return SalesInObjects.sums(file);
    }
}
