// SPDX-License-Identifier: Apache-2.0
package dev.corral.internal;

import dev.corral.ArenaExhaustedException;
import dev.corral.MemoryDamageException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Constructor;

/** The one place where a status becomes an exception. Messages are {@code name=value} pairs and say what to do. */
public final class Failures {
    /** {@code java.lang.WrongThreadException} came with JDK 19; null before. */
    private static final Constructor<? extends RuntimeException> WRONG_THREAD = findWrongThread();

    private Failures() {
    }

    /** Whether {@code result} of a native method is minus a status rather than an address. */
    public static boolean isStatus(long result) {
        return -256 < result && result <= 0;
    }

    /**
     * The exception for a status.
     *
     * @param what the operation and its arguments, as {@code allocate: size=8 arena=parser}
     */
    public static RuntimeException of(int status, String what) {
        String head = what + " status=" + Status.name(status) + ": ";
        return switch (status) {
            case Status.INVALID_ARGUMENT -> new IllegalArgumentException(head
                    + "a value is out of its documented range");
            case Status.BAD_ALIGNMENT -> new IllegalArgumentException(
                    head + "use a power of two up to 1048576 (a default alignment is 8 or 16)");
            case Status.SIZE_LIMIT -> new IllegalArgumentException(head
                    + "one request may have at most 1073741824 bytes");
            case Status.FOREIGN_POINTER -> new IllegalArgumentException(head
                    + "pass a block that this owner handed out");
            case Status.NO_MEMORY -> new ArenaExhaustedException(head + "the operating system has no memory for it");
            case Status.LIMIT_REACHED -> new ArenaExhaustedException(head + "raise the limit, or release memory first");
            case Status.ARENA_FULL -> new ArenaExhaustedException(head + "use a larger fixedSize, or reset the arena");
            case Status.CHUNK_LIMIT -> new ArenaExhaustedException(head
                    + "use a larger maxChunkSize, or reset the arena");
            case Status.STACK_FULL -> new ArenaExhaustedException(head
                    + "use a larger size, another overflow, or pop frames first");
            case Status.NOT_TOP -> new IllegalStateException(head
                    + "a frame that was pushed after this one was still open, use and close the innermost one first");
            case Status.NOT_SUPPORTED -> new UnsupportedOperationException(head
                    + "choose another page source on this machine");
            case Status.FILE_REFUSED -> new UncheckedIOException(head
                    + "remove the cause, or choose another file", new IOException(what));
            case Status.FILE_FOREIGN -> new UncheckedIOException(head
                    + "pass a file that was sealed on such a machine", new IOException(what));
            case Status.FILE_NEWER -> new UncheckedIOException(head
                    + "use a newer version of the library", new IOException(what));
            case Status.FILE_DAMAGED -> new UncheckedIOException(head
                    + "nothing may write to or truncate a sealed file", new IOException(what));
            case Status.STALE_REF -> new IllegalStateException(
                    head + "the reference is null, of another arena, or was made before a reset or clear");
            case Status.STALE_MARK -> new IllegalStateException(
                    head + "the mark is of another arena, or a reset, clear or rewind to an earlier mark took it back");
            case Status.RELEASING -> new IllegalStateException(head
                    + "a release action of this arena is running, take back, close or register after it has returned");
            case Status.STALE_STRING -> new IllegalStateException(head
                    + "a reset, clear or rewind took back the text that was being built, start it again");
            case Status.OBSERVING -> new IllegalStateException(
                    head + "an observer of the arena may not change it, do so after the call that it is told of");
            case Status.STALE_HANDLE -> new IllegalStateException(head
                    + "the handle is 0 or never named anything, or what it named was removed");
            case Status.DOUBLE_FREE -> new IllegalStateException(head + "free each block once");
            case Status.DAMAGED -> damaged(what, "bytes that belong to no block were overwritten");
            case Status.INVALID_ARENA -> new IllegalStateException(head + "the arena is closed");
            case Status.INVALID_POOL -> new IllegalStateException(head + "the pool is closed");
            default -> new IllegalStateException(head + "memory of the library has been damaged, please report this");
        };
    }

    /** For an operation of a debug arena that has completed, and found damage: {@code report} says which. */
    public static RuntimeException damaged(String what, String report) {
        return new MemoryDamageException(what + " status=" + Status.name(Status.DAMAGED) + ": " + report);
    }

    /** For a pool of objects, of which a free one was written to. */
    public static RuntimeException writtenAfterRelease(String what) {
        return new IllegalStateException(what + " status=" + Status.name(Status.CORRUPTED)
                + ": an object was written to after its release, through an old reference or view; acquire repairs the "
                + "list of free objects, so acquire again, and find who uses objects that it has released");
    }

    /** For a kind of objects that is refused. */
    public static RuntimeException kind(int status, String what) {
        String head = what + " status=" + Status.name(status) + ": ";
        return switch (status) {
            case Status.INVALID_ARGUMENT -> new IllegalArgumentException(head
                    + "the name of a kind has 1 to 23 bytes of UTF-8 without NUL, and one rule for good");
            case Status.LIMIT_REACHED -> new ArenaExhaustedException(head
                    + "there are 64 kinds at most, let several share one");
            default -> of(status, what);
        };
    }

    /** For a call from a thread that does not own the arena. */
    public static RuntimeException wrongThread(String arena, Thread owner) {
        String message = "arena=" + arena + " owner=" + name(owner) + " caller=" + name(Thread.currentThread())
                + ": an arena may be used by its owner thread only";
        if (WRONG_THREAD == null) {
            return new IllegalStateException(message);
        }
        try {
            return WRONG_THREAD.newInstance(message);
        } catch (ReflectiveOperationException e) {
            return new IllegalStateException(message, e);
        }
    }

    /** The thread's name, or its number where it has none, as virtual threads usually. */
    public static String name(Thread thread) {
        String name = thread.getName();
        return name.isEmpty() ? "#" + thread.getId() : name;
    }

    private static Constructor<? extends RuntimeException> findWrongThread() {
        try {
            return Class.forName("java.lang.WrongThreadException").asSubclass(RuntimeException.class)
                    .getConstructor(String.class);
        } catch (ReflectiveOperationException e) {
            return null; // before JDK 19: IllegalStateException stands in
        }
    }
}
