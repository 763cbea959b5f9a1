// SPDX-License-Identifier: Apache-2.0
package dev.corral.internal;

import java.lang.annotation.Native;

/**
 * Java's copy of what it reads and writes of the C struct {@code ObjectPool} in {@code
 * native/structures/object_pool_parts.h}: offsets in bytes, and states. {@code native/jni/object_layout_check.c}
 * compares them at compile time, as {@link ControlBlock}.
 */
public final class ObjectLayout {
    /** Identity of this life of the slot; 0: no pool is there. */
    @Native public static final int ID = 40;
    /** Address of the states of the open block's objects. */
    @Native public static final int STATES = 72;
    /** Index of the first free object of the open block (32 bits). */
    @Native public static final int FIRST = 80;
    /** Objects of the open block, and the end of its list (32 bits). */
    @Native public static final int COUNT = 84;
    /** How many of them are live (32 bits). */
    @Native public static final int LIVE = 88;
    /** The most of them that may be live without a new peak (32 bits, unsigned). */
    @Native public static final int PEAK_HERE = 92;
    /** Bytes of the open block's objects. */
    @Native public static final int BYTES = 96;
    /** 2^{@link #RECIPROCAL_SHIFT} divided by the size of an object. */
    @Native public static final int RECIPROCAL = 104;
    /** Objects released so far. */
    @Native public static final int RELEASED = 112;
    /** Reference of the open block's first object. */
    @Native public static final int REF = 120;
    /** Identity of the open block; 0: none is open. */
    @Native public static final int KEY = 128;
    /** Bytes of an object (32 bits). */
    @Native public static final int OBJECT_SIZE = 136;
    /** Index of the open block (32 bits). */
    @Native public static final int OPEN = 140;
    /** Bytes from the pool's address that Java maps. */
    @Native public static final int MAPPED = 144;

    /** Bits by which a product with the reciprocal is shifted. */
    @Native public static final int RECIPROCAL_SHIFT = 40;
    /** State of an object that is in the list of free ones. */
    @Native public static final int FREE = 1;
    /** State of an object that is acquired. */
    @Native public static final int ACQUIRED = 2;

    private ObjectLayout() {
    }
}
