// SPDX-License-Identifier: Apache-2.0
package dev.corral;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.corral.junit.NoNativeLeaks;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.StandardCharsets;
import java.util.IllegalFormatException;
import java.util.Locale;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Text in arena memory: UTF-8, C strings and formatted text, compared with the JDK's encoder. */
@NoNativeLeaks
class ArenaTextTest {
    static Stream<String> texts() {
        return Stream.of("", "a", "plain ASCII ~\u007F\n\t", "\u0080\u00E9\u07FF",
                "\u0800\u20AC\uD7FF\uE000\uFFFD\uFFFF",
                "\uD800\uDC00 \uD83D\uDE00 \uDBFF\uDFFF", "mixed: a\u00E9\u20AC\uD83D\uDE00b",
                "\uD800", "\uDC00", "a\uD83D", "\uDE00b", "\uDE00\uD83D", "\uD83D\uD83D\uDE00", "\uD83D\uDE00\uDE00",
                "x\uD800y\uDC00z", "long ".repeat(10_000), "\u20AC".repeat(5_000), "\uD83D\uDE00".repeat(3_000),
                "\uDFFF".repeat(700));
    }

    private static byte[] bytes(ByteBuffer view) {
        byte[] copy = new byte[view.remaining()];
        view.duplicate().get(copy);
        return copy;
    }

    @ParameterizedTest
    @MethodSource("texts")
    void utf8IsWhatTheJdkEncodes(String text) {
        try (NativeArena arena = NativeArena.create()) {
            assertArrayEquals(text.getBytes(StandardCharsets.UTF_8), bytes(arena.allocateUtf8(text)));
            Blocks.assertSound(arena);
        }
    }

    /** ASCII is written in words of eight, so every place and every rest counts. */
    @ParameterizedTest
    @ValueSource(strings = {"a", "\u007F", "\u0080", "\u00FF", "\u0141", "\u8061", "\uD83D\uDE00", "\uD83D"})
    void everyPlaceOfAnotherCharInAscii(String other) {
        try (NativeArena arena = NativeArena.create()) {
            for (int place = 0; place < 26; place++) {
                for (int behind = 0; behind < 18; behind++) {
                    String text = "abcdefghijklmnopqrstuvwxyz".substring(0, place) + other + "0123456789ABCDEFGH"
                            .substring(0, behind);
                    assertArrayEquals(text.getBytes(StandardCharsets.UTF_8), bytes(arena.allocateUtf8(text)));
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("texts")
    void aCStringIsUtf8AndANul(String text) {
        try (NativeArena arena = NativeArena.create()) {
            byte[] expected = (text + "\u0000").getBytes(StandardCharsets.UTF_8);
            assertArrayEquals(expected, bytes(arena.allocateCString(text)));
        }
    }

    @Test
    void everyCodePointIsEncoded() {
        StringBuilder all = new StringBuilder();
        for (int codePoint = 0; codePoint <= Character.MAX_CODE_POINT; codePoint++) {
            if (codePoint < Character.MIN_SURROGATE || codePoint > Character.MAX_SURROGATE) {
                all.appendCodePoint(codePoint);
            }
        }
        String text = all.toString();
        try (NativeArena arena = NativeArena.create()) {
            ByteBuffer view = arena.allocateUtf8(text);
            assertEquals(text, StandardCharsets.UTF_8.decode(view).toString());
        }
    }

    @Test
    void randomCharsAreWhatTheJdkEncodes() {
        long seed = 20_240_607L;
        Random random = new Random(seed);
        try (NativeArena arena = NativeArena.create()) {
            for (int round = 0; round < 2_000; round++) {
                char[] chars = new char[random.nextInt(40)];
                for (int i = 0; i < chars.length; i++) {
                    boolean surrogate = random.nextBoolean();
                    chars[i] = (char) (surrogate ? 0xD800 + random.nextInt(0x800) : random.nextInt(0x10000));
                }
                String text = new String(chars);
                arena.reset();
                assertArrayEquals(text.getBytes(StandardCharsets.UTF_8), bytes(arena.allocateUtf8(text)),
                        "seed=" + seed + " round=" + round);
            }
        }
    }

    @Test
    void anyCharSequenceIsEncoded() {
        try (NativeArena arena = NativeArena.create()) {
            byte[] expected = "h\u00E9llo".getBytes(StandardCharsets.UTF_8);
            assertArrayEquals(expected, bytes(arena.allocateUtf8(new StringBuilder("h\u00E9llo"))));
            assertArrayEquals(expected, bytes(arena.allocateUtf8(CharBuffer.wrap("h\u00E9llo".toCharArray()))));
        }
    }

    @Test
    void textTakesExactlyItsSize() {
        try (NativeArena arena = NativeArena.create()) {
            assertEquals(6, arena.allocateUtf8("h\u00E9llo").capacity());
            assertEquals(7, arena.allocateCString("h\u00E9llo").capacity());
            assertEquals(0, arena.allocateUtf8("").capacity());
            assertEquals(1, arena.allocateCString("").capacity());
            assertEquals(48, arena.stats().used(), "three blocks of 16 bytes, and an empty one");
        }
    }

    @Test
    void aNulIsAllowedInUtf8() {
        try (NativeArena arena = NativeArena.create()) {
            assertArrayEquals(new byte[] {'a', 0, 'b'}, bytes(arena.allocateUtf8("a\u0000b")));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"\u0000", "a\u0000b", "ab\u0000"})
    void aNulIsRefusedInACString(String text) {
        try (NativeArena arena = NativeArena.builder().name("a").build()) {
            assertEquals("index=" + text.indexOf(0) + " arena=a: a C string cannot contain a NUL character",
                    assertThrows(IllegalArgumentException.class, () -> arena.allocateCString(text)).getMessage());
            assertEquals(0, arena.stats().count());
        }
    }

    @Test
    void nullTextIsRefused() {
        try (NativeArena arena = NativeArena.create()) {
            assertEquals("text", assertThrows(NullPointerException.class,
                    () -> arena.allocateUtf8(null)).getMessage());
            assertEquals("text", assertThrows(NullPointerException.class,
                    () -> arena.allocateCString(null)).getMessage());
            assertThrows(NullPointerException.class, () -> arena.format(null));
            assertEquals(0, arena.stats().count());
        }
    }

    @Test
    void textThatDoesNotFitIsRefusedAndTheArenaStaysUsable() {
        try (NativeArena arena = NativeArena.builder().fixedSize(64).build()) {
            assertThrows(ArenaExhaustedException.class, () -> arena.allocateUtf8("x".repeat(65)));
            assertThrows(ArenaExhaustedException.class, () -> arena.allocateCString("x".repeat(64)));
            assertThrows(ArenaExhaustedException.class, () -> arena.format("%65d", 1));
            assertEquals(64, arena.allocateUtf8("x".repeat(64)).capacity());
        }
    }

    @Test
    void formatIsStringFormatInTheRootLocale() {
        Locale before = Locale.getDefault();
        try (NativeArena arena = NativeArena.create()) {
            Locale.setDefault(Locale.GERMANY);
            assertArrayEquals("7 1.50 \u20AC 0xff null".getBytes(StandardCharsets.UTF_8),
                    bytes(arena.format("%d %.2f %s 0x%x %s", 7, 1.5, "\u20AC", 255, null)));
            assertArrayEquals("%".getBytes(StandardCharsets.UTF_8), bytes(arena.format("%%")));
        } finally {
            Locale.setDefault(before);
        }
    }

    @Test
    void aBadFormatIsRefusedAndNothingIsAllocated() {
        try (NativeArena arena = NativeArena.create()) {
            assertThrows(IllegalFormatException.class, () -> arena.format("%d", "text"));
            assertThrows(IllegalFormatException.class, () -> arena.format("%s"));
            assertEquals(0, arena.stats().count());
        }
    }

    /** Calls back at every char: what a hostile CharSequence can do to the arena that reads it. */
    private record Hostile(String text, Runnable callback) implements CharSequence {
        @Override
        public int length() {
            return text.length();
        }

        @Override
        public char charAt(int index) {
            callback.run();
            return text.charAt(index);
        }

        @Override
        public CharSequence subSequence(int start, int end) {
            return text.subSequence(start, end);
        }

        @Override
        public String toString() {
            callback.run();
            return text;
        }
    }

    @Test
    void textThatResetsItsArenaIsHarmless() {
        try (MemoryPool pool = MemoryPool.create(); NativeArena arena = NativeArena.create(pool)) {
            Hostile text = new Hostile("x".repeat(8192), arena::clear);
            if (arena.viewSafety() == ViewSafety.CHECKED) {
                assertThrows(IllegalStateException.class, () -> arena.allocateUtf8(text));
            } else {
                assertEquals(8192, arena.allocateUtf8(text).capacity());
            }
            Blocks.assertSound(arena);
        }
    }

    @Test
    void textThatClosesItsArenaIsHarmless() {
        NativeArena arena = NativeArena.create();
        assertThrows(IllegalStateException.class, () -> arena.allocateUtf8(new Hostile("text", arena::close)));
        NativeArena second = NativeArena.create();
        assertThrows(IllegalStateException.class, () -> second.format("%s", new Hostile("text", second::close)));
    }

    @Test
    void textThatGrowsWhileItIsReadIsRefused() {
        StringBuilder text = new StringBuilder("12345678");
        boolean[] grown = new boolean[1];
        try (NativeArena arena = NativeArena.create()) {
            CharSequence growing = new CharSequence() {
                private int reads;

                @Override
                public int length() {
                    return text.length();
                }

                @Override
                public char charAt(int index) {
                    if (++reads > 8 && !grown[0]) {
                        grown[0] = true;
                        text.setCharAt(index, '\u20AC'); // three bytes where one was counted
                    }
                    return text.charAt(index);
                }

                @Override
                public CharSequence subSequence(int start, int end) {
                    return text.subSequence(start, end);
                }
            };
            assertThrows(IndexOutOfBoundsException.class, () -> arena.allocateUtf8(growing));
            Blocks.assertSound(arena);
        }
    }
}
