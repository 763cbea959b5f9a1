// SPDX-License-Identifier: Apache-2.0
package dev.corral.examples;

import dev.corral.NativeArena;

/**
 * C code and Java code fill one arena in turn. {@code src/examples/jni} is the C side. It has all of Corral in it, so
 * that there is one copy in the process: start with {@code -Dcorral.library.path=libtake_turns.so}.
 */
public final class TakeTurns {
    private TakeTurns() {
    }

    /** Adds the node [previous | value] to the list, as this class does; 0 when the arena refuses. */
    private static native long addInC(long arena, long previous, long value);

    /** The sum of the list, by pointers. */
    private static native long sumInC(long arena, long list);

    private static long addInJava(NativeArena arena, long previous, long value) {
        long node = arena.allocateRef(16);
        arena.putLong(node, 0, previous);
        arena.putLong(node, 8, value);
        return node;
    }

    private static long sumInJava(NativeArena arena, long list) {
        long sum = 0;
        for (long node = list; node != 0; node = arena.getLong(node, 0)) {
            sum += arena.getLong(node, 8);
        }
        return sum;
    }

    /** Argument: how many nodes. */
    public static void main(String[] args) {
        int nodes = Integer.parseInt(args[0]);
        try (NativeArena arena = NativeArena.create()) { // loads the library, and so the methods above
            long list = 0;
            for (int i = 1; i <= nodes; i++) {
                list = i % 2 == 0 ? addInJava(arena, list, i) : addInC(arena.nativeHandle(), list, i);
            }
            System.out.println("nodes=" + arena.stats().count() + " chunks=" + arena.stats().chunks()
                    + " sumInJava=" + sumInJava(arena, list) + " sumInC=" + sumInC(arena.nativeHandle(), list));
        }
    }
}
