// SPDX-License-Identifier: Apache-2.0
package dev.corral.bench.report;

import java.io.IOException;
import java.util.List;

/** The benchmarks that some ratio that must hold is about. */
public final class Asked {
    private Asked() {
    }

    /**
     * Their names, "Group.method" each.
     *
     * @return names in the order of the ratios, those of C left out
     * @throws IOException if the ratios cannot be read
     */
    public static List<String> benchmarks() throws IOException {
        return Target.all().stream().flatMap(target -> target.benchmarks().stream())
                .filter(name -> !name.startsWith("native ")).distinct().toList();
    }
}
