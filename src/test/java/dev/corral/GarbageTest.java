// SPDX-License-Identifier: Apache-2.0
package dev.corral;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import dev.corral.junit.NoNativeLeaks;
import java.lang.management.ManagementFactory;
import java.util.function.LongUnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledInNativeImage;

/** The fast path makes no garbage: heap bytes of 10,000 operations, from the thread's own counter. */
@NoNativeLeaks
@DisabledInNativeImage // has no such counter
class GarbageTest {
    private static final int OPERATIONS = 10_000;
    /** Room for what the counter itself, or a recompilation, costs: less than a byte for ten operations. */
    private static final long ALLOWED = 1_000;

    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    /** Heap bytes of the second of two runs; their sum keeps the JIT from dropping the operation. */
    private static long bytesOf(LongUnaryOperator operation) {
        long sum = run(operation);
        long before = THREADS.getCurrentThreadAllocatedBytes();
        sum += run(operation);
        long bytes = THREADS.getCurrentThreadAllocatedBytes() - before;
        assertTrue(sum != 42, "never, but the JIT cannot know");
        return bytes;
    }

    private static long run(LongUnaryOperator operation) {
        long sum = 0;
        for (int i = 0; i < OPERATIONS; i++) {
            sum += operation.applyAsLong(i);
        }
        return sum;
    }

    private static void assertNoGarbage(LongUnaryOperator operation) {
        long bytes = bytesOf(operation);
        assertTrue(bytes <= ALLOWED, "bytes=" + bytes + " operations=" + OPERATIONS);
    }

    @Test
    void theCounterSeesGarbage() {
        byte[][] kept = new byte[1][];
        assertTrue(bytesOf(i -> {
            kept[0] = new byte[64];
            return kept[0].length;
        }) >= 64 * OPERATIONS);
    }

    @Test
    void allocateRefMakesNoGarbage() {
        try (NativeArena arena = NativeArena.create()) {
            assertNoGarbage(i -> {
                if (i % 1_000 == 0) {
                    arena.reset();
                }
                return arena.allocateRef(64);
            });
            assertEquals(1_000, arena.stats().count());
        }
    }

    @Test
    void theSlowPathMakesNoGarbage() {
        try (NativeArena arena = NativeArena.create()) {
            assertNoGarbage(i -> {
                if (i % 100 == 0) {
                    arena.reset();
                }
                return arena.allocateRef(5_000, 64);
            });
        }
    }

    @Test
    void readingAndWritingMakeNoGarbage() {
        try (NativeArena arena = NativeArena.create()) {
            long first = arena.allocateRef(64);
            long second = arena.allocateRef(8_000); // another chunk
            assertNoGarbage(i -> {
                arena.putByte(first, 1, (byte) i);
                arena.putShort(second, 2, (short) i);
                arena.putInt(first, 4, (int) i);
                arena.putLong(second, 7_992, i);
                arena.putFloat(first, 20, i);
                arena.putDouble(second, 24, i);
                return arena.getByte(first, 1) + arena.getShort(second, 2) + arena.getInt(first, 4)
                        + arena.getLong(second, 7_992) + (long) arena.getFloat(first, 20)
                        + (long) arena.getDouble(second, 24);
            });
        }
    }

    @Test
    void copiesMakeNoGarbage() {
        byte[] bytes = new byte[32];
        try (NativeArena arena = NativeArena.create()) {
            long ref = arena.allocateRef(64);
            assertNoGarbage(i -> {
                arena.copyIn(ref, 3, bytes, 0, 32);
                arena.copyOut(ref, 9, bytes, 0, 32);
                return bytes[0];
            });
        }
    }

    @Test
    void resetMakesNoGarbage() {
        try (NativeArena arena = NativeArena.create()) {
            assertNoGarbage(i -> {
                long ref = arena.allocateRef(8);
                arena.putLong(ref, 0, i);
                arena.reset();
                return ref;
            });
        }
    }

    /** Of a rewind over the ends of two chunks, and one beside them, whatever lies below. */
    @Test
    void rewindMakesNoGarbage() {
        try (NativeArena arena = NativeArena.builder().maxChunkSize(4096).build()) {
            long last = 0;
            for (int i = 0; i < 2_000; i++) {
                last = arena.allocateRef(4_000);
                arena.putLong(last, 0, i);
            }
            long below = last;
            Mark mark = arena.mark();
            assertNoGarbage(i -> {
                arena.putLong(arena.allocateRef(4_000), 0, i);
                arena.putLong(arena.allocateRef(4_000), 0, i);
                arena.putLong(arena.allocateRef(9_000), 0, i);
                arena.rewind(mark);
                return arena.getLong(below, 0);
            });
        }
    }

    @Test
    void buildingTextMakesNoGarbage() {
        StringBuilder other = new StringBuilder("é and more");
        try (NativeArena arena = NativeArena.create()) {
            Utf8Builder builder = arena.utf8Builder();
            assertNoGarbage(i -> {
                builder.append("line ").append(i).append(' ').append(other).append("€😀", 0, 3).append('\uD83D')
                        .append('\uDE00');
                if (i % 50 == 0) { // so that it grows, too
                    long ref = builder.finishRef();
                    arena.reset();
                    return ref;
                }
                return builder.length();
            });
            builder.discard();
        }
    }

    @Test
    void movingTextMakesNoGarbage() {
        try (NativeArena arena = NativeArena.create()) {
            Utf8Builder builder = arena.utf8Builder();
            assertNoGarbage(i -> {
                builder.append("0123456789");
                arena.allocateRef(8);
                if (i % 100 == 0) {
                    builder.discard();
                    arena.reset();
                }
                return builder.length();
            });
            builder.discard();
        }
    }

    @Test
    void slotsMakeNoGarbage() {
        try (SlotPool slots = SlotPool.create(); SlotRegion region = slots.newRegion()) {
            long number = slots.putInt(1);
            byte[] bytes = new byte[16];
            assertNoGarbage(i -> {
                long own = slots.putLong(i);
                long other = region.putBytes(bytes, 0, 12);
                slots.setInt(number, slots.getInt(number) + 1);
                slots.setBytes(other, bytes);
                long text = slots.putUtf8("sixteen bytes ok");
                slots.setUtf8(text, "Zürich");
                long sum = slots.getLong(own) + slots.copyOut(other, bytes, 0) + slots.next(own);
                slots.remove(own);
                slots.remove(other);
                slots.remove(text);
                return sum;
            });
        }
    }

    @Test
    void knownTextsMakeNoGarbage() {
        String[] names = new String[500];
        try (Lifetimes lifetimes = Lifetimes.create()) {
            for (int i = 0; i < names.length; i++) {
                names[i] = "name" + i;
            }
            assertNoGarbage(i -> lifetimes.intern(names[(int) (i % names.length)]));
            assertEquals(names.length, lifetimes.stats().strings());
        }
    }
}
