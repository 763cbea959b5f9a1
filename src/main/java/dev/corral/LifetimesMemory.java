// SPDX-License-Identifier: Apache-2.0
package dev.corral;

import dev.corral.internal.ControlBlock;
import dev.corral.internal.Failures;
import dev.corral.internal.LifetimesLayout;
import dev.corral.internal.LifetimesNatives;
import dev.corral.internal.PoolNatives;
import dev.corral.internal.Status;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** The C {@code Lifetimes} that Java holds, and whether it lives: the lowest part of {@link Lifetimes}. */
abstract class LifetimesMemory {
    /* The head and the table of kinds are books of the pool, which no view of a user can reach, and stay mapped as long
     * as the control block of the process arena does. C code that has the handle may destroy what is there: the
     * identity of the head says so.
     */
    private static final int UNKNOWN = Lifetime.UNKNOWN.ordinal();

    final String name;
    final MemoryPool pool;
    final NativeArena process;
    final NativeArena unit;
    final long handle;
    private final ByteBuffer head;
    private final ByteBuffer kinds;
    private final long id;

    private final KnownTexts known = new KnownTexts();
    private long unitUsed; // of the unit that is ending
    private long unitPeak;
    private long unitBlocks;
    private long knownAt; // the process arena's count of take-backs: with another one, C knows no string either

    LifetimesMemory(String name, MemoryPool pool, NativeArena process, NativeArena unit) {
        this.name = name;
        this.pool = pool;
        this.process = process;
        this.unit = unit;
        this.handle = create();
        this.head = map(handle, LifetimesLayout.MAPPED);
        this.kinds = map(head.getLong(LifetimesLayout.KINDS), LifetimesLayout.TABLE_BYTES);
        this.id = head.getLong(LifetimesLayout.ID);
    }

    private ByteBuffer map(long address, int bytes) {
        ByteBuffer buffer = PoolNatives.wrap(address, bytes);
        if (buffer == null) {
            throw new ArenaExhaustedException("lifetimes=" + name + ": no memory for a buffer over its books");
        }
        return buffer.order(ByteOrder.nativeOrder());
    }

    private long create() {
        long made = createInC();
        if (Failures.isStatus(made) && MemoryPressure.mayEase((int) -made, pool.state())) {
            MemoryPressure.relieve();
            made = createInC();
        }
        if (Failures.isStatus(made)) {
            throw Failures.of((int) -made, "create: lifetimes=" + name);
        }
        return made;
    }

    private long createInC() {
        return LifetimesNatives.create(pool.state().handle, PoolState.utf8(name), process.handle, unit.handle);
    }

    /** Throws unless all parts are open and the caller is the owner. */
    final void requireUsable() {
        if (process.isClosed() && pool.isClosed()) {
            throw new IllegalStateException("lifetimes=" + name + ": it is closed");
        }
        process.requireAlive(); // C may have destroyed them
        unit.requireAlive();
        if (head.getLong(LifetimesLayout.ID) != id) {
            throw Failures.of(Status.INVALID_ARENA, "lifetimes=" + name);
        }
    }

    /**
     * The address of the C {@code Lifetimes}, for native code that uses the same one on the owner's thread, as {@link
     * NativeArena#nativeHandle} says: what either side allocates, interns, defines, counts or ends, the other sees. A
     * block of unknown lifetime is freed by the side that has allocated it. Keep this object reachable meanwhile.
     *
     * @throws IllegalStateException if this is closed, or this is not its owner's thread
     */
    public long nativeHandle() {
        requireUsable();
        process.showToC();
        unit.showToC();
        Reference.reachabilityFence(this);
        return handle;
    }

    // --- kinds and counts, as lifetimes_decide() and lifetimes_alloc_kind() have them

    /** Ordinal of the lifetime that objects of a kind get now. */
    final int lifetimeOf(int kind) {
        int rule = kinds.getInt(kind * LifetimesLayout.KIND_BYTES + LifetimesLayout.RULE);
        return rule == LifetimesLayout.RULE_BY_CONTEXT ? head.getInt(LifetimesLayout.CONTEXT) : rule;
    }

    /** Counts a block of a kind, or of none: then only that of unknown lifetime, as arenas count theirs. */
    final void count(int lifetime, int kind, int size) {
        if (lifetime == UNKNOWN) {
            countIn(head, LifetimesLayout.UNKNOWN, size);
        }
        if (kind >= 0) {
            int counts = kind * LifetimesLayout.KIND_BYTES + LifetimesLayout.COUNTS;
            countIn(kinds, counts + lifetime * LifetimesLayout.COUNT_BYTES, size);
        }
    }

    private static void countIn(ByteBuffer books, int count, int size) {
        add(books, count, 1);
        add(books, count + Long.BYTES, size);
    }

    final void countFreed() {
        add(head, LifetimesLayout.FREED, 1);
    }

    private static void add(ByteBuffer books, int at, long more) {
        books.putLong(at, books.getLong(at) + more);
    }

    // --- units, as lifetimes_end_unit() ends them

    /** Notes what the present unit is, before its arena is reset. */
    final void noteUnit() {
        unitUsed = wordOfUnit(ControlBlock.USED_ELSEWHERE) + wordOfUnit(ControlBlock.CURSOR)
                - wordOfUnit(ControlBlock.BASE);
        unitPeak = Math.max(wordOfUnit(ControlBlock.PEAK_USED), unitUsed);
        unitBlocks = wordOfUnit(ControlBlock.COUNT);
    }

    private long wordOfUnit(int offset) {
        return unit.word(offset / Long.BYTES);
    }

    /** Counts it, after the reset; unless a release action has let C end all of this. */
    final void unitEnded() {
        if (unit.currentGeneration() == 0 || head.getLong(LifetimesLayout.ID) != id) {
            return;
        }
        unit.putWord(ControlBlock.PEAK_USED / Long.BYTES, 0); // of the next unit
        add(head, LifetimesLayout.UNITS, 1);
        add(head, LifetimesLayout.ENDED_UNITS, unitBlocks);
        add(head, LifetimesLayout.ENDED_UNITS + Long.BYTES, unitUsed);
        head.putLong(LifetimesLayout.LAST_UNIT, unitPeak);
        if (unitPeak > head.getLong(LifetimesLayout.PEAK_UNIT)) {
            head.putLong(LifetimesLayout.PEAK_UNIT, unitPeak);
        }
    }

    // --- strings that C has interned

    /** The reference of a string that Java has interned lately, and counts the find as C does; 0: C has to look. */
    final long knownRef(String text) {
        long ref = process.takeBacks() == knownAt ? known.find(text) : 0;
        if (ref != 0) {
            add(head, LifetimesLayout.FOUND, 1);
            Reference.reachabilityFence(this);
        }
        return ref;
    }

    /** Remembers what C has just said of a string that was not known. */
    final void know(String text, long ref) {
        long now = process.takeBacks();
        if (now != knownAt) {
            known.forgetAll();
            knownAt = now;
        }
        known.add(text, ref);
    }
}
