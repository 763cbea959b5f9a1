// SPDX-License-Identifier: Apache-2.0
package dev.corral.bench;

import dev.corral.workloads.Discard;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** JSON documents, each parsed into a tree that is written again. One operation is the whole set. */
@State(Scope.Thread)
public class JsonRoundTrip extends Milliseconds {
    private final Discard out = new Discard();

    /** The tree in an arena. */
    @Benchmark
    public long arena(JsonState json) {
        for (byte[] document : json.documents) {
            json.workload.inArena(document, out);
        }
        return out.bytes();
    }

    /** The tree of ordinary objects, the same parser and formatter. */
    @Benchmark
    public long objects(JsonState json) {
        for (byte[] document : json.documents) {
            json.workload.inObjects(document, out);
        }
        return out.bytes();
    }

    /** Jackson's tree. */
    @Benchmark
    public long jackson(JsonState json) {
        for (byte[] document : json.documents) {
            json.workload.inJackson(document, out);
        }
        return out.bytes();
    }
}
