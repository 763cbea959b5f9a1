// SPDX-License-Identifier: Apache-2.0
package dev.corral.examples;

import dev.corral.NativeArena;
import dev.corral.StackAllocator;

/**
 * Corrects the words of a text to those of a small dictionary: of each pair of words the edit distance is found
 * (Levenshtein's, by Wagner and Fischer's table), whose two rows lie in a frame of the thread's own stack. Neither the
 * heap nor a pool is asked for them.
 */
final class NearestWords {
    private static final String[] DICTIONARY = {
        "arena", "chunk", "frame", "memory", "object", "region", "scope", "stack"
    };

    private NearestWords() {
    }

    private static int distance(String left, String right) {
        try (StackAllocator.Frame frame = StackAllocator.ofCurrentThread().push()) {
            NativeArena memory = frame.arena();
            long above = frame.allocateRef((right.length() + 1) * Integer.BYTES);
            long row = frame.allocateRef((right.length() + 1) * Integer.BYTES);
            for (int column = 0; column <= right.length(); column++) {
                memory.putInt(above, column * Integer.BYTES, column);
            }
            for (int line = 1; line <= left.length(); line++) {
                memory.putInt(row, 0, line);
                for (int column = 1; column <= right.length(); column++) {
                    int at = column * Integer.BYTES;
                    int replaced = memory.getInt(above, at - Integer.BYTES)
                            + (left.charAt(line - 1) == right.charAt(column - 1) ? 0 : 1);
                    int removed = memory.getInt(above, at) + 1;
                    int inserted = memory.getInt(row, at - Integer.BYTES) + 1;
                    memory.putInt(row, at, Math.min(replaced, Math.min(removed, inserted)));
                }
                long swapped = above;
                above = row;
                row = swapped;
            }
            return memory.getInt(above, right.length() * Integer.BYTES);
        }
    }

    /** The dictionary's word with the least distance, the first of several. */
    private static String nearest(String word) {
        String best = word;
        int least = Integer.MAX_VALUE;
        for (String known : DICTIONARY) {
            int distance = distance(word, known);
            if (distance < least) {
                least = distance;
                best = known;
            }
        }
        return best;
    }

    public static void main(String[] args) {
        for (String word : args) {
            System.out.println(word + " -> " + nearest(word));
        }
    }
}
