// SPDX-License-Identifier: Apache-2.0
package dev.corral.workloads;

import dev.corral.cli.tree.JsonTree;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;

/** A set of JSON documents: the real one that the command line brings along, and orders as a web service sends them. */
public final class JsonDocuments {
    private static final String REAL = "/dev/corral/cli/mime-db/db.json";
    private static final String[] WORDS = {"copper", "Zürich", "bracket", "left-hand", "naïve", "M4×20", "blue", "東京",
        "assembly", "spare", "\\\"quoted\\\"", "line\\nbreak", "galvanized", "sheet", "Ωmega", "screw"};

    private final Random random;
    private final StringBuilder text = new StringBuilder();

    private JsonDocuments(long seed) {
        random = new Random(seed);
    }

    /**
     * The set.
     *
     * @param orders how many orders are there beside the real document; the same number gives the same documents
     * @return the documents
     */
    public static List<byte[]> set(int orders) {
        List<byte[]> documents = new ArrayList<>();
        try (InputStream real = Objects.requireNonNull(JsonTree.class.getResourceAsStream(REAL))) {
            documents.add(real.readAllBytes());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        JsonDocuments generator = new JsonDocuments(orders);
        for (int i = 0; i < orders; i++) {
            documents.add(generator.order(i));
        }
        return documents;
    }

    private byte[] order(int id) {
        text.setLength(0);
        text.append("{\"id\":").append(id).append(",\"customer\":{\"name\":\"").append(words(2))
                .append("\",\"address\":{\"street\":\"").append(words(3)).append("\",\"zip\":\"")
                .append(random.nextInt(99_999)).append("\",\"country\":\"CH\"},\"tags\":[");
        list(random.nextInt(6), () -> text.append('"').append(words(1)).append('"'));
        text.append("]},\"paid\":").append(random.nextBoolean()).append(",\"note\":null,\"lines\":[");
        list(20 + random.nextInt(200), this::line);
        return text.append("]}").toString().getBytes(StandardCharsets.UTF_8);
    }

    private void line() {
        text.append("{\"sku\":\"").append(Integer.toString(random.nextInt(1 << 24), 36)).append("\",\"title\":\"")
                .append(words(4)).append("\",\"quantity\":").append(1 + random.nextInt(20)).append(",\"price\":")
                .append(random.nextInt(1_000)).append('.').append(10 + random.nextInt(90))
                .append(",\"inStock\":").append(random.nextBoolean()).append(",\"dimensions\":[");
        list(3, () -> text.append(random.nextInt(500)));
        text.append("]}");
    }

    private void list(int count, Runnable element) {
        for (int i = 0; i < count; i++) {
            if (i > 0) {
                text.append(',');
            }
            element.run();
        }
    }

    private String words(int count) {
        List<String> words = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            words.add(WORDS[random.nextInt(WORDS.length)]);
        }
        return String.join(" ", words);
    }
}
