// SPDX-License-Identifier: Apache-2.0
package dev.corral.internal;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.Field;
import java.util.Set;

/** Methods of {@code sun.misc.Unsafe}, on JDK 17 to 21; newer ones have better, and warn of it. */
final class UnsafeHandles {
    private static final Object UNSAFE = isWanted() ? unsafe() : null;

    private UnsafeHandles() {
    }

    static boolean areAvailable() {
        return UNSAFE != null;
    }

    /**
     * Newer JDKs warn of {@code Unsafe} and have something better, which is not seen where the classes are in no jar.
     * Other processors may refuse a word that is not aligned, and native images do not look up methods by name.
     */
    private static boolean isWanted() {
        return Runtime.version().feature() < 22 && !"buffers".equals(System.getProperty("corral.memory"))
                && System.getProperty("org.graalvm.nativeimage.imagecode") == null
                && Set.of("amd64", "x86_64", "aarch64").contains(System.getProperty("os.arch"));
    }

    /** Null where the module {@code jdk.unsupported} is missing, or does not let its class be used. */
    private static Object unsafe() {
        try {
            Field field = Class.forName("sun.misc.Unsafe").getDeclaredField("theUnsafe");
            field.setAccessible(true);
            return field.get(null);
        } catch (ReflectiveOperationException | RuntimeException e) {
            return null;
        }
    }

    /**
     * A method, or null when there is none to be had. Sought by public access, for which it does not matter whether
     * this module reads the other one.
     */
    static MethodHandle handle(String name, MethodType type) {
        if (UNSAFE == null) {
            return null;
        }
        try {
            return MethodHandles.publicLookup().bind(UNSAFE, name, type);
        } catch (ReflectiveOperationException e) {
            throw new AssertionError("java=" + Runtime.version() + ": no sun.misc.Unsafe." + name + type, e);
        }
    }
}
