// SPDX-License-Identifier: Apache-2.0
package dev.corral.fuzz;

import dev.corral.ArenaExhaustedException;
import dev.corral.ArenaRecycler;
import dev.corral.MemoryPool;
import dev.corral.NativeArena;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** The structures of one thread, with those that have ended. */
final class Structures {
    private static final int OPEN = 8;
    private static final int ENDED_KEPT = 10;

    private final Random random;
    private final boolean writesWhereItMayNot;
    private final Crowd crowd;
    private final List<StructureModel> open = new ArrayList<>();
    private final List<StructureModel> ended = new ArrayList<>();

    Structures(Random random, boolean writesWhereItMayNot, Crowd crowd) {
        this.random = random;
        this.writesWhereItMayNot = writesWhereItMayNot;
        this.crowd = crowd;
    }

    /** A step in one of them, or a new one in the pool or, if there is one, below the arena. */
    void step(MemoryPool pool, boolean quarantined, NativeArena parent) throws Exception {
        collectEnded();
        int choice = random.nextInt(20);
        if (open.isEmpty() || choice == 0 && open.size() < OPEN) {
            begin(pool, quarantined, parent);
        } else if (choice == 1 && random.nextInt(3) == 0) {
            open.get(random.nextInt(open.size())).close();
        } else if (choice < 4 && !ended.isEmpty()) {
            ended.get(random.nextInt(ended.size())).useClosed();
        } else if (choice < 8) {
            open.get(random.nextInt(open.size())).misuse();
        } else {
            open.get(random.nextInt(open.size())).use();
        }
    }

    private void begin(MemoryPool pool, boolean quarantined, NativeArena parent) throws Exception {
        try {
            open.add(switch (random.nextInt(12)) {
                case 0, 1, 2 -> new ObjectsModel(pool, parent, random, writesWhereItMayNot);
                case 3, 4, 5 -> new SlotsModel(pool, parent, random, writesWhereItMayNot);
                case 6, 7 -> new StackModel(pool, parent, random, writesWhereItMayNot);
                case 8 -> new LifetimesModel(random, writesWhereItMayNot);
                case 9 -> new MappedModel(random, writesWhereItMayNot);
                default -> recycler(quarantined ? null : pool);
            });
        } catch (ArenaExhaustedException e) {
            return; // a limit
        }
    }

    private RecyclerModel recycler(MemoryPool pool) {
        ArenaRecycler shared = crowd.recycler();
        if (shared != null && random.nextBoolean()) {
            return new RecyclerModel(shared, false, random, writesWhereItMayNot);
        }
        ArenaRecycler.Builder builder = ArenaRecycler.builder().keptArenas(random.nextInt(6))
                .sharedViews(random.nextInt(4) == 0).zeroed(random.nextInt(4) == 0);
        return new RecyclerModel((pool == null ? builder : builder.pool(pool)).build(), true, random,
                writesWhereItMayNot);
    }

    /** Those that an arena or a pool has taken with it, or their own close. */
    private void collectEnded() throws Exception {
        for (int i = open.size(); i-- > 0;) {
            if (open.get(i).isClosed()) {
                StructureModel model = open.remove(i);
                model.useClosed();
                ended.add(model);
            }
        }
        while (ended.size() > ENDED_KEPT) {
            ended.remove(random.nextInt(ended.size()));
        }
    }

    void closeAll() throws Exception {
        open.forEach(StructureModel::close);
        collectEnded();
        for (StructureModel model : ended) {
            model.useClosed();
        }
    }
}
