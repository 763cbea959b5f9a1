// SPDX-License-Identifier: Apache-2.0
package dev.corral;

import dev.corral.internal.LibraryNatives;
import dev.corral.internal.NativeLibrary;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Properties;

/** Facts about the library in this process. All methods may be called by any thread. */
public final class Corral {
    private Corral() {
    }

    /** The version of these classes, as {@code 0.1.0}. */
    public static String version() {
        try (InputStream in = Corral.class.getResourceAsStream("corral.properties")) {
            if (in == null) {
                throw new IllegalStateException("resource=corral.properties is missing: the jar is incomplete");
            }
            Properties properties = new Properties();
            properties.load(in);
            return properties.getProperty("version");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Operating system and processor that the native library is looked up for, as {@code linux-x86_64}. */
    public static String platform() {
        return NativeLibrary.platform();
    }

    /**
     * Where the native library was loaded from; loads it if need be.
     *
     * @throws UnsatisfiedLinkError if it cannot be loaded; the message lists every attempt
     */
    public static String libraryPath() {
        return NativeLibrary.load();
    }

    /**
     * Bytes of one page of the operating system.
     *
     * @throws UnsatisfiedLinkError if the native library cannot be loaded
     */
    public static int pageSize() {
        NativeLibrary.load();
        return LibraryNatives.pageSize();
    }

    /**
     * Bytes of blocks and chunks that were given back while a view of them may be reachable, in all pools, closed ones
     * as well: their addresses stay mapped. Cost: O(chunks and blocks with views).
     */
    public static long retainedBytes() {
        return KnownPools.retainedBytes();
    }
}
