// SPDX-License-Identifier: Apache-2.0
package dev.corral;

import dev.corral.internal.ConfigFields;
import java.util.Objects;

/**
 * What can be set before an arena is created: the part of {@link NativeArena.Builder} that collects it.
 *
 * @param <B> the builder that the setters return
 */
abstract class ArenaOptions<B extends ArenaOptions<B>> {
    private static final long INITIAL_DEFAULT = 4096;
    private static final long MAXIMUM_DEFAULT = 65536;
    private static final int ALIGNMENT_DEFAULT = 16;
    private static final String NAME_DEFAULT = "arena";

    MemoryPool pool;
    NativeArena parent;
    boolean sharedViews;
    private String name;
    private long initialChunkSize;
    private long maxChunkSize;
    private long fixedSize;
    private Integer alignment; // null: not set
    private boolean zeroed;
    ArenaObserver observer;
    private boolean debug = DebugMode.isOnEverywhere();
    private long limit = -1;
    private long retain = -1;
    private OnExhausted onExhausted;

    abstract B self();

    /** Takes over everything that is set in another. */
    final B as(ArenaOptions<?> from) {
        this.pool = from.pool;
        this.parent = from.parent;
        this.sharedViews = from.sharedViews;
        this.name = from.name;
        this.initialChunkSize = from.initialChunkSize;
        this.maxChunkSize = from.maxChunkSize;
        this.fixedSize = from.fixedSize;
        this.alignment = from.alignment;
        this.zeroed = from.zeroed;
        this.observer = from.observer;
        this.debug = from.debug;
        this.limit = from.limit;
        this.retain = from.retain;
        this.onExhausted = from.onExhausted;
        return self();
    }

    /** Pool that chunks come from; the shared pool by default. */
    public B pool(MemoryPool newPool) {
        this.pool = Objects.requireNonNull(newPool, "pool");
        return self();
    }

    /**
     * Makes the arena a child of this one, as {@link NativeArena#newChild()} does: what is not set is as the parent has
     * it (the sizes together). The pool is the parent's.
     */
    public B parent(NativeArena newParent) {
        this.parent = Objects.requireNonNull(newParent, "parent");
        return self();
    }

    /**
     * Bytes of chunks that the arena and all arenas below it may hold together; no limit by default. It must have room
     * for the first chunk. What happens to a request beyond it, {@link #onExhausted} says.
     */
    public B limit(long bytes) {
        this.limit = positive("limit", bytes);
        return self();
    }

    /**
     * Bytes of chunks that stay at a reset, but for the first chunk, which always does; by default all chunks stay.
     * See {@link NativeArena#trim}.
     *
     * @throws IllegalArgumentException if negative
     */
    public B retain(long bytes) {
        if (bytes < 0) {
            throw new IllegalArgumentException("retain=" + bytes + ": pass 0 or more bytes");
        }
        this.retain = bytes;
        return self();
    }

    /** What happens when a request fits in no chunk; {@link OnExhausted#GROW} by default. */
    public B onExhausted(OnExhausted what) {
        this.onExhausted = Objects.requireNonNull(what, "onExhausted");
        return self();
    }

    /** Size of the first chunk (in bytes), below 1 GiB; 4 KiB by default. */
    public B initialChunkSize(long bytes) {
        this.initialChunkSize = positive("initialChunkSize", bytes);
        return self();
    }

    /**
     * Size up to which chunks double (in bytes), below 1 GiB; 64 KiB by default, or the initial size if that is larger.
     */
    public B maxChunkSize(long bytes) {
        this.maxChunkSize = positive("maxChunkSize", bytes);
        return self();
    }

    /** One chunk of this size (in bytes), below 1 GiB, and no growth; cannot be combined with the other two sizes. */
    public B fixedSize(long bytes) {
        this.fixedSize = positive("fixedSize", bytes);
        return self();
    }

    /**
     * Whether any thread may read and write through the arena's views; false by default. Such views are {@link
     * ViewSafety#RETAINED} on every JDK. Everything else stays with the owner, so a view must reach the other thread
     * as any object does, and it is up to the caller to end its use before a reset, rewind or close.
     */
    public B sharedViews(boolean shared) {
        this.sharedViews = shared;
        return self();
    }

    /** Default alignment of blocks: 8 or 16 (the default) bytes. */
    public B alignment(int bytes) {
        this.alignment = bytes;
        return self();
    }

    /**
     * Whether every allocation reads as zero; by default contents are unspecified. Allocating costs the same: what was
     * used is wiped when it is taken back, before anyone else can get it, so that reset, rewind, clear and close cost
     * O(used bytes). Where {@link NativeArena#viewSafety} is {@link ViewSafety#RETAINED}, writing through a view whose
     * block was taken back is not stopped, and shows in a later block.
     */
    public B zeroed(boolean on) {
        this.zeroed = on;
        return self();
    }

    /**
     * Whether the arena looks for damage: writes past a block's end or before its start, and through views and
     * references whose block was taken back. Off by default; {@code -Dcorral.debug=true} turns it on for all arenas of
     * the process, also where this says {@code false}.
     *
     * <p>New blocks hold 0xCD, free bytes 0xDD. Each block has at least 16 guard bytes behind it, which count as used,
     * and remembers who allocated it: {@link NativeArena#debugReport}. What is found is thrown as a {@link
     * MemoryDamageException} by the operation that finds it, after it has completed: reset, clear, rewind, close of a
     * scope or of the arena, or the allocation that is handed the damaged bytes. In a dropped arena, and in one that is
     * closed by its pool, it is logged instead ({@code dev.corral}).
     *
     * <p>Every allocation is a JNI call and a walk of the stack, about a microsecond; taking back costs O(used bytes).
     * One request may have at most 1 GiB less 16 bytes.
     */
    public B debug(boolean on) {
        this.debug = on || DebugMode.isOnEverywhere();
        return self();
    }

    /**
     * Who is told what the arena does; nobody by default. Every allocation of an observed arena costs JNI calls; other
     * arenas pay nothing.
     */
    public B observer(ArenaObserver newObserver) {
        this.observer = Objects.requireNonNull(newObserver, "observer");
        return self();
    }

    /** Name for statistics and reports; the first 31 UTF-8 bytes are shown by C. */
    public B name(String newName) {
        this.name = Objects.requireNonNull(newName, "name");
        return self();
    }

    /** Whether everything is as by default. */
    final boolean isPlain() {
        return parent == null && (name == null || name.equals(NAME_DEFAULT)) && initialChunkSize == 0
                && maxChunkSize == 0 && fixedSize == 0 && alignment == null && !zeroed && !debug && observer == null
                && limit == -1 && retain == -1 && onExhausted == null && !sharedViews;
    }

    final void requireConsistent() {
        if (fixedSize != 0 && (initialChunkSize != 0 || maxChunkSize != 0)) {
            throw new IllegalArgumentException("fixedSize=" + fixedSize + " initialChunkSize=" + initialChunkSize
                    + " maxChunkSize=" + maxChunkSize + ": a fixed arena has one chunk, set only fixedSize");
        }
        if (parent != null) {
            parent.requireUsable();
            if (pool != null && pool != parent.pool()) {
                throw new IllegalArgumentException("pool=" + pool.name() + " parent.pool=" + parent.pool().name()
                        + ": a child takes its chunks from its parent's pool, do not set another");
            }
        }
        if (limit != -1 && limit < initial()) {
            throw new IllegalArgumentException("limit=" + limit + " initialChunkSize=" + initial()
                    + ": the first chunk must fit, raise the limit or lower initialChunkSize");
        }
    }

    /** The name given, or else that of the parent. */
    final String name() {
        return name != null ? name : parent != null ? parent.name() : NAME_DEFAULT;
    }

    /** As C reads it: see {@link ConfigFields}. */
    final long[] fields() {
        long[] fields = ConfigFields.of(initial(), maximum(), alignment(), fixedSize != 0);
        fields[ConfigFields.ZEROED] = zeroed ? 1 : 0;
        fields[ConfigFields.DEBUG] = debug ? 1 : 0;
        fields[ConfigFields.PARENT] = parent == null ? 0 : parent.handle;
        fields[ConfigFields.LIMIT] = limit;
        fields[ConfigFields.RETAIN] = retain;
        fields[ConfigFields.EXHAUSTED] = onExhausted == null ? 0 : onExhausted.ordinal() + 1;
        return fields;
    }

    /** For messages. */
    final String describe() {
        return (isSized() ? "initialChunkSize=" + initial() + " maxChunkSize=" + maximum() : "sizes=as-parent")
                + (alignment() == 0 ? "" : " alignment=" + (alignment == null ? ALIGNMENT_DEFAULT : alignment))
                + (limit == -1 ? "" : " limit=" + limit) + (parent == null ? "" : " parent=" + parent.name());
    }

    /** Whether sizes are given; else those of the parent hold. */
    private boolean isSized() {
        return parent == null || fixedSize != 0 || initialChunkSize != 0 || maxChunkSize != 0;
    }

    private int alignment() {
        if (alignment == null) {
            return parent == null ? ALIGNMENT_DEFAULT : 0;
        }
        return alignment == 0 ? -1 : alignment; // C refuses both, but 0 means as the parent
    }

    private long initial() {
        if (!isSized()) {
            return 0;
        }
        return fixedSize != 0 ? fixedSize : initialChunkSize != 0 ? initialChunkSize : INITIAL_DEFAULT;
    }

    private long maximum() {
        if (!isSized()) {
            return 0;
        }
        return fixedSize != 0 ? fixedSize : maxChunkSize != 0 ? maxChunkSize : Math.max(initial(), MAXIMUM_DEFAULT);
    }

    private static long positive(String what, long bytes) {
        if (bytes <= 0) {
            throw new IllegalArgumentException(what + "=" + bytes + ": pass a positive number of bytes");
        }
        return bytes;
    }
}
