// SPDX-License-Identifier: Apache-2.0
package dev.corral.cli.tree;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import dev.corral.ArenaStats;
import dev.corral.MemoryPool;
import dev.corral.NativeArena;
import dev.corral.cli.json.EventRecorder;
import dev.corral.cli.json.JsonSyntaxException;
import dev.corral.junit.NoNativeLeaks;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledInNativeImage;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The native trees at the edges of their layout, and what they leave behind. */
@NoNativeLeaks
class NativeTreeTest {
    private final Trees trees = new Trees();

    @AfterEach
    void close() {
        trees.close();
    }

    // 7 | 8 fill a word, 31 | 32 is the longest inline number, 63 | 64 the longest inline string, and from 255 on the
    // buffers have to grow.
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 6, 7, 8, 15, 16, 23, 24, 30, 31, 32, 33, 62, 63, 64, 65, 255, 256, 257, 1_023, 1_024,
        5_000, 100_000})
    void textOfAnyLengthComesBack(final int length) throws Exception {
        final String text = "t".repeat(length);
        final String digits = "1" + "0".repeat(length);
        check("{\"" + text + "\":\"" + text + "\",\"n" + text + "\":[" + digits + ",\"" + text + "\"]}");
    }

    // A container that outgrows one block goes on in the next; these widths end around such a border.
    @ParameterizedTest
    @ValueSource(ints = {1, 60, 61, 62, 63, 64, 65, 125, 126, 127, 128, 129, 130, 131, 500, 20_000})
    void containerOfAnyWidthComesBack(final int width) throws Exception {
        check(IntStream.range(0, width).mapToObj(Integer::toString).collect(Collectors.joining(",", "[", "]")));
        check(IntStream.range(0, width).mapToObj(i -> "[" + i + "]").collect(Collectors.joining(",", "[", "]")));
        check(IntStream.range(0, width).mapToObj(i -> "\"name" + i + "\":{\"x\":null}")
                .collect(Collectors.joining(",", "{", "}")));
        final String longName = "a name of more than sixty-three bytes, which is a text of its own: ";
        check(IntStream.range(0, width).mapToObj(i -> "\"" + longName + i + "\":" + i)
                .collect(Collectors.joining(",", "{", "}")));
    }

    @Test
    void wideContainersMayBeNested() throws Exception {
        String inner = "0";
        for (int depth = 0; depth < 12; depth++) {
            inner = "[" + "7,".repeat(200) + "{\"w\":" + inner + "}" + ",8".repeat(200) + "]";
        }
        check(inner);
    }

    // Four containers of nearly 1 KiB fill the builder's first buffer; the long string lands on each offset at its end.
    @Test
    void longestItemComesBackWhereTheBufferEnds() throws Exception {
        final String string = "\"" + "s".repeat(63) + "\"";
        for (int items = 0; items < 24; items++) {
            final String outside = ("[" + "1,".repeat(121)).repeat(4);
            check(outside + "[" + "1,".repeat(items) + string + "]" + "]".repeat(4));
            check(outside + "{" + "\"n\":1,".repeat(items / 2) + string + ":" + string + "}" + "]".repeat(4));
        }
    }

    @Test
    void deepestDocumentComesBack() throws Exception {
        check("[".repeat(1_000) + "]".repeat(1_000));
        check("{\"some name\":".repeat(999) + "[]" + "}".repeat(999));
    }

    @Test
    void treeMayBeBuiltFromAnother() throws Exception {
        final String longText = "x".repeat(3_000);
        final byte[] document = bytes("{\"" + longText + "\":\"" + longText + "y\",\"b\":[\"" + longText + "z\"]}");
        try (JsonTree copy = NativeTree.inArena(NativeArena.create())) {
            for (final JsonTree tree : trees.all()) {
                tree.build(document);
                tree.replay(copy.startDocument());
                copy.finishDocument();
                assertEquals(EventRecorder.parse(document), Trees.events(copy));
                copy.release();
                tree.release();
            }
        }
    }

    @Test
    void treeIsUsableAfterAnError() throws Exception {
        for (final JsonTree tree : trees.all()) {
            for (final String broken : List.of("[1,{\"a\":[", "{\"a\"", "[" + "1,".repeat(9_000), "", "\"a\"x")) {
                assertThrows(JsonSyntaxException.class, () -> tree.build(bytes(broken)));
                tree.release();
                tree.build(bytes("{\"a\":[1]}"));
                assertEquals(List.of("{", "name a", "[", "number 1", "]", "}"), Trees.events(tree));
                tree.release();
            }
        }
    }

    @Test
    void documentNeedsOneAllocationPerContainerAndLongText() throws Exception {
        try (NativeArena arena = NativeArena.create(); JsonTree tree = NativeTree.inArena(arena)) {
            tree.build(bytes("{\"a\":[1,2,true],\"b\":\"" + "x".repeat(64) + "\"}"));
            // The array around the document, the object, the array, the long text.
            assertEquals(4, arena.stats().count());
            tree.release();
            assertEquals(0, arena.stats().used());
        }
    }

    @Test
    void arenaIsReusedFromDocumentToDocument() throws Exception {
        final byte[] document = bytes("[" + "{\"name\":\"value\"},".repeat(5_000) + "0]");
        try (NativeArena arena = NativeArena.create(); JsonTree tree = NativeTree.inArena(arena)) {
            tree.build(document);
            tree.format();
            final ArenaStats first = arena.stats();
            for (int i = 0; i < 50; i++) {
                tree.release();
                tree.build(document);
                tree.format();
            }
            assertEquals(first.allocated(), arena.stats().allocated());
            assertEquals(first.used(), arena.stats().used());
            assertEquals(first.chunks(), arena.stats().chunks());
        }
    }

    @Test
    void blocksAreAllFreed() throws Exception {
        final MemoryPool pool = MemoryPool.create();
        try (JsonTree tree = NativeTree.inBlocks(pool)) {
            tree.build(bytes("[" + "{\"name\":[]},".repeat(3_000) + "0]"));
            tree.format();
            assertTrue(pool.stats().liveBlocks() >= 6_000);
            tree.release();
            assertEquals(0, pool.stats().liveBlocks());
        }
        assertTrue(pool.isClosed());
    }

    @Test
    void formattedTextMayBeWrittenTwice() throws Exception {
        for (final JsonTree tree : trees.all()) {
            tree.build(bytes("[" + "1,".repeat(2_000) + "2]"));
            final byte[] once = Trees.text(tree);
            assertArrayEquals(once, Trees.text(tree));
            assertEquals(once.length, tree.format().length());
            tree.release();
        }
    }

    @Test
    @DisabledInNativeImage // which does not count allocations
    void parsingMakesLessThanOnePercentOfTheObjectTreesGarbage() throws Exception {
        final String element = "{\"name\":\"value \\u00e9\",\"n\":[1,22,333.5e7],\"t\":true},";
        final byte[] document = bytes("[" + element.repeat(2_000) + "null]");
        final long arena = garbage(trees.arena(), document);
        final long objects = garbage(new ObjectTree(), document);
        assertTrue(arena * 100 < objects, () -> "arena=" + arena + " objects=" + objects);
    }

    private static long garbage(final JsonTree tree, final byte[] document) throws JsonSyntaxException {
        final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long bytes = 0;
        // The first document makes the buffers that all later ones reuse.
        for (int i = 0; i < 3; i++) {
            final long before = threads.getCurrentThreadAllocatedBytes();
            tree.build(document);
            tree.release();
            bytes = threads.getCurrentThreadAllocatedBytes() - before;
        }
        return bytes;
    }

    private void check(final String text) throws Exception {
        final byte[] document = bytes(text);
        final List<String> expected = EventRecorder.parse(document);
        for (final JsonTree tree : trees.all()) {
            tree.build(document);
            assertEquals(expected, Trees.events(tree), tree.getClass().getSimpleName());
            assertEquals(expected, EventRecorder.parse(Trees.text(tree)), tree.getClass().getSimpleName());
            tree.release();
        }
    }

    private static byte[] bytes(final String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
