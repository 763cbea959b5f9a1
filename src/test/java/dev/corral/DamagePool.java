// SPDX-License-Identifier: Apache-2.0
package dev.corral;

import java.nio.ByteBuffer;

/** Main class of a child: writes to a freed block of a pool whose builder says {@code debug(false)}. */
final class DamagePool {
    private DamagePool() {
    }

    public static void main(String[] arguments) {
        MemoryPool pool = MemoryPool.builder().name("child").debug(false).build();
        ByteBuffer block = pool.allocate(100);
        pool.free(block);
        block.put(7, (byte) 1);
        try {
            pool.close();
            System.out.println("quiet");
        } catch (MemoryDamageException e) {
            System.out.println("found: " + e.getMessage());
        }
    }
}
