// SPDX-License-Identifier: Apache-2.0
package dev.corral.internal;

import java.lang.annotation.Native;

/**
 * Java's copy of what it reads and writes of the C structs {@code Lifetimes} and {@code LifetimeKind} in {@code
 * native/structures/lifetimes_parts.h}: offsets in bytes. {@code native/jni/lifetimes_layout_check.c} compares them at
 * compile time, as {@link ControlBlock}.
 */
public final class LifetimesLayout {
    /** Identity of this life of the slot; 0: nothing is there. */
    @Native public static final int ID = 40;
    /** Ordinal of the lifetime that is being worked in (32 bits). */
    @Native public static final int CONTEXT = 116;
    /** What all units that have ended had allocated: a count, see {@link #COUNT_BYTES}. */
    @Native public static final int ENDED_UNITS = 128;
    /** What was allocated from the pool: a count. */
    @Native public static final int UNKNOWN = 144;
    /** How many of these blocks were freed. */
    @Native public static final int FREED = 160;
    /** Units that have ended. */
    @Native public static final int UNITS = 168;
    /** Bytes that the last of them had used at most. */
    @Native public static final int LAST_UNIT = 176;
    /** The largest of these. */
    @Native public static final int PEAK_UNIT = 184;
    /** Times that an interned string was asked for again. */
    @Native public static final int FOUND = 216;
    /** Address of the table of kinds, which stays where it is. */
    @Native public static final int KINDS = 232;
    /** Bytes from the address that Java maps. */
    @Native public static final int MAPPED = 256;

    /** Bytes of a kind in the table. */
    @Native public static final int KIND_BYTES = 80;
    /** Bytes of the table. */
    @Native public static final int TABLE_BYTES = 64 * KIND_BYTES;
    /** In a kind: ordinal of its rule (32 bits). */
    @Native public static final int RULE = 24;
    /** The rule that the context decides; the others are ordinals of lifetimes. */
    @Native public static final int RULE_BY_CONTEXT = 3;
    /** In a kind: a count for each lifetime. */
    @Native public static final int COUNTS = 32;
    /** Bytes of a count: allocations, and the bytes that were asked for. */
    @Native public static final int COUNT_BYTES = 16;

    private LifetimesLayout() {
    }
}
