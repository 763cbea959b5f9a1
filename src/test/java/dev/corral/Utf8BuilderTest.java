// SPDX-License-Identifier: Apache-2.0
package dev.corral;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.corral.internal.ArenaNatives;
import dev.corral.junit.NoNativeLeaks;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.util.IllegalFormatException;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Text that grows in an arena: encoding, places, what makes it stale, and what failures leave. */
@NoNativeLeaks
@SuppressWarnings("try") // a scope is there for its end
class Utf8BuilderTest {
    private static String text(ByteBuffer view) {
        byte[] bytes = new byte[view.capacity()];
        view.get(0, bytes);
        return new String(bytes, UTF_8);
    }

    private static void assertText(String expected, ByteBuffer view) {
        assertEquals(view.capacity(), view.remaining());
        assertEquals(expected, text(view));
    }

    // --- encoding

    @Test
    void everyKindOfAppend() {
        try (NativeArena arena = NativeArena.create()) {
            Utf8Builder builder = arena.utf8Builder();
            assertSame(builder, builder.append("é€😀").append('x').append('é').append("abcdef", 2, 4)
                    .append(new StringBuilder("sb")).append(CharBuffer.wrap("cb")).append(-12).append(Long.MIN_VALUE)
                    .append(0).append(Long.MAX_VALUE).append(1.5).append(0.1f).append(true).append((CharSequence) null)
                    .append(null, 1, 3).append('\0'));
            String expected = "é€😀xécdsbcb-12" + Long.MIN_VALUE + "0" + Long.MAX_VALUE + "1.50.1truenullul\0";
            assertEquals(expected.getBytes(UTF_8).length, builder.length());
            assertText(expected, builder.finish());
            assertEquals(0, builder.length());
        }
    }

    @Test
    void encodesAsStringDoes() {
        Random random = new Random(42);
        try (NativeArena arena = NativeArena.create()) {
            Utf8Builder builder = arena.utf8Builder();
            for (int round = 0; round < 300; round++) {
                StringBuilder expected = new StringBuilder();
                for (int piece = random.nextInt(20); piece >= 0; piece--) {
                    char[] chars = new char[random.nextInt(round % 50 == 0 ? 2000 : 6)];
                    for (int i = 0; i < chars.length; i++) {
                        int kind = random.nextInt(8);
                        chars[i] = (char) (kind < 3 ? random.nextInt(0x80) : kind < 4 ? random.nextInt(0x800)
                                : kind < 5 ? random.nextInt(0x10000) : 0xD800 + random.nextInt(0x800));
                    }
                    expected.append(chars);
                    if (chars.length == 1) {
                        builder.append(chars[0]);
                    } else {
                        builder.append(piece % 2 == 0 ? new String(chars) : CharBuffer.wrap(chars));
                    }
                }
                byte[] bytes = expected.toString().getBytes(UTF_8);
                assertEquals(bytes.length, builder.length());
                ByteBuffer view = builder.finish();
                assertEquals(ByteBuffer.wrap(bytes), view);
                if (round % 10 == 0) {
                    arena.reset();
                }
            }
        }
    }

    @Test
    void surrogatePairsSplitOverCalls() {
        try (NativeArena arena = NativeArena.create()) {
            Utf8Builder builder = arena.utf8Builder();
            builder.append('\uD83D');
            assertEquals(1, builder.length());
            builder.append('\uDE00');
            assertEquals(4, builder.length());
            builder.append("a\uD83D").append("\uDE00b").append("\uD83D").append('x').append('\uDE00').append('\uD83D');
            assertText("😀a😀b?x??", builder.finish());
            assertText("y", builder.append('y').finish());
        }
    }

    // --- places

    @Test
    void growsInPlaceAtTheEnd() {
        try (NativeArena arena = NativeArena.create()) {
            arena.allocateRef(100);
            Utf8Builder builder = arena.utf8Builder();
            assertEquals(112, arena.stats().used());
            for (int i = 0; i < 300; i++) {
                builder.append("0123456789");
            }
            assertEquals(2, arena.stats().count());
            long ref = builder.finishRef();
            assertEquals(112 + 3008, arena.stats().used());
            assertEquals("0123456789".repeat(300), text(arena.view(ref, 3000)));
        }
    }

    @Test
    void finishesWithExactlyItsSize() {
        try (NativeArena arena = NativeArena.create()) {
            for (int length = 0; length < 40; length++) {
                arena.reset();
                Utf8Builder builder = arena.utf8Builder();
                String expected = "x".repeat(length);
                expected.chars().forEach(c -> builder.append((char) c));
                ByteBuffer view = length % 2 == 0 ? builder.finish() : builder.finishCString();
                assertText(length % 2 == 0 ? expected : expected + "\0", view);
                assertEquals((view.capacity() + 15) / 16 * 16, arena.stats().used());
                assertEquals(1, arena.stats().count());
            }
        }
    }

    @Test
    void movesWhenSomethingLiesBehindIt() {
        try (NativeArena arena = NativeArena.create()) {
            Utf8Builder builder = arena.utf8Builder();
            StringBuilder expected = new StringBuilder();
            for (int i = 0; i < 2000; i++) {
                builder.append("ab");
                expected.append("ab");
                arena.allocate(1).put(0, (byte) -1);
            }
            assertText(expected.toString(), builder.finish());
            assertTrue(arena.stats().count() < 2000 + 12, () -> arena.stats().toString());
        }
    }

    @Test
    void largerThanEveryChunk() {
        try (NativeArena arena = NativeArena.create()) {
            Utf8Builder builder = arena.utf8Builder();
            for (int i = 0; i < 100_000; i++) {
                builder.append("0123456789");
            }
            ByteBuffer view = builder.finish();
            assertEquals(1_000_000, view.capacity());
            for (int i = 0; i < 1_000_000; i++) {
                assertEquals('0' + i % 10, view.get(i));
            }
        }
    }

    @Test
    void discardGivesTheRoomBack() {
        try (NativeArena arena = NativeArena.create()) {
            Utf8Builder builder = arena.utf8Builder();
            builder.append("not needed").append('\uD83D');
            builder.discard();
            assertEquals(0, arena.stats().used());
            assertEquals(0, arena.stats().count());
            assertText("next", builder.append("next").finish());
        }
    }

    // --- stale

    private static void assertStale(Utf8Builder builder) {
        for (Runnable call : new Runnable[] {() -> builder.append('x'), () -> builder.append("x"),
            () -> builder.append(1), builder::finish, builder::finishRef, builder::finishCString}) {
            RuntimeException refused = assertThrows(IllegalStateException.class, call::run);
            assertTrue(refused.getMessage().contains("status=STALE_STRING"), refused.getMessage());
        }
    }

    @Test
    void isStaleAfterReset() {
        try (NativeArena arena = NativeArena.create()) {
            Utf8Builder builder = arena.utf8Builder();
            builder.append("gone");
            arena.reset();
            ByteBuffer block = arena.allocate(16).putLong(0, 7).putLong(8, 7);
            assertStale(builder);
            builder.discard();
            assertEquals(16, arena.stats().used());
            assertEquals(7, block.getLong(0));
            assertText("anew", builder.append("anew").finish());
            builder.append("gone");
            arena.clear();
            assertStale(builder);
            builder.discard();
            builder.append("gone");
            ArenaNatives.reset(arena.nativeHandle());
            assertStale(builder);
        }
    }

    @Test
    void isStaleAfterARewindPastIt() {
        try (NativeArena arena = NativeArena.create()) {
            Mark before = arena.mark();
            Utf8Builder builder = arena.utf8Builder();
            builder.append("kept");
            Mark after = arena.mark();
            arena.rewind(after);
            builder.append(" by a rewind, then moved behind the mark");
            arena.rewind(after);
            assertStale(builder);
            builder.discard();
            builder.append("12345");
            ArenaNatives.rewind(arena.nativeHandle(), before.id); // in C, which nobody tells Java of
            arena.allocate(5);
            assertStale(builder);
        }
    }

    @Test
    void survivesInnerScopes() {
        try (NativeArena arena = NativeArena.create()) {
            Utf8Builder builder = arena.utf8Builder();
            for (int i = 0; i < 100; i++) {
                try (Scope scope = arena.openScope()) {
                    arena.allocate(500);
                }
                builder.append("abc").append('é');
            }
            assertText("abcé".repeat(100), builder.finish());
            assertEquals(1, arena.stats().count());
        }
    }

    @Test
    void aClosedArenaAndAnotherThreadRefused() throws Exception {
        NativeArena arena = NativeArena.create();
        Utf8Builder builder = arena.utf8Builder();
        builder.append("text");
        OtherThread.assertRefused(arena, OtherThread.thrownBy(() -> builder.append('x')));
        OtherThread.assertRefused(arena, OtherThread.thrownBy(builder::discard));
        arena.close();
        for (Runnable call : new Runnable[] {() -> builder.append('x'), () -> builder.append("x"), builder::finish}) {
            assertTrue(assertThrows(IllegalStateException.class, call::run).getMessage().contains("is closed"));
        }
        builder.discard();
        assertThrows(IllegalStateException.class, arena::utf8Builder);
    }

    // --- failures

    @Test
    void whatDoesNotFitIsNotInTheText() {
        try (NativeArena arena = NativeArena.builder().fixedSize(1024).build()) {
            Utf8Builder builder = arena.utf8Builder();
            builder.append("kept").append('\uD83D');
            assertThrows(ArenaExhaustedException.class, () -> builder.append("é".repeat(600)));
            assertEquals(5, builder.length());
            builder.append('\uDE00').append("x".repeat(1016));
            assertThrows(ArenaExhaustedException.class, () -> builder.append('x'));
            assertThrows(ArenaExhaustedException.class, builder::finishCString);
            assertText("kept😀" + "x".repeat(1016), builder.finish());
        }
    }

    @Test
    void aNulEndsNoCString() {
        try (NativeArena arena = NativeArena.create()) {
            Utf8Builder builder = arena.utf8Builder();
            builder.append("a\0b");
            assertThrows(IllegalArgumentException.class, builder::finishCString);
            assertText("a\0b", builder.finish());
            assertText("\0", builder.finishCString());
        }
    }

    @Test
    void wrongRangesRefused() {
        try (NativeArena arena = NativeArena.create()) {
            Utf8Builder builder = arena.utf8Builder();
            for (int[] range : new int[][] {{-1, 2}, {2, 1}, {0, 4}}) {
                assertThrows(IndexOutOfBoundsException.class, () -> builder.append("abc", range[0], range[1]));
            }
            assertText("", builder.finish());
        }
    }

    /** A text that does something else while it is read. */
    private record Hostile(int length, Runnable act) implements CharSequence {
        @Override
        public char charAt(int index) {
            if (index == length - 1) {
                act.run();
            }
            return 'h';
        }

        @Override
        public CharSequence subSequence(int start, int end) {
            throw new UnsupportedOperationException();
        }

        @Override
        public String toString() {
            return "hostile";
        }
    }

    @Test
    void textThatDoesSomethingElseMeanwhile() {
        try (NativeArena arena = NativeArena.create()) {
            Utf8Builder builder = arena.utf8Builder();
            builder.append("start ");
            builder.append(new Hostile(600, () -> arena.allocate(64)));
            assertText("start " + "h".repeat(600), builder.finish());
            builder.append("start");
            ByteBuffer[] block = new ByteBuffer[1];
            assertThrows(IllegalStateException.class, () -> builder.append(new Hostile(600, () -> {
                arena.reset();
                block[0] = arena.allocate(4096);
                Blocks.fill(block[0], 9);
            })));
            Blocks.assertFilled(block[0], 9);
            builder.discard();
            builder.append("kept");
            assertThrows(UnsupportedOperationException.class, () -> builder.append(new Hostile(300, () -> {
                throw new UnsupportedOperationException();
            })));
            assertText("kept", builder.finish());
        }
    }

    // --- format

    @Test
    void formatWritesThroughIt() {
        try (NativeArena arena = NativeArena.create()) {
            assertText("n=7 € 1.50 x", arena.format("n=%d %s %.2f %c", 7, "€", 1.5, 'x'));
            assertEquals(1, arena.stats().count());
            assertEquals(16, arena.stats().used());
            assertThrows(IllegalFormatException.class, () -> arena.format("some text %d", "no number"));
            assertThrows(NullPointerException.class, () -> arena.format(null));
            assertEquals(1, arena.stats().count());
            assertEquals(16, arena.stats().used());
        }
    }
}
