// SPDX-License-Identifier: Apache-2.0
package dev.corral;

import dev.corral.internal.ArenaNatives;
import java.util.Random;

/**
 * Comes to the end of its thread's stack in all places of reset, clear and nativeHandle, and prints how often what C
 * had taken back could be read afterwards, and how often it had been taken back at all.
 */
final class RunOutOfStackInArena {
    private static final int ERRORS = 600;

    private int levels;
    private int errors;
    private final Random random = new Random(42);

    private RunOutOfStackInArena() {
    }

    private static long deep(NativeArena arena, int what, int levels, long a, long b) {
        if (levels > 0) {
            return deep(arena, what, levels - 1, b, a + 1) + a;
        }
        switch (what) {
            case 0 -> arena.reset();
            case 1 -> arena.clear();
            default -> arena.nativeHandle();
        }
        return 1;
    }

    /** Hovers about the last level that fits; whether it did not. */
    private boolean endsIn(NativeArena arena, int what) {
        try {
            deep(arena, what, levels, 1, 2);
            levels += 1 + random.nextInt(errors == 0 ? 50 : 4);
            return false;
        } catch (StackOverflowError e) {
            errors++;
            levels -= random.nextInt(errors == 1 ? 50 : 5);
            return true;
        }
    }

    private static boolean isRead(NativeArena arena, long ref) {
        try {
            arena.getLong(ref, 0);
            return true;
        } catch (IllegalStateException e) {
            return false;
        }
    }

    private static void run(int what) {
        RunOutOfStackInArena at = new RunOutOfStackInArena();
        int takenBack = 0;
        int read = 0;
        while (at.errors < ERRORS) {
            try (NativeArena arena = NativeArena.builder().initialChunkSize(4096).maxChunkSize(4096).build()) {
                NativeArena used = what < 2 ? arena : arena.newChild();
                used.allocateRef(4000);
                long ref = used.allocateRef(4000); // in another chunk
                used.putLong(ref, 0, 1);
                int before = used.currentGeneration();
                if (at.endsIn(arena, what)) {
                    if (what == 2) {
                        ArenaNatives.reset(arena.nativeHandle());
                    }
                    takenBack += used.currentGeneration() != before ? 1 : 0;
                    read += used.currentGeneration() != before && isRead(used, ref) ? 1 : 0;
                }
            }
        }
        System.out.println("what=" + what + " read=" + read);
        System.out.println("what=" + what + " taken back=" + (takenBack != 0));
    }

    private static void runAll() {
        for (int what = 0; what < 3; what++) {
            run(what);
        }
    }

    public static void main(String[] args) throws InterruptedException {
        Thread thread = new Thread(null, RunOutOfStackInArena::runAll, "small", 256 * 1024);
        thread.start();
        thread.join();
    }
}
