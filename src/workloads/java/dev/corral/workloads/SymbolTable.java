// SPDX-License-Identifier: Apache-2.0
package dev.corral.workloads;

import dev.corral.NativeArena;
import java.nio.charset.StandardCharsets;

/**
 * Texts that are kept once each, in an arena: a hash table of chains whose buckets are a block of refs. A symbol is
 * [next | hash | length | number | uses | bytes], and its number counts from 0 in the order of first use.
 */
final class SymbolTable {
    private static final int HASH = 8;
    private static final int LENGTH = 12;
    private static final int NUMBER = 16;
    private static final int USES = 20;
    private static final int BYTES = 24;
    private static final int FIRST_BUCKETS = 256;
    private static final int MULTIPLIER = 31;

    private final NativeArena arena;
    private long buckets;
    private int bucketCount;
    private int count;

    SymbolTable(NativeArena arena) {
        this.arena = arena;
        bucketCount = FIRST_BUCKETS;
        buckets = newBuckets(bucketCount);
    }

    private long newBuckets(int number) {
        long block = arena.allocateRef(number * Long.BYTES);
        for (int i = 0; i < number; i++) {
            arena.putLong(block, i * Long.BYTES, 0);
        }
        return block;
    }

    /** The symbol of a text, made if it is new; counts the use. */
    long intern(byte[] text, int from, int length) {
        int hash = 0;
        for (int i = from; i < from + length; i++) {
            hash = MULTIPLIER * hash + (text[i] & 0xff);
        }
        for (long symbol = first(hash); symbol != 0; symbol = arena.getLong(symbol, 0)) {
            if (arena.getInt(symbol, HASH) == hash && isSame(symbol, text, from, length)) {
                arena.putInt(symbol, USES, arena.getInt(symbol, USES) + 1);
                return symbol;
            }
        }
        return add(hash, text, from, length);
    }

    private long first(int hash) {
        return arena.getLong(buckets, bucketOf(hash));
    }

    private int bucketOf(int hash) {
        return ((hash ^ hash >>> 16) & bucketCount - 1) * Long.BYTES;
    }

    private boolean isSame(long symbol, byte[] text, int from, int length) {
        if (arena.getInt(symbol, LENGTH) != length) {
            return false;
        }
        for (int i = 0; i < length; i++) {
            if (arena.getByte(symbol, BYTES + i) != text[from + i]) {
                return false;
            }
        }
        return true;
    }

    private long add(int hash, byte[] text, int from, int length) {
        if (count == bucketCount) {
            grow();
        }
        long symbol = arena.allocateRef(BYTES + length);
        arena.putInt(symbol, HASH, hash);
        arena.putInt(symbol, LENGTH, length);
        arena.putInt(symbol, NUMBER, count++);
        arena.putInt(symbol, USES, 1);
        arena.copyIn(symbol, BYTES, text, from, length);
        link(symbol);
        return symbol;
    }

    private void link(long symbol) {
        int bucket = bucketOf(arena.getInt(symbol, HASH));
        arena.putLong(symbol, 0, arena.getLong(buckets, bucket));
        arena.putLong(buckets, bucket, symbol);
    }

    /** The old buckets stay behind in the arena: less than the new ones need. */
    private void grow() {
        long old = buckets;
        int oldCount = bucketCount;
        bucketCount *= 2;
        buckets = newBuckets(bucketCount);
        for (int i = 0; i < oldCount; i++) {
            long next;
            for (long symbol = arena.getLong(old, i * Long.BYTES); symbol != 0; symbol = next) {
                next = arena.getLong(symbol, 0);
                link(symbol);
            }
        }
    }

    int count() {
        return count;
    }

    int number(long symbol) {
        return arena.getInt(symbol, NUMBER);
    }

    int uses(long symbol) {
        return arena.getInt(symbol, USES);
    }

    int hash(long symbol) {
        return arena.getInt(symbol, HASH);
    }

    String text(long symbol) {
        byte[] bytes = new byte[arena.getInt(symbol, LENGTH)];
        arena.copyOut(symbol, BYTES, bytes, 0, bytes.length);
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }

    /** All symbols by number. */
    long[] all() {
        long[] symbols = new long[count];
        for (int i = 0; i < bucketCount; i++) {
            for (long symbol = arena.getLong(buckets, i * Long.BYTES); symbol != 0; symbol = arena.getLong(symbol, 0)) {
                symbols[number(symbol)] = symbol;
            }
        }
        return symbols;
    }
}
