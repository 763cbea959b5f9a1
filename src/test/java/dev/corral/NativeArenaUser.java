// SPDX-License-Identifier: Apache-2.0
package dev.corral;

/** A class of a user whose name starts like one of the library's. */
final class NativeArenaUser {
    private NativeArenaUser() {
    }

    static void drop(MemoryPool pool, String name) {
        NativeArena.builder().pool(pool).name(name).build().allocate(16);
    }
}
