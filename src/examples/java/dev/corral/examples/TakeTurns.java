// SPDX-License-Identifier: Apache-2.0
package dev.corral.examples;

import dev.corral.ArenaRecycler;
import dev.corral.Lifetime;
import dev.corral.Lifetimes;
import dev.corral.MappedArena;
import dev.corral.NativeArena;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * C code and Java code fill one arena in turn, intern the same names, borrow the same arenas, and read the same file.
 * {@code src/examples/jni} is the C side. It has all of Corral in it, so that there is one copy in the process: start
 * with {@code -Dcorral.library.path=libtake_turns.so}.
 */
public final class TakeTurns {
    private TakeTurns() {
    }

    /** Adds the node [previous | value] to the list, as this class does; 0 when the arena refuses. */
    private static native long addInC(long arena, long previous, long value);

    /** The sum of the list, by pointers. */
    private static native long sumInC(long arena, long list);

    /** The sum of the list in a sealed file. */
    private static native long sumSealedInC(long mapped);

    /** Takes a block of the unit arena and interns a name; 0 when there is no memory. */
    private static native long internInC(long lifetimes, byte[] name);

    private static native boolean endUnitInC(long lifetimes);

    /** Borrows an arena, allocates in it and returns it; false when that is refused. */
    private static native boolean serveInC(long recycler, int bytes);

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

    private static void fill(int nodes) throws IOException {
        try (NativeArena arena = NativeArena.create()) { // loads the library, and so the methods above
            long list = 0;
            for (int i = 1; i <= nodes; i++) {
                list = i % 2 == 0 ? addInJava(arena, list, i) : addInC(arena.nativeHandle(), list, i);
            }
            System.out.println("nodes=" + arena.stats().count() + " chunks=" + arena.stats().chunks()
                    + " sumInJava=" + sumInJava(arena, list) + " sumInC=" + sumInC(arena.nativeHandle(), list));
            seal(arena, list);
        }
    }

    private static void seal(NativeArena arena, long list) throws IOException {
        Path file = Files.createTempFile("corral", ".arena");
        try {
            MappedArena.seal(arena, list, 0, file);
            try (MappedArena mapped = MappedArena.open(file)) {
                System.out.println("sealed=" + mapped.count() + " sumInC=" + sumSealedInC(mapped.nativeHandle()));
            }
        } finally {
            Files.delete(file);
        }
    }

    /** Each name is asked for on both sides; units are ended by turns. */
    private static void intern(int names) {
        try (Lifetimes lifetimes = Lifetimes.create()) {
            long handle = lifetimes.nativeHandle();
            int same = 0;
            for (int i = 1; i <= names; i++) {
                String name = "name" + i % 100;
                lifetimes.allocate(Lifetime.UNIT, name.length());
                long inJava = i % 2 == 0 ? lifetimes.intern(name) : 0;
                long inC = internInC(handle, name.getBytes(StandardCharsets.UTF_8));
                same += inC != 0 && (inJava != 0 ? inJava : lifetimes.intern(name)) == inC ? 1 : 0;
                if (i % 1000 == 0) {
                    lifetimes.endUnit();
                } else if (i % 500 == 0 && !endUnitInC(handle)) {
                    throw new IllegalStateException("the unit goes on");
                }
            }
            System.out.println("names=" + names + " same=" + same + " " + lifetimes.stats());
        }
    }

    private static void serve(int requests) {
        try (ArenaRecycler recycler = ArenaRecycler.create()) {
            for (int i = 1; i <= requests; i++) {
                if (i % 2 == 0 && i > requests / 2) { // in the first half Java serves alone
                    if (!serveInC(recycler.nativeHandle(), 1000)) {
                        throw new IllegalStateException("request=" + i + ": it is refused");
                    }
                } else {
                    try (NativeArena arena = recycler.borrow()) {
                        arena.allocateRef(1000);
                    }
                }
            }
            System.out.println("requests=" + requests + " " + recycler.stats());
        }
    }

    /** Argument: how many nodes, names and requests. */
    public static void main(String[] args) throws IOException {
        int count = Integer.parseInt(args[0]);
        fill(count);
        intern(count);
        serve(count);
    }
}
