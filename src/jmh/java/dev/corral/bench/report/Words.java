// SPDX-License-Identifier: Apache-2.0
package dev.corral.bench.report;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * What is said of groups of benchmarks, from files beside this class.
 *
 * @param groups what one operation of a group is, from {@code groups.json}; a group of a whole class stands for its
 *     parts as well
 * @param losses why a peer is faster in a group, from {@code losses.json}
 */
record Words(Map<String, String> groups, Map<String, String> losses) {
    static Words read() throws IOException {
        return new Words(read("groups.json"), read("losses.json"));
    }

    private static Map<String, String> read(String name) throws IOException {
        try (InputStream in = Objects.requireNonNull(Words.class.getResourceAsStream(name))) {
            return new ObjectMapper().readValue(in.readAllBytes(), new TypeReference<Map<String, String>>() { });
        }
    }

    /** What one operation of a group is; empty if that is not known. */
    String of(String group) {
        return groups.getOrDefault(group, "");
    }

    /** Why a peer is faster there. */
    String lossIn(String group) {
        return losses.getOrDefault(group, "Not yet known.");
    }

    /** A table of those groups that were measured. */
    List<List<String>> table(List<String> measured) {
        List<List<String>> rows = new java.util.ArrayList<>();
        rows.add(List.of("group", "what one operation is"));
        measured.forEach(group -> rows.add(List.of(group, of(group))));
        return rows;
    }
}
