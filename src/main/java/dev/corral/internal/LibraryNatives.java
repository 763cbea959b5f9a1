// SPDX-License-Identifier: Apache-2.0
package dev.corral.internal;

/** What the native library says about itself. */
public final class LibraryNatives {
    private LibraryNatives() {
    }

    /** The layout version that the library was built with. */
    public static native int layoutVersion();

    /** Bytes of one page of the operating system. */
    public static native int pageSize();
}
