// SPDX-License-Identifier: Apache-2.0
package dev.corral.cli.tree;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * The layout of a native tree: what the bytes of a node mean. Everything that reads or writes a node takes its offsets
 * from here. Words are 64 bits, little-endian, so that a word's lowest byte is the first one in memory.
 *
 * <pre>
 *   block: an object or array, or a part of a long one      text: a string, name or number that is not inline
 *
 *     0  +--------------------------------+                   0  +--------------------------------+
 *        | META    kind, bytes of items   |                      | META    kind, bytes of text    |
 *     8  +--------------------------------+                   8  +--------------------------------+
 *        | NEXT    link to the next part  |                      | text bytes ...                 |
 *    16  +--------------------------------+                      +--------------------------------+
 *        | items ...                      |
 *        +--------------------------------+
 *
 *   META     63                  3 2    0
 *           +---------------------+------+
 *           | bytes that follow   | kind |
 *           +---------------------+------+
 *
 *   item     first byte: 7    3 2   0
 *                       +------+-----+
 *     inline text       | size | tag | followed by size bytes of text, padded to a whole word; after a tag of
 *                                      STRING_32 by 32 bytes more than size
 *     literal           |   0  | tag | padded to a word
 *     link              a word that names a block or a text; links are multiples of 8, so their tag is LINK
 * </pre>
 *
 * <p>The formatted document is a chain of blocks too, whose items are plain bytes.
 *
 * <p>An array's items are its elements; an object's items are names and values in turn. Short text, which is nearly all
 * of it, needs neither a node nor a link: a document takes one allocation for each object, array and long text.
 * A NEXT of 0 ends a container.
 */
final class NodeDescriptor {
    static final int META_OFFSET = 0;
    static final int NEXT_OFFSET = 8;
    static final int ITEMS_OFFSET = 16;
    static final int TEXT_OFFSET = 8;

    // Kinds of nodes.
    static final int OBJECT = 0;
    static final int ARRAY = 1;
    static final int LONG_STRING = 2;
    static final int LONG_NUMBER = 3;
    static final int FORMATTED = 4;

    // Tags of items.
    static final int LINK = 0;
    static final int STRING = 1;
    static final int NUMBER = 2;
    static final int TRUE = 3;
    static final int FALSE = 4;
    static final int NULL = 5;
    static final int STRING_32 = 6;

    static final int WORD = 8;
    /** The longest number in an item; longer ones are texts of their own. */
    static final int MAX_INLINE_NUMBER = 31;
    /** The longest string or name in an item; longer ones are texts of their own. */
    static final int MAX_INLINE_STRING = 63;
    /** Bytes of the largest item: the first byte and the text. */
    static final int MAX_ITEM = 1 + MAX_INLINE_STRING;

    /** The longest text. With its META it is still below the 1 GiB that one request may have. */
    static final int MAX_TEXT = (1 << 30) - 64;

    private static final int EXTRA_LENGTH = 32;
    private static final int LOW_BITS = 3;
    private static final int LOW_MASK = (1 << LOW_BITS) - 1;
    private static final VarHandle WORDS =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private NodeDescriptor() {
    }

    static long meta(final int kind, final int length) {
        return (long) length << LOW_BITS | kind;
    }

    static int kind(final long meta) {
        return (int) meta & LOW_MASK;
    }

    static int length(final long meta) {
        return (int) (meta >>> LOW_BITS);
    }

    /** The first byte of a literal. */
    static byte literalItem(final int tag) {
        return (byte) tag;
    }

    /** The first byte of an inline text of {@code STRING} or {@code NUMBER}. */
    static byte textItem(final int tag, final int length) {
        if (length < EXTRA_LENGTH) {
            return (byte) (length << LOW_BITS | tag);
        }
        return (byte) (length - EXTRA_LENGTH << LOW_BITS | STRING_32);
    }

    static int tag(final int item) {
        return item & LOW_MASK;
    }

    static int inlineLength(final int item) {
        return ((item & 0xFF) >>> LOW_BITS) + (tag(item) == STRING_32 ? EXTRA_LENGTH : 0);
    }

    /** Bytes that an item takes, padding included. */
    static int itemSize(final int inlineLength) {
        return inlineLength + WORD & -WORD;
    }

    static boolean canBeLink(final long word) {
        return word != 0 && (word & LOW_MASK) == 0;
    }

    static long word(final byte[] array, final int at) {
        return (long) WORDS.get(array, at);
    }

    static void putWord(final byte[] array, final int at, final long value) {
        WORDS.set(array, at, value);
    }

    /** Turns a word into what a native access must write, or what one has read into a word. */
    static long swapIfBigEndian(final long value) {
        return ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN ? value : Long.reverseBytes(value);
    }
}
