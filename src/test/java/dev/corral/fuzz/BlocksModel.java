// SPDX-License-Identifier: Apache-2.0
package dev.corral.fuzz;

import dev.corral.ArenaExhaustedException;
import dev.corral.MemoryPool;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Single blocks of pools beside what they hold; some are handed to other threads, which free them. */
final class BlocksModel {
    private static final int FREED_KEPT = 50;

    /** A block; its bytes depend on its number. */
    record Held(ByteBuffer bytes, MemoryPool owner, boolean quarantined, int number) {
        private byte at(int offset) {
            return (byte) (number * 17 + offset);
        }

        private void fill() {
            for (int at = 0; at < bytes.capacity(); at += 97) {
                bytes.put(at, at(at));
            }
        }

        private void verify() {
            for (int at = 0; at < bytes.capacity(); at += 97) {
                if (bytes.get(at) != at(at)) {
                    throw new AssertionError("a block of a pool has changed: " + bytes + " at=" + at + " " + owner);
                }
            }
        }
    }

    private final Random random;
    private final boolean writesWhereItMayNot;
    private final Crowd crowd;
    private final List<Held> held = new ArrayList<>();
    private final List<Held> freed = new ArrayList<>();
    private int numbers;

    BlocksModel(Random random, boolean writesWhereItMayNot, Crowd crowd) {
        this.random = random;
        this.writesWhereItMayNot = writesWhereItMayNot;
        this.crowd = crowd;
    }

    /** One call or two, on a pool or on a block. */
    void use(MemoryPool pool, boolean quarantined) {
        int choice = random.nextInt(10);
        if (choice < 4 || held.isEmpty()) {
            allocate(pool, quarantined);
        } else if (choice < 8) {
            free(held.remove(random.nextInt(held.size())));
        } else if (choice == 8) {
            exchange();
        } else {
            look(pool);
        }
    }

    private void allocate(MemoryPool pool, boolean quarantined) {
        int size = switch (random.nextInt(12)) {
            case 0 -> random.nextInt(3 << 20);
            case 1 -> 0;
            default -> random.nextInt(4096);
        };
        try {
            Held block = new Held(pool.allocate(size), pool, quarantined, numbers++);
            block.fill();
            held.add(block);
        } catch (ArenaExhaustedException e) {
            return; // its limit
        }
    }

    private void free(Held block) {
        if (!writesWhereItMayNot) {
            block.verify();
        }
        MemoryPool owner = block.owner();
        Misuse.expectRefusal(() -> owner.free(block.bytes().duplicate()), "a duplicate of a block");
        Misuse.expectRefusal(() -> owner.free(block.bytes().slice()), "a slice of a block");
        owner.free(block.bytes());
        Misuse.expectRefusal(() -> owner.free(block.bytes()), "a second free");
        keepFreed(block);
    }

    private void keepFreed(Held block) {
        if (freed.size() == FREED_KEPT) {
            freed.remove(random.nextInt(FREED_KEPT));
        }
        freed.add(block);
    }

    /** Hands a block to whoever comes, and takes one from there. */
    private void exchange() {
        Held taken = crowd.blocks.poll();
        if (taken != null) {
            free(taken);
        }
        int at = random.nextInt(held.size());
        if (crowd.pools.contains(held.get(at).owner())) { // nobody closes it meanwhile
            crowd.blocks.add(held.remove(at));
        }
    }

    private static void look(MemoryPool pool) {
        pool.trim();
        pool.statsTable();
        Misuse.expectRefusal(() -> pool.allocate(-1), "a negative size");
        Misuse.expectRefusal(() -> pool.free(ByteBuffer.allocateDirect(8)), "memory of the JDK");
        if (pool.stats().inUse() < 0 || pool.stats().retained() < 0) {
            throw new AssertionError(pool.stats().toString());
        }
    }

    /** What is freed can be read; in a quarantine it is as it was. */
    void useFreed() {
        if (freed.isEmpty()) {
            return;
        }
        Held block = freed.get(random.nextInt(freed.size()));
        if (block.quarantined() && !writesWhereItMayNot && !block.owner().isClosed()) {
            block.verify();
        }
        for (int at = 0; at < block.bytes().capacity(); at += 512) {
            byte found = block.bytes().get(at);
            if (writesWhereItMayNot) {
                block.bytes().put(at, (byte) (found + 1));
            }
        }
    }

    /** All blocks of a pool have ended with it. */
    void endOf(MemoryPool pool) {
        for (int i = held.size(); i-- > 0;) {
            if (held.get(i).owner() == pool) {
                keepFreed(held.remove(i));
            }
        }
    }

    void freeAll() {
        while (!held.isEmpty()) {
            free(held.remove(held.size() - 1));
        }
    }
}
