// SPDX-License-Identifier: Apache-2.0
package dev.corral.internal;

import java.lang.annotation.Native;

/**
 * Where each field of the C struct {@code ArenaConfig} stands in the array that {@link ArenaNatives#create} takes.
 * {@code native/jni/jni_arena.c} reads the array by these constants, from the header that javac writes for this class.
 */
public final class ConfigFields {
    /** Bytes of the first chunk. */
    @Native public static final int INITIAL_SIZE = 0;
    /** Bytes up to which chunk sizes double. */
    @Native public static final int MAXIMUM_SIZE = 1;
    /** Default alignment in bytes. */
    @Native public static final int ALIGNMENT = 2;
    /** 1: never grows beyond the first chunk. */
    @Native public static final int FIXED = 3;
    /** 1: every allocation reads as zero. */
    @Native public static final int ZEROED = 4;
    /** 1: guard bytes, fills and a list of blocks find damage. */
    @Native public static final int DEBUG = 5;
    /** The log of {@link ObserverNatives#open} into which events are written; 0: none. */
    @Native public static final int EVENT_LOG = 6;
    /** Address of the parent, 0: none. With a parent, 0 as sizes, alignment, zeroed or debug
     * means as the parent. */
    @Native public static final int PARENT = 7;
    /** Bytes of chunks of the arena and all below it; -1: no limit. */
    @Native public static final int LIMIT = 8;
    /** Bytes to which every reset trims; -1: as the parent, or no trimming. */
    @Native public static final int RETAIN = 9;
    /** Ordinal of {@code OnExhausted} plus 1; 0: as the parent, or to grow. */
    @Native public static final int EXHAUSTED = 10;
    /** Fields of the array. */
    @Native public static final int LENGTH = 11;

    private ConfigFields() {
    }

    /** An array with the fields that every arena needs; the others have their defaults. */
    public static long[] of(long initialSize, long maximumSize, long alignment, boolean fixed) {
        long[] fields = new long[LENGTH];
        fields[INITIAL_SIZE] = initialSize;
        fields[MAXIMUM_SIZE] = maximumSize;
        fields[ALIGNMENT] = alignment;
        fields[FIXED] = fixed ? 1 : 0;
        fields[LIMIT] = -1;
        fields[RETAIN] = -1;
        return fields;
    }
}
