// SPDX-License-Identifier: Apache-2.0
package dev.corral.examples;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.corral.NativeArena;
import java.util.Scanner;

/** Keeps the words of standard input as a linked list in native memory: a node is [next ref | length | bytes]. */
public final class WordCount {
    public static void main(String[] args) {
        try (NativeArena arena = NativeArena.create(); Scanner words = new Scanner(System.in, UTF_8)) {
            long head = 0; // the null reference
            while (words.hasNext()) {
                byte[] word = words.next().getBytes(UTF_8);
                long node = arena.allocateRef(12 + word.length); // no JNI call, no garbage
                arena.putLong(node, 0, head);
                arena.putInt(node, 8, word.length);
                arena.copyIn(node, 12, word, 0, word.length);
                head = node;
            }
            int longest = 0;
            for (long node = head; node != 0; node = arena.getLong(node, 0)) {
                longest = Math.max(longest, arena.getInt(node, 8));
            }
            System.out.println("words=" + arena.stats().count() + " longest=" + longest + " bytes");
        } // every word is gone at once
    }

    private WordCount() {
    }
}
