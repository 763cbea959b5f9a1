// SPDX-License-Identifier: Apache-2.0
package dev.corral.bench;

import dev.corral.workloads.Discard;
import dev.corral.workloads.JsonDocuments;
import dev.corral.workloads.JsonWorkload;
import java.util.List;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.infra.Blackhole;

/** JSON documents: parsed into a tree and written again, or parsed only. One operation is the whole set. */
@State(Scope.Thread)
public class JsonTrees extends Milliseconds {
    /** Orders in the set; 1,000 of them are 17 MB. */
    @Param("1000")
    int orders;

    private List<byte[]> documents;
    private JsonWorkload workload;
    private final Discard out = new Discard();

    /** Makes the documents. */
    @Setup
    public void open() {
        documents = JsonDocuments.set(orders);
        workload = new JsonWorkload();
    }

    /** Closes the trees. */
    @TearDown
    public void close() {
        workload.close();
    }

    /** Both ways, the tree in an arena. */
    @Benchmark
    public long arenaRoundTrip() {
        for (byte[] document : documents) {
            workload.inArena(document, out);
        }
        return out.bytes();
    }

    /** Both ways, the tree of ordinary objects, the same parser and formatter. */
    @Benchmark
    public long objectsRoundTrip() {
        for (byte[] document : documents) {
            workload.inObjects(document, out);
        }
        return out.bytes();
    }

    /** Both ways, Jackson's tree. */
    @Benchmark
    public long jacksonRoundTrip() {
        for (byte[] document : documents) {
            workload.inJackson(document, out);
        }
        return out.bytes();
    }

    /** Parsed only, the tree in an arena. */
    @Benchmark
    public void arenaParse() {
        for (byte[] document : documents) {
            workload.parseInArena(document);
        }
    }

    /** Parsed only, the tree of ordinary objects. */
    @Benchmark
    public void objectsParse() {
        for (byte[] document : documents) {
            workload.parseInObjects(document);
        }
    }

    /** Parsed only, Jackson's tree. */
    @Benchmark
    public void jacksonParse(Blackhole sink) {
        for (byte[] document : documents) {
            sink.consume(workload.parseInJackson(document));
        }
    }
}
