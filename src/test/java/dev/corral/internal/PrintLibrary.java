// SPDX-License-Identifier: Apache-2.0
package dev.corral.internal;

import dev.corral.Corral;
import dev.corral.MemoryPool;
import dev.corral.NativeArena;

/** Main class of a child: loads the library, says from where and uses it; or says why not, twice, and ends with 3. */
final class PrintLibrary {
    private PrintLibrary() {
    }

    public static void main(String[] args) {
        try {
            System.out.println("loaded=" + Corral.libraryPath());
        } catch (UnsatisfiedLinkError e) {
            System.out.println("error=" + e.getMessage());
            try {
                MemoryPool.shared();
            } catch (UnsatisfiedLinkError again) {
                System.out.println("again=" + again.getMessage().equals(e.getMessage()));
            }
            System.exit(3);
        }
        try (NativeArena arena = NativeArena.create()) {
            System.out.println("capacity=" + arena.allocate(42).capacity());
        }
    }
}
