// SPDX-License-Identifier: Apache-2.0
package dev.corral.fuzz;

import dev.corral.ArenaExhaustedException;
import java.util.List;
import java.util.Random;

/** A structure beside what is known of it. It ends by its own close, or with the pool or arena that it is in. */
abstract class StructureModel {
    final Random random;
    final boolean writesWhereItMayNot; // somebody does, so no byte that a view can reach can be relied on

    StructureModel(Random random, boolean writesWhereItMayNot) {
        this.random = random;
        this.writesWhereItMayNot = writesWhereItMayNot;
    }

    /** A call that is right, and a look at the bytes. */
    final void use() throws Exception {
        try {
            useRightly();
        } catch (ArenaExhaustedException e) {
            return; // a limit
        }
    }

    abstract void useRightly() throws Exception;

    /** Calls that are wrong. */
    abstract void misuse() throws Exception;

    abstract boolean isClosed();

    abstract void close();

    /** Calls after the end. */
    abstract void useClosed() throws Exception;

    final void require(boolean holds, String what) {
        if (!holds && !writesWhereItMayNot) {
            throw new AssertionError(getClass().getSimpleName() + ": " + what);
        }
    }

    /** A call that damaged memory may make fail. */
    final void make(Misuse.Call call) throws Exception {
        if (writesWhereItMayNot) {
            Misuse.tolerateRefusal(call);
        } else {
            call.run();
        }
    }

    final <T> T any(List<T> list) {
        return list.get(random.nextInt(list.size()));
    }
}
