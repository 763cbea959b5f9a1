// SPDX-License-Identifier: Apache-2.0
package dev.corral.fuzz;

import dev.corral.ArenaRecycler;
import dev.corral.NativeArena;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** An {@link ArenaRecycler}: a borrowed arena is its borrower's alone, and stays so when the recycler is closed. */
final class RecyclerModel extends StructureModel {
    private record Borrowed(NativeArena arena, long ref, ByteBuffer view, int number) {
    }

    private final ArenaRecycler recycler;
    private final boolean ownsRecycler;
    private final List<Borrowed> borrowed = new ArrayList<>();
    private Borrowed returned;
    private int numbers;

    /** Of one's own, or of one that other threads use as well. */
    RecyclerModel(ArenaRecycler recycler, boolean ownsRecycler, Random random, boolean writesWhereItMayNot) {
        super(random, writesWhereItMayNot);
        this.recycler = recycler;
        this.ownsRecycler = ownsRecycler;
    }

    @Override
    void useRightly() {
        int choice = random.nextInt(10);
        if (random.nextInt(100) == 0) {
            require(recycler.nativeHandle() != 0, "no handle"); // from here on C has all idle ones
        }
        if (borrowed.isEmpty() || choice < 4 && borrowed.size() < 10) {
            borrow(recycler.borrow());
        } else if (choice < 7) {
            returned = borrowed.remove(random.nextInt(borrowed.size()));
            returned.arena.close();
        } else if (choice == 7) {
            recycler.trim(random.nextInt(100_000));
        } else {
            require(recycler.stats() != null && recycler.toString() != null, "nothing to tell");
        }
        borrowed.forEach(this::verify);
    }

    private void borrow(NativeArena arena) {
        int number = numbers++;
        boolean added = false;
        try {
            long ref = arena.allocateRef(4 + random.nextInt(random.nextInt(4) == 0 ? 50_000 : 500));
            arena.putInt(ref, 0, number);
            ByteBuffer view = arena.allocate(4 + random.nextInt(500));
            view.putInt(0, number);
            added = borrowed.add(new Borrowed(arena, ref, view, number));
        } finally {
            if (!added) {
                arena.close(); // the pool's limit
            }
        }
    }

    private void verify(Borrowed one) {
        require(one.arena.getInt(one.ref, 0) == one.number && one.view.getInt(0) == one.number,
                "a borrowed arena has changed");
    }

    @Override
    void misuse() {
        if (returned != null) {
            Borrowed one = returned;
            Misuse.expectRefusal(() -> one.arena.allocateRef(8), "an allocation in an arena that was given back");
            Misuse.expectRefusal(() -> one.arena.getInt(one.ref, 0), "a read of an arena that was given back");
            Misuse.tolerateRefusal(() -> one.view.getInt(0));
            if (writesWhereItMayNot) {
                Misuse.tolerateRefusal(() -> one.view.putInt(0, -1));
            }
            one.arena.close(); // does nothing
        }
        Misuse.expectRefusal(() -> recycler.trim(-1), "a negative rest");
    }

    @Override
    boolean isClosed() {
        return recycler.isClosed();
    }

    @Override
    void close() {
        if (ownsRecycler) {
            recycler.close();
        } else {
            closeBorrowed();
        }
    }

    /** Whoever has borrowed an arena keeps it, unless its pool has ended as well. */
    @Override
    void useClosed() {
        Misuse.expectRefusal(recycler::borrow, "borrowing from a closed recycler");
        Misuse.expectRefusal(() -> recycler.trim(0), "the trimming of a closed recycler");
        borrowed.removeIf(one -> one.arena.isClosed());
        borrowed.forEach(this::verify);
        recycler.close(); // does nothing
        closeBorrowed();
    }

    private void closeBorrowed() {
        borrowed.forEach(one -> one.arena.close());
        borrowed.clear();
    }
}
