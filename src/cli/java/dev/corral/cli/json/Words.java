// SPDX-License-Identifier: Apache-2.0
package dev.corral.cli.json;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * Looks at eight bytes of a document at once. A mask has the high bit of a byte set where that byte is searched for;
 * the word is little-endian, so the lowest set bit belongs to the first such byte. Higher bits may be wrong, because
 * the subtraction borrows from the bytes above a hit, but never below the first hit.
 */
final class Words {
    /** Bytes of a word. */
    static final int SIZE = Long.BYTES;

    private static final VarHandle LONGS =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final long ONES = 0x0101010101010101L;
    private static final long HIGH_BITS = 0x8080808080808080L;
    private static final long SPACES = ' ' * ONES;
    private static final long QUOTES = '"' * ONES;
    private static final long BACKSLASHES = '\\' * ONES;

    private Words() {
    }

    static long at(final byte[] document, final int offset) {
        return (long) LONGS.get(document, offset);
    }

    /** Marks the bytes that do not stand for themselves in a string: quote, backslash, control, not ASCII. */
    static long special(final long word) {
        final long quotes = word ^ QUOTES;
        final long backslashes = word ^ BACKSLASHES;
        return (word - SPACES & ~word | quotes - ONES & ~quotes | backslashes - ONES & ~backslashes | word) & HIGH_BITS;
    }

    /** The number of spaces that the word begins with, 8 if it consists of them. */
    static int leadingSpaces(final long word) {
        return Long.numberOfTrailingZeros(word ^ SPACES) >>> 3;
    }

    /** The index of the first marked byte of a mask that is not 0. */
    static int first(final long mask) {
        return Long.numberOfTrailingZeros(mask) >>> 3;
    }
}
