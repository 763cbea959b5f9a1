// SPDX-License-Identifier: Apache-2.0
package dev.corral;

/**
 * Main class of a child that has little address space: creates recyclers with room for as many arenas as there can be,
 * a mebibyte each, and drops them. Their memory comes back when the collector is asked.
 */
final class CreateAndDrop {
    private CreateAndDrop() {
    }

    public static void main(String[] args) {
        int count = Integer.parseInt(args[0]);
        try (MemoryPool pool = MemoryPool.create()) {
            for (int i = 0; i < count; i++) {
                ArenaRecycler.builder().pool(pool).keptArenas(65_536).build();
            }
        }
        System.out.println("created=" + count);
    }
}
