// SPDX-License-Identifier: Apache-2.0
package dev.corral.bench;

import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** Sizes of blocks: those of the JDK's own allocation benchmarks, so that rows line up, and 64. */
@State(Scope.Benchmark)
public class Sizes {
    /** Bytes of one block. */
    @Param({"5", "20", "64", "100", "500", "2000", "8000"})
    public int size;
}
