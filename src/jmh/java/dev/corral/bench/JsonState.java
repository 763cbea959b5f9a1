// SPDX-License-Identifier: Apache-2.0
package dev.corral.bench;

import dev.corral.workloads.JsonDocuments;
import dev.corral.workloads.JsonWorkload;
import java.util.List;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** The documents and the trees of the JSON benchmarks. */
@State(Scope.Thread)
public class JsonState {
    /** Orders in the set; 1,000 of them are 17 MB. */
    @Param("1000")
    public int orders;

    /** The set. */
    public List<byte[]> documents;
    /** What is done with them. */
    public JsonWorkload workload;

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
}
