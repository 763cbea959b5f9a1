// SPDX-License-Identifier: Apache-2.0
package dev.corral.workloads;

import java.util.List;

/**
 * What a walk over the syntax trees of a source tree found.
 *
 * @param nodes how many nodes
 * @param depth of the deepest one
 * @param checksum over the kinds, places and names of all nodes in order
 * @param symbols how many different words
 * @param frequent the most frequent words with their numbers
 */
public record SyntaxSummary(long nodes, int depth, long checksum, int symbols, List<String> frequent) {
    /** How many words are listed. */
    static final int MOST = 20;
    private static final long MULTIPLIER = 1_000_003;

    /** The checksum after one more node. */
    static long add(long checksum, int kind, int from, int length, int hash) {
        return ((checksum * MULTIPLIER + kind) * MULTIPLIER + from) * MULTIPLIER + length + 31L * hash;
    }
}
