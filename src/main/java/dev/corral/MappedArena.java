// SPDX-License-Identifier: Apache-2.0
package dev.corral;

import dev.corral.internal.Failures;
import dev.corral.internal.GuardedReads;
import dev.corral.internal.MappedNatives;
import dev.corral.internal.NativeLibrary;
import dev.corral.internal.Status;
import java.lang.ref.Reference;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;

/**
 * An arena in a file, for constants that many processes share: built once, sealed, opened read-only by any number of
 * JVMs and C programs.
 *
 * <table>
 * <caption>Properties</caption>
 * <tr><th>threads</th><td>all; a sealed file never changes</td></tr>
 * <tr><th>references</th><td>those of the arena that was sealed; what was linked by them needs no change</td></tr>
 * <tr><th>replacing</th><td>a newer file takes the name in one step; who has the older one open keeps it. A writer
 * that is killed at any moment leaves the older file or the newer one</td></tr>
 * <tr><th>verified</th><td>when it is opened: kind, byte order, version, page size, size, checksum (XXH64)</td></tr>
 * <tr><th>alignment</th><td>blocks keep one of up to 64 bytes</td></tr>
 * <tr><th>moves</th><td>between machines of one byte order and one page size</td></tr>
 * </table>
 *
 * {@snippet :
 * try (MappedArena.Builder words = MappedArena.builder(path)) {
 *     NativeArena arena = words.arena();
 *     long node = arena.allocateRef(16);
 *     arena.putLong(node, 0, 42);
 *     words.root(node).seal();
 * }
 * try (MappedArena words = MappedArena.open(path)) {
 *     long value = words.getLong(words.root(), 0);
 * }
 * }
 *
 * <p>By default the file's own pages are used, which all processes share; {@link MappedMode#LOADED} reads it into
 * memory of this process instead, which is faster to read and independent of the file. When somebody truncates a
 * shared file while it is open, each read of a page that is gone throws an {@link java.io.UncheckedIOException} that
 * names file and cause; nothing crashes. A cut within a page shows zeros behind it, which {@link #check} tells, and
 * who overwrites the file changes what is read. Replace such files by sealing, which never changes one that is open.
 *
 * <p>An arena that is dropped without close is freed once no view of it is reachable; there is nothing to lose, so
 * that is not reported.
 */
public final class MappedArena extends MappedAccess implements AutoCloseable {
    private final long[] info;

    private MappedArena(String name, MappedMemory memory, long handle, long[] info, boolean shared) {
        super(name, memory, handle, info, shared);
        this.info = info;
    }

    // --- writing

    /**
     * Writes what an arena holds now to a file, which replaces the one of that name, as {@code mapped_seal()} in C
     * does: into a file beside it, which is brought to the device and then takes the name. The arena is not changed,
     * and can be used further; its children are not written. What the file holds between and in blocks that were not
     * written to is whatever the memory held: use a {@linkplain NativeArena.Builder#zeroed zeroed} arena for files
     * that others get. A symbolic link is followed: what it leads to is replaced, with its permissions. A process that
     * is killed while it seals leaves a file {@code .corral-*.new} beside the old one; the next seal of the same file
     * removes it.
     *
     * @param root where readers begin: a reference of the arena, or 0
     * @param tag  the caller's number: says what the file holds, and in which version
     * @throws IllegalStateException        if the arena is closed, this is not its owner's thread (before JDK 19), or
     *                                      the root is stale
     * @throws java.io.UncheckedIOException if the system refuses: no such directory, no permission, no room; the file
     *                                      of that name is what it was
     * @throws ArenaExhaustedException      if the pool has no memory for a buffer, or too many files are open
     */
    public static void seal(NativeArena arena, long root, long tag, Path file) {
        byte[] path = SystemPaths.encode(file);
        byte[] message = new byte[MappedNatives.MESSAGE_BYTES];
        arena.requireAlive();
        int status = MappedNatives.seal(arena.handle, root, tag, path, message);
        if (status == Status.NO_MEMORY) {
            MemoryPressure.relieve();
            status = MappedNatives.seal(arena.handle, root, tag, path, message);
        }
        Reference.reachabilityFence(arena);
        if (status != Status.OK) {
            throw Failures.of(status, "seal: " + SystemPaths.text(message));
        }
    }

    /** Starts a file; nothing is written before {@link Builder#seal}. */
    public static Builder builder(Path file) {
        return new Builder(file);
    }

    /** An arena that is to be sealed in a file. Its arena belongs to the thread that first asks for it. */
    public static final class Builder implements AutoCloseable {
        private final Path file;
        private MemoryPool pool;
        private MemoryPool ownPool; // null: not in a file of its own
        private boolean inFile;
        private NativeArena arena;
        private boolean closed;
        private long root;
        private long tag;

        private Builder(Path file) {
            this.file = Objects.requireNonNull(file, "file");
        }

        /**
         * The pool that the arena takes its memory from, until it is sealed; else the shared one.
         *
         * @throws IllegalStateException if the arena is there already, or {@link #inFile} was called
         */
        public Builder pool(MemoryPool newPool) {
            if (arena != null || inFile) {
                throw new IllegalStateException("file=" + file + ": call pool() before arena(), and without inFile()");
            }
            this.pool = Objects.requireNonNull(newPool, "pool");
            return this;
        }

        /**
         * Builds in a file without a name, in the directory of the file to be, instead of in memory: it grows with the
         * arena, and ends with this builder or with the process. For what may outgrow physical memory. The first call
         * of {@link #arena} then throws {@link java.io.UncheckedIOException} where the directory cannot be written, and
         * an allocation for which the disk has no room {@link ArenaExhaustedException}.
         *
         * @throws IllegalStateException if the arena or another pool is there already
         */
        public Builder inFile() {
            if (arena != null || pool != null) {
                throw new IllegalStateException("file=" + file + ": call inFile() before arena(), and without pool()");
            }
            this.inFile = true;
            return this;
        }

        private MemoryPool poolInFile() {
            Path directory = file.toAbsolutePath().getParent();
            if (directory == null || !Files.isDirectory(directory)) {
                throw Failures.of(Status.FILE_REFUSED, "build: file=" + file + ": it is in no directory");
            }
            if (ownPool == null) { // else the arena could not be made in it before
                ownPool = MemoryPool.builder().name("mapped").pages(PageSource.file(directory)).build();
            }
            return ownPool;
        }

        /**
         * The arena that will be sealed: zeroed, and empty at first. Closing this builder closes it.
         *
         * @throws IllegalStateException if this is closed
         */
        public NativeArena arena() {
            if (closed) {
                throw new IllegalStateException("file=" + file + ": the builder is closed, start another one");
            }
            if (arena == null) {
                NativeArena.Builder options = NativeArena.builder().name("mapped").zeroed(true);
                MemoryPool from = pool == null && inFile ? poolInFile() : pool;
                arena = (from == null ? options : options.pool(from)).build();
            }
            return arena;
        }

        /** Where readers begin: a reference of the arena; 0, for none, unless set. */
        public Builder root(long ref) {
            this.root = ref;
            return this;
        }

        /** The caller's number, for {@link MappedArena#tag}; 0 unless set. */
        public Builder tag(long number) {
            this.tag = number;
            return this;
        }

        /**
         * Writes the file; as {@link MappedArena#seal(NativeArena, long, long, Path)}. It may be called again.
         *
         * @throws IllegalStateException also if this is closed
         */
        public void seal() {
            MappedArena.seal(arena(), root, tag, file);
        }

        /** Closes the arena. What was not sealed is lost. */
        @Override
        public void close() {
            if (arena != null) {
                arena.close();
            }
            if (ownPool != null) {
                ownPool.close();
            }
            closed = true;
        }
    }

    // --- opening

    /** Opens a sealed file as {@link MappedMode#SHARED}; as {@link #open(Path, MappedMode)}. */
    public static MappedArena open(Path file) {
        return open(file, MappedMode.SHARED);
    }

    /**
     * Opens a sealed file. It is read to its end and verified. Cost: O(bytes); reading from it makes no garbage and no
     * JNI call.
     *
     * @param mode what is shared with other processes; where the JVM is not known to survive lost pages (it is no
     *             HotSpot, or a native image), files are always loaded, as {@link #mode} says then
     * @throws java.io.UncheckedIOException if the system refuses ({@code status=FILE_REFUSED}), or the file is no
     *                                      sealed arena or of another kind of machine ({@code FILE_FOREIGN}), of a
     *                                      newer version ({@code FILE_NEWER}), truncated or damaged ({@code
     *                                      FILE_DAMAGED}); the message names the file and the cause
     * @throws ArenaExhaustedException      if there is no memory, or too many files are open
     */
    public static MappedArena open(Path file, MappedMode mode) {
        boolean shared = Objects.requireNonNull(mode, "mode") == MappedMode.SHARED && GuardedReads.isAvailable();
        int how = shared ? MappedNatives.SHARED : MappedNatives.LOADED;
        byte[] path = SystemPaths.encode(file);
        NativeLibrary.load();
        byte[] message = new byte[MappedNatives.MESSAGE_BYTES];
        long[] info = new long[MappedNatives.INFO_LONGS];
        MappedMemory memory = new MappedMemory();
        long handle = MappedNatives.open(path, how, info, message);
        if (handle == -Status.NO_MEMORY) { // before JDK 22 closed ones wait for the collector
            MemoryPressure.relieve();
            handle = MappedNatives.open(path, how, info, message);
        }
        if (Failures.isStatus(handle)) {
            throw Failures.of((int) -handle, "open: " + SystemPaths.text(message));
        }
        boolean done = false;
        try {
            memory.show(handle, info[MappedNatives.CONTENT], info[MappedNatives.BYTES]);
            MappedArena mapped = new MappedArena(file.toString(), memory, handle, info, shared);
            done = true;
            return mapped;
        } finally {
            if (!done) {
                memory.close();
            }
        }
    }

    /**
     * Ends it. Views throw from then on, or stay readable, as {@link #viewSafety} says. Closing again
     * does nothing. Any thread may close. Before JDK 22 the memory, and of a shared file the descriptor, go once the
     * collector has found that no other thread can be reading and that no view is left; whoever lacks them before asks
     * it to look.
     *
     * @throws IllegalStateException if an input or output operation is using a checked view; it stays open
     */
    @Override
    public synchronized void close() {
        if (!isOpen()) {
            return;
        }
        forgetWindows();
        boolean done = false;
        try {
            memory.close();
            done = true;
        } finally {
            if (!done) {
                restoreWindows();
            }
        }
    }

    // --- what it is

    /** The reference that was sealed as root; 0: none. */
    public long root() {
        return info[MappedNatives.ROOT];
    }

    /** The number that was sealed with it. */
    public long tag() {
        return info[MappedNatives.TAG];
    }

    /** Bytes of the file. */
    public long bytes() {
        return info[MappedNatives.BYTES];
    }

    /** Bytes that the sealed arena had used; the rest of the file is headers and gaps. */
    public long used() {
        return info[MappedNatives.USED];
    }

    /** How many allocations the sealed arena had made since its last reset. */
    public long count() {
        return info[MappedNatives.COUNT];
    }

    /** Whether the file's own pages are used, or a copy of them. */
    public MappedMode mode() {
        return shared ? MappedMode.SHARED : MappedMode.LOADED;
    }

    /**
     * Looks whether the file still has all its bytes; what was loaded always has. Cost: one system call.
     *
     * @throws java.io.UncheckedIOException if its size has changed ({@code status=FILE_DAMAGED}), or the system does
     *                                      not say ({@code FILE_REFUSED})
     * @throws IllegalStateException        if this is closed
     */
    public void check() {
        if (!isOpen()) {
            throw closed();
        }
        byte[] message = new byte[MappedNatives.MESSAGE_BYTES];
        int status = memory.check(message);
        if (status != Status.OK) {
            throw Failures.of(status, "check: " + SystemPaths.text(message));
        }
    }

    /** Whether it was closed. */
    public boolean isClosed() {
        return !isOpen();
    }

    /**
     * What a view does after close: {@link ViewSafety#CHECKED} (here for all threads) throws, {@link
     * ViewSafety#RETAINED} keeps it readable, with the bytes that it had. Views of shared files are copies, and so the
     * latter.
     */
    public ViewSafety viewSafety() {
        return shared ? ViewSafety.RETAINED : memory.viewSafety();
    }

    /** File, sizes and state as {@code name=value} pairs. */
    @Override
    public String toString() {
        return "MappedArena[file=" + name + " bytes=" + bytes() + " used=" + used() + " count=" + count() + " tag="
                + tag() + " mode=" + mode() + " closed=" + isClosed() + "]";
    }
}
