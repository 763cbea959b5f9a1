// SPDX-License-Identifier: Apache-2.0
package dev.corral.internal;

import java.lang.annotation.Native;

/**
 * Java's copy of what it reads and writes of the C struct {@code Lifetimes} in {@code
 * native/structures/lifetimes_parts.h}: offsets in bytes. {@code native/jni/lifetimes_layout_check.c} compares them at
 * compile time, as {@link ControlBlock}.
 */
public final class LifetimesLayout {
    /** Identity of this life of the slot; 0: nothing is there. */
    @Native public static final int ID = 40;
    /** Times that an interned string was asked for again. */
    @Native public static final int FOUND = 216;
    /** Bytes from the address that Java maps. */
    @Native public static final int MAPPED = 256;

    private LifetimesLayout() {
    }
}
