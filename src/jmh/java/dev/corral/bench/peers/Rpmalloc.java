// SPDX-License-Identifier: Apache-2.0
package dev.corral.bench.peers;

import org.lwjgl.system.rpmalloc.RPmalloc;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** rpmalloc through LWJGL's binding: one JNI call to allocate and one to free. */
@State(Scope.Thread)
public class Rpmalloc {
    private static boolean initialized;

    /** Prepares the process once and each thread. */
    @Setup
    public void open() {
        synchronized (Rpmalloc.class) {
            if (!initialized) {
                RPmalloc.rpmalloc_initialize(null);
                initialized = true;
            }
        }
        RPmalloc.rpmalloc_thread_initialize();
    }
}
