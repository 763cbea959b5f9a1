// SPDX-License-Identifier: Apache-2.0
package dev.corral;

/** The native address of a pool, for tests of other packages that ask the native methods. */
public final class PoolHandles {
    private PoolHandles() {
    }

    public static long of(MemoryPool pool) {
        return pool.state().handle;
    }
}
