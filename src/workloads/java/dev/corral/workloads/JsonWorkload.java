// SPDX-License-Identifier: Apache-2.0
package dev.corral.workloads;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.corral.NativeArena;
import dev.corral.cli.json.JsonSyntaxException;
import dev.corral.cli.tree.JsonTree;
import dev.corral.cli.tree.NativeTree;
import dev.corral.cli.tree.ObjectTree;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.channels.WritableByteChannel;

/**
 * Documents end to end: each is parsed into a tree, the tree is written as JSON again and dropped. The tree is in one
 * arena that is reset between documents, or of ordinary objects by the same parser, or Jackson's tree model.
 */
public final class JsonWorkload implements AutoCloseable {
    private final JsonTree arena = NativeTree.inArena(NativeArena.create());
    private final JsonTree objects = new ObjectTree();
    private final ObjectMapper jackson = JsonMapper.builder().build();
    private final ObjectWriter writer = jackson.writer(new DefaultPrettyPrinter()
            .withArrayIndenter(DefaultIndenter.SYSTEM_LINEFEED_INSTANCE)); // an element a line, as the trees write

    /** Makes the three kinds of trees, all empty. */
    public JsonWorkload() {
    }

    /** In an arena. */
    public void inArena(byte[] document, WritableByteChannel out) {
        run(arena, document, out);
    }

    /** In ordinary objects. */
    public void inObjects(byte[] document, WritableByteChannel out) {
        run(objects, document, out);
    }

    /** With Jackson. */
    public void inJackson(byte[] document, OutputStream out) {
        try {
            JsonNode tree = jackson.readTree(document);
            writer.writeValue(out, tree);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Parses in an arena and drops the tree at once. */
    public void parseInArena(byte[] document) {
        parse(arena, document);
        arena.release();
    }

    /** Parses into ordinary objects and drops the tree at once. */
    public void parseInObjects(byte[] document) {
        parse(objects, document);
        objects.release();
    }

    /** Parses with Jackson; the tree is returned for somebody to drop it. */
    public JsonNode parseInJackson(byte[] document) {
        try {
            return jackson.readTree(document);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Whether Jackson reads the same tree from two texts. */
    public boolean isSame(String first, String second) throws JsonProcessingException {
        return jackson.readTree(first).equals(jackson.readTree(second));
    }

    private static void run(JsonTree tree, byte[] document, WritableByteChannel out) {
        parse(tree, document);
        try {
            tree.format().writeTo(out);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        tree.release();
    }

    private static void parse(JsonTree tree, byte[] document) {
        try {
            tree.build(document);
        } catch (JsonSyntaxException e) {
            throw new IllegalArgumentException(e);
        }
    }

    @Override
    public void close() {
        arena.close();
        objects.close();
    }
}
