// SPDX-License-Identifier: Apache-2.0
package dev.corral.vectors;

import dev.corral.ObjectPool;
import dev.corral.ObjectPoolStats;
import dev.corral.internal.ArenaNatives;
import dev.corral.internal.ObjectPoolNatives;
import dev.corral.internal.Status;
import dev.corral.vectors.Things.Arena;
import java.util.Map;
import java.util.function.Function;

/** Pools of objects. References are numbers. */
final class ObjectOperations {
    private static final Map<String, Function<ObjectPoolStats, Long>> FIELDS = Map.of("size",
            ObjectPoolStats::objectSize, "live", ObjectPoolStats::live, "peak", ObjectPoolStats::peakLive, "capacity",
            ObjectPoolStats::capacity, "blocks", ObjectPoolStats::blocks, "allocated", ObjectPoolStats::allocated,
            "acquired", ObjectPoolStats::acquired, "released", ObjectPoolStats::released);

    private final Run run;

    /** A pool of objects. */
    private record Objects(ObjectPool pool) {
    }

    ObjectOperations(Run run) {
        this.run = run;
    }

    void addTo(Map<String, Function<Line, Outcome>> table) {
        table.put("objects", this::create);
        table.put("end_objects", this::end);
        table.put("clear_objects", line -> does(line, ObjectPool::clear));
        table.put("check_objects", line -> does(line, ObjectPool::check));
        table.put("trim_objects", line -> does(line, objects -> objects.trim(0)));
        table.put("acquire", line -> brings(line, (objects, ref) -> objects.acquire(), false));
        table.put("release", this::release);
        table.put("is_live", line -> brings(line, (objects, ref) -> objects.isLive(ref) ? 1 : 0, true));
        table.put("next_object", line -> brings(line, ObjectPool::next, true));
        table.put("get_object", line -> brings(line, (objects, ref) -> objects.arena().getInt(ref, 0), true));
        table.put("put_object", this::put);
        table.put("expect_objects", this::expect);
    }

    /** What is none of Java's is asked of C. */
    private ObjectPool objects(Line line) {
        String name = Run.word(line).text();
        if (name.equals("null") || name.equals("foreign")) {
            while (line.next() != null || line.anyOption() != null) {
                continue; // C looks at the pool first
            }
            throw new Refused(ObjectPoolNatives.check(name.equals("null") ? 0 : run.foreign()));
        }
        return run.named(name, Objects.class).pool;
    }

    private interface Number {
        long of(ObjectPool objects, long ref);
    }

    private Outcome brings(Line line, Number number, boolean ofObject) {
        ObjectPool objects = objects(line);
        long ref = ofObject ? object(line) : 0;
        Run.ready(line);
        return Outcome.of(number.of(objects, ref));
    }

    private long object(Line line) {
        return run.number(line) + run.option(line, "plus", 0);
    }

    private Outcome does(Line line, java.util.function.Consumer<ObjectPool> what) {
        ObjectPool objects = objects(line);
        Run.ready(line);
        what.accept(objects);
        return Outcome.NOTHING;
    }

    private Outcome create(Line line) {
        String name = Run.word(line).text();
        Arena parent = run.named(line.option("parent").text(), Arena.class);
        long size = run.option(line, "size", 16);
        if (size == 0) {
            run.option(line, "align", 0);
            throw new Refused((int) -ObjectPoolNatives.create(parent.handle, 0, 16, 65536, false)); // Java says how
        }
        ObjectPool.Builder builder = ObjectPool.builder((int) size).parent(parent.arena).name(name)
                .alignment((int) run.option(line, "align", 16)).largestBlock(run.option(line, "largest", 65536))
                .zeroed(run.option(line, "zeroed", 0) != 0);
        Run.ready(line);
        run.bind(name, new Objects(builder.build()));
        return Outcome.NOTHING;
    }

    /** Closing again does nothing: C's refusal is asked of another native method. */
    private Outcome end(Line line) {
        ObjectPool objects = objects(line);
        Run.ready(line);
        if (objects.isClosed()) {
            throw new Refused(ArenaNatives.lastStatus(0));
        }
        objects.close();
        return Outcome.NOTHING;
    }

    private Outcome release(Line line) {
        ObjectPool objects = objects(line);
        long ref = object(line);
        Run.ready(line);
        objects.release(ref);
        return Outcome.NOTHING;
    }

    private Outcome put(Line line) {
        ObjectPool objects = objects(line);
        long ref = object(line);
        int value = (int) run.number(line);
        Run.ready(line);
        objects.arena().putInt(ref, 0, value);
        return Outcome.NOTHING;
    }

    private Outcome expect(Line line) {
        ObjectPoolStats stats = objects(line).stats();
        for (Word word = line.anyOption(); word != null; word = line.anyOption()) {
            if (FIELDS.get(word.key).apply(stats) != run.number(word.text())) {
                throw new VectorFailure("expected " + word + ", actual " + stats);
            }
        }
        Run.ready(line);
        return Outcome.NOTHING;
    }

    /** Checks the open ones; before the arenas are closed. */
    void closeAll() {
        for (Object thing : run.names.values()) {
            if (thing instanceof Objects of && !of.pool.isClosed()) {
                int status = ObjectPoolNatives.check(of.pool.nativeHandle());
                of.pool.close();
                if (status != Status.OK) {
                    throw new VectorFailure(of.pool + ": check says " + Status.name(status));
                }
            }
        }
    }
}
