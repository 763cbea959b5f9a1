// SPDX-License-Identifier: Apache-2.0
package dev.corral.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.lang.ref.Reference;
import java.lang.ref.WeakReference;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.InvalidMarkException;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledInNativeImage;

/** A view is what the JDK's own slice would be, whoever has made it. */
class BlockViewsTest {
    private static final int BYTES = 4096;
    private static final int ROUNDS = 50_000; // the compiled code as well
    private static final int COLLECTIONS = 200;

    private final ByteBuffer root = root();

    private static ByteBuffer root() {
        return ByteBuffer.allocateDirect(BYTES).order(ByteOrder.nativeOrder()).duplicate();
    }

    @Test
    @DisabledInNativeImage
    void madeByFieldBeforeJdk22() {
        boolean known = Set.of("amd64", "x86_64", "aarch64").contains(System.getProperty("os.arch"));
        assertEquals(Runtime.version().feature() < 22 && known && System.getProperty("corral.memory") == null,
                BlockViews.areDirect());
    }

    @Test
    void equalToASliceInAllThatCanBeAsked() {
        Random random = new Random(1);
        for (int i = 0; i < ROUNDS; i++) {
            int offset = random.nextInt(BYTES + 1);
            int size = random.nextInt(BYTES + 1 - offset);
            ByteBuffer slice = root.slice(offset, size).order(ByteOrder.nativeOrder());
            assertAlike(slice, BlockViews.of(root, offset, size));
        }
    }

    private static void assertAlike(ByteBuffer slice, ByteBuffer view) {
        assertSame(slice.getClass(), view.getClass());
        assertEquals(slice.toString(), view.toString());
        assertEquals(slice.capacity(), view.capacity());
        assertEquals(ByteOrder.nativeOrder(), view.order());
        assertEquals(slice.isReadOnly(), view.isReadOnly());
        assertEquals(slice.hasArray(), view.hasArray());
        assertThrows(InvalidMarkException.class, view::reset);
        if (view.capacity() >= Long.BYTES) {
            view.putLong(view.capacity() - Long.BYTES, view.capacity() + 1L);
            assertEquals(view.capacity() + 1L, slice.getLong(slice.capacity() - Long.BYTES));
            assertEquals(slice.asLongBuffer().get(0), view.asLongBuffer().get(0));
        }
        assertEquals(slice, view);
        assertEquals(ByteOrder.BIG_ENDIAN, view.duplicate().order());
        assertEquals(slice.slice(), view.slice());
    }

    @Test
    void bytesOutsideTheRootAreRefused() {
        int[][] bad = {{0, -1}, {0, BYTES + 1}, {BYTES, 1}, {1, BYTES}, {BYTES + 1, 0}, {BYTES, Integer.MAX_VALUE},
            {1 << 30, 1 << 30}, {1 << 30, Integer.MIN_VALUE}, {0, Integer.MIN_VALUE}};
        for (int[] at : bad) {
            assertThrows(IndexOutOfBoundsException.class, () -> BlockViews.of(root, at[0], at[1]),
                    () -> "offset=" + at[0] + " size=" + at[1]);
        }
        assertFalse(BlockViews.of(root, BYTES, 0).hasRemaining());
    }

    @Test
    void keepsWhatKeepsTheMemory() {
        ByteBuffer own = ByteBuffer.allocateDirect(BYTES);
        WeakReference<ByteBuffer> kept = new WeakReference<>(own);
        ByteBuffer part = BlockViews.of(own.duplicate(), 16, 16).slice(4, 4).asReadOnlyBuffer();
        own = null;
        for (int i = 0; i < 3; i++) {
            System.gc();
        }
        assertFalse(kept.refersTo(null));
        Reference.reachabilityFence(part);
        part = null;
        for (int i = 0; i < COLLECTIONS && !kept.refersTo(null); i++) {
            System.gc();
        }
        assertNull(kept.get());
    }
}
