// SPDX-License-Identifier: Apache-2.0
package dev.corral;

import java.util.Map;

/** A program: makes every kind of use of views after everything that ends them, and counts what was refused. */
final class UseStaleViews {
    static final int ROUNDS = 3;

    private UseStaleViews() {
    }

    public static void main(String[] args) throws Exception {
        long used = 0;
        long refused = 0;
        for (int round = 0; round < ROUNDS; round++) {
            for (Map.Entry<String, StaleUses.Ending> ending : StaleUses.ENDINGS.entrySet()) {
                for (Map.Entry<String, StaleUses.Use> use : StaleUses.USES.entrySet()) {
                    used++;
                    refused += isRefused(ending.getValue(), use.getValue()) ? 1 : 0;
                }
            }
        }
        System.out.println("used=" + used + " refused=" + refused);
    }

    private static boolean isRefused(StaleUses.Ending ending, StaleUses.Use use) throws Exception {
        try (StaleUses.Fixture fixture = new StaleUses.Fixture()) {
            ending.end(fixture);
            try (MemoryPool other = MemoryPool.create()) { // takes addresses that have become free
                other.allocate(1 << 20).put(0, (byte) 1);
            }
            use.of(fixture.view);
            return false;
        } catch (IllegalStateException e) {
            return true;
        }
    }
}
