// SPDX-License-Identifier: Apache-2.0
package dev.corral.vectors;

import dev.corral.Mark;
import dev.corral.MemoryDamageException;
import dev.corral.Scope;
import dev.corral.internal.ArenaNatives;
import dev.corral.internal.Status;
import dev.corral.vectors.Things.Arena;
import dev.corral.vectors.Things.Point;

/** Marks and scopes: the public API, and the native methods for what is no arena and what Java cannot say. */
final class MarkOperations {
    private final Run run;

    MarkOperations(Run run) {
        this.run = run;
    }

    private interface TakeMark {
        long on(long arena);
    }

    private Outcome nativeMark(Arena arena, TakeMark take) {
        long id = take.on(arena.handle);
        if (id == 0) {
            throw new Refused(Run.lastStatus(arena));
        }
        return Outcome.of(new Point(arena, null, null, id, run.made()));
    }

    Outcome mark(Line line) {
        Arena arena = run.arena(line);
        Run.ready(line);
        if (arena.arena == null) {
            return nativeMark(arena, ArenaNatives::mark);
        }
        Mark mark = arena.arena.mark();
        // Where nothing was allocated since, C brings the same mark; Java's has the id of it.
        return Outcome.of(new Point(arena, mark, null, ArenaNatives.mark(arena.handle), run.made()));
    }

    Outcome openScope(Line line) {
        Arena arena = run.arena(line);
        Run.ready(line);
        if (arena.arena == null) {
            return nativeMark(arena, ArenaNatives::openScope);
        }
        Scope scope = arena.arena.openScope();
        return Outcome.of(new Point(arena, null, scope, ArenaNatives.mark(arena.handle), run.made()));
    }

    private Point point(Line line) {
        Word word = Run.word(line);
        return word.isNull() ? new Point(null, null, null, 0, 0) : run.named(word.text(), Point.class);
    }

    private void takeBack(Arena arena, Point point, Runnable takeBack) {
        run.verify(arena);
        try {
            takeBack.run();
        } catch (MemoryDamageException e) { // it has taken back
            run.forgetSince(arena, point.made());
            throw e;
        }
        run.forgetSince(arena, point.made());
    }

    private static void require(int status) {
        if (status != Status.OK) {
            throw new Refused(status);
        }
    }

    Outcome rewind(Line line) {
        Arena arena = run.arena(line);
        Point point = point(line);
        Run.ready(line);
        if (arena.arena == null || point.scope() != null) {
            takeBack(arena, point, () -> require(ArenaNatives.rewind(arena.handle, point.id())));
        } else if (point.id() == 0) {
            refuseNull(arena);
        } else {
            takeBack(arena, point, () -> arena.arena.rewind(point.mark()));
        }
        return Outcome.NOTHING;
    }

    /** No mark is a NullPointerException in Java, and C refuses it. */
    private static void refuseNull(Arena arena) {
        try {
            arena.arena.rewind(null);
        } catch (NullPointerException expected) {
            throw new Refused(ArenaNatives.rewind(arena.handle, 0));
        }
    }

    /** Java does nothing where the scope is over, and refuses where another is open inside: then C is asked. */
    Outcome closeScope(Line line) {
        Arena arena = run.arena(line);
        Point point = point(line);
        Run.ready(line);
        boolean valid = arena.live && !(line.arrow < line.words.size());
        takeBack(arena, point, () -> {
            if (point.scope() == null || !closes(point.scope()) || !valid) {
                require(ArenaNatives.closeScope(arena.handle, point.id()));
            }
        });
        return Outcome.NOTHING;
    }

    private static boolean closes(Scope scope) {
        try {
            scope.close();
            return true;
        } catch (IllegalStateException refused) {
            if (!refused.getMessage().contains("close the inner scope first")) {
                throw refused;
            }
            return false;
        }
    }
}
