// SPDX-License-Identifier: Apache-2.0
package dev.corral;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Fails a test that leaves an arena of the shared pool open. Tests that drop arenas on purpose do so in pools of
 * their own.
 */
final class NoOpenArenas implements BeforeEachCallback, AfterEachCallback {
    @Override
    public void beforeEach(ExtensionContext context) {
        assertEquals(0, MemoryPool.shared().stats().openArenas(), "an earlier test left arenas open");
    }

    @Override
    public void afterEach(ExtensionContext context) {
        assertEquals(0, MemoryPool.shared().stats().openArenas(), "this test left arenas open");
    }
}
