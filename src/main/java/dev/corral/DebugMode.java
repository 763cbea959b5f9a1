// SPDX-License-Identifier: Apache-2.0
package dev.corral;

import dev.corral.internal.ArenaNatives;
import dev.corral.internal.DebugNatives;
import dev.corral.internal.Failures;
import dev.corral.internal.PoolNatives;
import dev.corral.internal.Status;
import java.lang.StackWalker.StackFrame;
import java.nio.charset.StandardCharsets;

/** What Java adds to debug mode: the switch for a whole process, the callers as tags, the reports as exceptions. */
final class DebugMode {
    private static final System.Logger LOGGER = System.getLogger("dev.corral");
    private static final String PROPERTY = "corral.debug";
    private static final boolean EVERYWHERE = parse(System.getProperty(PROPERTY, "false"));
    private static final String NOT_FREED = "corral: not freed: ";
    private static final StackWalker WALKER = StackWalker.getInstance(StackWalker.Option.RETAIN_CLASS_REFERENCE);

    private DebugMode() {
    }

    private static boolean parse(String value) {
        if (!value.equalsIgnoreCase("true") && !value.equalsIgnoreCase("false")) {
            LOGGER.log(System.Logger.Level.WARNING, PROPERTY + "=" + value
                    + ": use true or false; false is used");
        }
        return value.equalsIgnoreCase("true");
    }

    /** Whether {@code -Dcorral.debug=true} turns debug mode on for all arenas and pools. */
    static boolean isOnEverywhere() {
        return EVERYWHERE;
    }

    // --- tags

    /** Makes the caller of the library the tag of the arena's next block. */
    static void tagCaller(long arena) {
        DebugNatives.tag(arena, caller());
    }

    /** The caller of the library, as a tag. */
    private static byte[] caller() {
        String caller = WALKER.walk(frames -> frames.filter(frame -> !isOurs(frame.getDeclaringClass()))
                .findFirst().map(DebugMode::describe).orElse("unknown"));
        return caller.getBytes(StandardCharsets.UTF_8);
    }

    private static boolean isOurs(Class<?> type) {
        return ArenaMemory.class.isAssignableFrom(type) || type == DebugMode.class || type == Utf8Builder.class
                || type == MemoryPool.class || type == PoolBlocks.class
                || type.getName().startsWith("java.util.Formatter"); // which writes through the builder
    }

    private static String describe(StackFrame frame) {
        String type = frame.getClassName();
        String place = type.substring(type.lastIndexOf('.') + 1) + "." + frame.getMethodName();
        return frame.getLineNumber() > 0 ? place + ":" + frame.getLineNumber() : place;
    }

    // --- reports

    /** What the calling thread's calls have found; empty when that is nothing. */
    static String takeReport() {
        byte[] report = DebugNatives.takeReport();
        return report == null ? "" : new String(report, StandardCharsets.UTF_8);
    }

    /** Throws when the operation, which has completed, found damage. */
    static void throwIfDamaged(String operation) {
        String report = takeReport();
        if (!report.isEmpty()) {
            throw Failures.damaged(operation, report);
        }
    }

    /** Says what was found where nobody can be told by an exception. */
    static void logIfReported() {
        log(takeReport());
    }

    // --- pools

    /** A block of a debug pool; a status as {@code PoolNatives.allocate}. */
    static long allocate(long pool, long size) {
        return DebugNatives.allocate(pool, size, caller());
    }

    /** Frees a block of a debug pool, and throws when that found damage; it is freed then as well. */
    static void free(long pool, long block, String name) {
        if (DebugNatives.free(pool, block, caller()) == Status.DAMAGED) {
            throw damaged("free: pool=" + name);
        }
    }

    /** Destroys a pool; what is damaged is for the caller to throw when all is done. Null: nothing. */
    static RuntimeException destroyPool(long pool, String name) {
        if (PoolNatives.destroy(pool) == Status.DAMAGED) {
            return damaged("close: pool=" + name);
        }
        logIfReported();
        return null;
    }

    /** Each damage is told once: a check may have told it before. */
    private static RuntimeException damaged(String operation) {
        String report = takeReport();
        return Failures.damaged(operation, report.isEmpty() ? "the damage has been reported before" : report);
    }

    /** Blocks that were not freed are no damage: closing the pool is a way to free them. */
    private static void log(String report) {
        boolean onlyLeaks = report.lines().allMatch(line -> line.startsWith(NOT_FREED));
        if (!report.isEmpty()) {
            LOGGER.log(onlyLeaks ? System.Logger.Level.WARNING : System.Logger.Level.ERROR,
                    (onlyLeaks ? "a debug pool was closed: " : "memory damage: ") + report);
        }
    }

    /** Destroys a dropped arena: nobody is there who could be told by an exception. Always true. */
    static boolean destroy(long arena) {
        if (ArenaNatives.destroy(arena) == Status.DAMAGED) {
            logIfReported();
        }
        return true;
    }

    /** The live blocks and the damage of an arena. */
    static String text(long arena) {
        byte[] text = DebugNatives.text(arena);
        return text == null ? "the report is longer than 2 GiB"
                : new String(text, 0, text.length - 1, StandardCharsets.UTF_8);
    }
}
