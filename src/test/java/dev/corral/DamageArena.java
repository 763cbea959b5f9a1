// SPDX-License-Identifier: Apache-2.0
package dev.corral;

/** Main class of a child: writes past a block of an arena whose builder says {@code debug(false)}. */
final class DamageArena {
    private DamageArena() {
    }

    public static void main(String[] args) {
        NativeArena arena = NativeArena.builder().name("child").debug(false).build();
        arena.putByte(arena.allocateRef(8), 8, (byte) 1);
        try {
            arena.close();
            System.out.println("quiet");
        } catch (MemoryDamageException e) {
            System.out.println("found: " + e.getMessage());
        }
    }
}
