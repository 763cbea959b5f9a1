// SPDX-License-Identifier: Apache-2.0
package dev.corral.examples;

import dev.corral.NativeArena;
import java.util.Scanner;

/** Keeps the words of standard input as a linked list in native memory: a node is [previous | length | bytes]. */
final class WordCount {
    public static void main(String[] args) {
        try (NativeArena arena = NativeArena.create(); Scanner words = new Scanner(System.in)) {
            long last = 0; // the null reference
            while (words.hasNext()) {
                byte[] word = words.next().getBytes();
                long node = arena.allocateRef(12 + word.length); // no JNI call, no garbage
                arena.putLong(node, 0, last);
                arena.putInt(node, 8, word.length);
                arena.copyIn(node, 12, word, 0, word.length);
                last = node;
            }
            int bytes = 0;
            for (long node = last; node != 0; node = arena.getLong(node, 0)) {
                bytes += arena.getInt(node, 8);
            }
            System.out.println("words=" + arena.stats().count() + " bytes=" + bytes);
        } // every word is gone at once
    }
}
