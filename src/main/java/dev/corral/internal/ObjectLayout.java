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
    /** Index of the first free object of the open block. */
    @Native public static final int FIRST = 80;
    /** Objects of the open block, and the end of its list (32 bits). */
    @Native public static final int COUNT = 88;
    /** The same, or 0 in a zeroed pool, where a release has more to do (32 bits). */
    @Native public static final int QUICK = 96;
    /** Bits by which a product with the inverse is rotated to the right (32 bits). */
    @Native public static final int SHIFT = 100;
    /** What makes a multiple of the size of an object its factor. */
    @Native public static final int INVERSE = 104;
    /** Objects acquired so far. */
    @Native public static final int ACQUISITIONS = 112;
    /** What that is when as many are live as ever. */
    @Native public static final int AT_PEAK = 120;
    /** The most objects that were live. */
    @Native public static final int PEAK = 128;
    /** Reference of the open block's first object. */
    @Native public static final int REF = 136;
    /** Identity of the open block; 0: none is open. */
    @Native public static final int KEY = 144;
    /** Bytes of an object (32 bits). */
    @Native public static final int OBJECT_SIZE = 152;
    /** Index of the open block (32 bits). */
    @Native public static final int OPEN = 156;
    /** Bytes from the pool's address that Java maps. */
    @Native public static final int MAPPED = 160;

    /** State of an object that is in the list of free ones. */
    @Native public static final int FREE = 1;
    /** State of an object that is acquired. */
    @Native public static final int ACQUIRED = 2;

    private ObjectLayout() {
    }
}
