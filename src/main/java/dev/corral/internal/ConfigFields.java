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
    /** Fields of the array. */
    @Native public static final int LENGTH = 7;

    private ConfigFields() {
    }

    /** An array with the fields that every arena needs; the others are 0, their default. */
    public static long[] of(long initialSize, long maximumSize, long alignment, boolean fixed) {
        long[] fields = new long[LENGTH];
        fields[INITIAL_SIZE] = initialSize;
        fields[MAXIMUM_SIZE] = maximumSize;
        fields[ALIGNMENT] = alignment;
        fields[FIXED] = fixed ? 1 : 0;
        return fields;
    }
}
