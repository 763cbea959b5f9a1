// SPDX-License-Identifier: Apache-2.0
package dev.corral.internal;

import java.lang.annotation.Native;

/**
 * Where each field of the C struct {@code PoolConfig} stands in the array that {@link PoolNatives#create} takes. {@code
 * native/jni/jni_pool.c} reads the array by these constants, from the header that javac writes for this class.
 */
public final class PoolFields {
    /** What {@link PageSourceNatives#open} returned; 0: the operating system. */
    @Native public static final int SOURCE = 0;
    /** Bytes of live blocks; -1: no limit. */
    @Native public static final int LIMIT = 1;
    /** Bytes of free memory that are kept; -1: the default. */
    @Native public static final int RETAIN = 2;
    /** 1: freed blocks stay as they are while they are held. */
    @Native public static final int QUARANTINE = 3;
    /** Milliseconds until free memory goes back although it would be kept; -1: the default. */
    @Native public static final int DECAY = 4;
    /** 1: the pool is in debug mode. */
    @Native public static final int DEBUG = 5;
    /** Fields of the array. */
    @Native public static final int LENGTH = 6;

    private PoolFields() {
    }

    /** An array for a pool on the operating system's pages. */
    public static long[] of(long limit, long retain) {
        long[] fields = new long[LENGTH];
        fields[LIMIT] = limit;
        fields[RETAIN] = retain;
        fields[DECAY] = -1;
        return fields;
    }
}
