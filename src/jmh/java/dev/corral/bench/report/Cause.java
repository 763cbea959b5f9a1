// SPDX-License-Identifier: Apache-2.0
package dev.corral.bench.report;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.util.Map;
import java.util.Objects;

/**
 * Why a ratio does not hold, from {@code causes.json}, where the id of the target is the key. Only shown while it does
 * not hold.
 *
 * @param cause what costs the time
 * @param tried what was done about it
 */
record Cause(String cause, String tried) {
    static final Cause UNKNOWN = new Cause("Not yet known.", "Nothing yet.");

    static Map<String, Cause> all() throws IOException {
        try (InputStream in = Objects.requireNonNull(Cause.class.getResourceAsStream("causes.json"))) {
            return new ObjectMapper().readValue(in.readAllBytes(), new TypeReference<Map<String, Cause>>() { });
        }
    }
}
