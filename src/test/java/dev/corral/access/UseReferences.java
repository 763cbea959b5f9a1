// SPDX-License-Identifier: Apache-2.0
package dev.corral.access;

import dev.corral.NativeArena;
import dev.corral.internal.DirectMemory;

/** A program that writes and reads values of all types through references, at places that fit none of them. */
public final class UseReferences {
    private static final int ODD = 3;

    private UseReferences() {
    }

    /** Prints whether it was done by address, and the sum of what was read. */
    public static void main(String[] args) {
        try (NativeArena arena = NativeArena.create()) {
            double sum = 0;
            for (int i = 0; i < 100_000; i++) { // the compiled code as well
                if (i % 1000 == 0) {
                    arena.reset();
                }
                sum += writeAndRead(arena, i % 100);
            }
            System.out.println("memory=" + DirectMemory.isAvailable() + " sum=" + (long) sum);
        }
    }

    private static double writeAndRead(NativeArena arena, int value) {
        long ref = arena.allocateRef(64);
        int at = ODD;
        arena.putByte(ref, at, (byte) -value);
        arena.putShort(ref, at += Byte.BYTES, (short) -value);
        arena.putInt(ref, at += Short.BYTES, -value);
        arena.putLong(ref, at += Integer.BYTES, -value);
        arena.putFloat(ref, at += Long.BYTES, -value);
        arena.putDouble(ref, at + Float.BYTES, -value);
        double sum = arena.getDouble(ref, at + Float.BYTES) + arena.getFloat(ref, at);
        sum += arena.getLong(ref, at -= Long.BYTES);
        sum += arena.getInt(ref, at -= Integer.BYTES);
        return sum + arena.getShort(ref, at - Short.BYTES) + arena.getByte(ref, ODD);
    }
}
