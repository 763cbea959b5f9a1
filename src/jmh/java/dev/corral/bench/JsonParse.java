// SPDX-License-Identifier: Apache-2.0
package dev.corral.bench;

import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.infra.Blackhole;

/** JSON documents, each parsed into a tree that is dropped. One operation is the whole set. */
@State(Scope.Thread)
public class JsonParse extends Milliseconds {
    /** The tree in an arena. */
    @Benchmark
    public void arena(JsonState json) {
        for (byte[] document : json.documents) {
            json.workload.parseInArena(document);
        }
    }

    /** The tree of ordinary objects. */
    @Benchmark
    public void objects(JsonState json) {
        for (byte[] document : json.documents) {
            json.workload.parseInObjects(document);
        }
    }

    /** Jackson's tree. */
    @Benchmark
    public void jackson(JsonState json, Blackhole sink) {
        for (byte[] document : json.documents) {
            sink.consume(json.workload.parseInJackson(document));
        }
    }
}
