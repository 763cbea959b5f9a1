// SPDX-License-Identifier: Apache-2.0
package dev.corral.bench.peers;

import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** Arrow's allocator, over {@code arrow-memory-unsafe}. */
@State(Scope.Thread)
public class ArrowState {
    /** The root allocator. */
    public BufferAllocator allocator;

    /** Creates it. */
    @Setup
    public void open() {
        allocator = new RootAllocator();
    }

    /** Closes it, which fails if a buffer is left. */
    @TearDown
    public void close() {
        allocator.close();
    }
}
