// SPDX-License-Identifier: Apache-2.0
package dev.corral.access;

import dev.corral.Corral;
import dev.corral.NativeArena;
import java.nio.ByteBuffer;

/** A program that uses the library from outside its package, from the class path or the module path. */
public final class UseLibrary {
    private UseLibrary() {
    }

    /** Prints the library's module, what its views do, and whether its internals can be called. */
    public static void main(String[] args) throws Exception {
        try (NativeArena arena = NativeArena.create()) {
            ByteBuffer view = arena.allocate(64);
            view.putLong(0, 42);
            System.out.println("module=" + Corral.class.getModule().getName() + " views=" + arena.viewSafety()
                    + " internals=" + canCallInternals() + " value=" + view.getLong(0));
        }
    }

    private static boolean canCallInternals() throws ReflectiveOperationException {
        try {
            Class.forName("dev.corral.internal.Status").getMethod("name", int.class).invoke(null, 0);
            return true;
        } catch (IllegalAccessException e) {
            return false;
        }
    }
}
