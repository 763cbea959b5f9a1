// SPDX-License-Identifier: Apache-2.0
package dev.corral.bench.peers;

import org.lwjgl.system.MemoryStack;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** LWJGL's stack, kept in a field: looking up the thread's own one at each use costs more. */
@State(Scope.Thread)
public class LwjglStack {
    private static final int SIZE = 1 << 16;

    /** The stack, of the default size. */
    public final MemoryStack stack = MemoryStack.create(SIZE);
}
