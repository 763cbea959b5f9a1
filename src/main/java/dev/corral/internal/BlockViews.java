// SPDX-License-Identifier: Apache-2.0
package dev.corral.internal;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.invoke.VarHandle;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.nio.Buffer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Objects;

/** Views of blocks: what {@code root.slice(offset, size).order(nativeOrder())} returns. */
public final class BlockViews {
    /* On JDK 17 to 21 the constructor of a slice is where most of an allocation's time goes: it writes each field twice
     * and the collector's barriers for four references, three of which are null. Here the same object is made with the
     * fields that are not zero. That is done only if the object, when this class is loaded, has turned out to be equal
     * to the JDK's in each field that there is.
     *
     * The roots that Corral slices on these JDKs are made by JNI, so neither they nor their slices have a segment or a
     * file. A view refers to its root, which keeps the memory mapped.
     */
    private static final Class<?> TYPE = ByteBuffer.allocateDirect(0).getClass();
    private static final long MARK = offset(Buffer.class, "mark");
    private static final long LIMIT = offset(Buffer.class, "limit");
    private static final long CAPACITY = offset(Buffer.class, "capacity");
    private static final long ADDRESS = offset(Buffer.class, "address");
    private static final long NATIVE_ORDER = offset(ByteBuffer.class, "nativeByteOrder");
    private static final long KEPT = offset(TYPE, "att");

    private static final MethodHandle NEW = allocator();
    private static final MethodHandle GET_LONG = method("getLong", long.class, Object.class, long.class);
    private static final MethodHandle PUT_INT = method("putInt", void.class, Object.class, long.class, int.class);
    private static final MethodHandle PUT_LONG = method("putLong", void.class, Object.class, long.class, long.class);
    private static final MethodHandle PUT_FLAG = method("putBoolean", void.class, Object.class, long.class,
            boolean.class);
    private static final MethodHandle PUT_KEPT = method("putObject", void.class, Object.class, long.class,
            Object.class);

    private static final boolean DIRECT = NEW != null && isSound();

    private BlockViews() {
    }

    /** Whether views are made field by field; else the JDK makes them. */
    static boolean areDirect() {
        return DIRECT;
    }

    /**
     * A view in native byte order, with the root's memory from {@code offset} on.
     *
     * @param root   a buffer of JNI's making, or on JDK 22 and newer any direct buffer
     * @param offset first byte (0 or more)
     * @throws IndexOutOfBoundsException if the bytes do not lie in the root
     */
    public static ByteBuffer of(ByteBuffer root, int offset, int size) {
        if (!DIRECT || (size | root.capacity() - offset - size) < 0) {
            return root.slice(offset, size).order(ByteOrder.nativeOrder()); // throws if the bytes do not lie there
        }
        return make(root, offset, size);
    }

    private static ByteBuffer make(ByteBuffer root, int offset, int size) {
        try {
            Object view = (Object) NEW.invokeExact();
            PUT_INT.invokeExact(view, MARK, -1);
            PUT_INT.invokeExact(view, LIMIT, size);
            PUT_INT.invokeExact(view, CAPACITY, size);
            PUT_LONG.invokeExact(view, ADDRESS, (long) GET_LONG.invokeExact((Object) root, ADDRESS) + offset);
            PUT_FLAG.invokeExact(view, NATIVE_ORDER, true); // "big endian" is zero: the processors are little-endian
            PUT_KEPT.invokeExact(view, KEPT, (Object) root);
            VarHandle.storeStoreFence(); // as a constructor: who finds the view in a race finds it whole
            return (ByteBuffer) view;
        } catch (Throwable e) {
            throw BlockViews.<RuntimeException>unchecked(e);
        }
    }

    /** What may be thrown is of the JVM's making, and unchecked. */
    @SuppressWarnings("unchecked")
    private static <T extends Throwable> T unchecked(Throwable thrown) throws T {
        throw (T) thrown;
    }

    // --- before the first view

    private static MethodHandle method(String name, Class<?> result, Class<?>... arguments) {
        return UnsafeHandles.handle(name, MethodType.methodType(result, arguments));
    }

    private static MethodHandle allocator() {
        MethodHandle allocate = method("allocateInstance", Object.class, Class.class);
        return allocate == null ? null : MethodHandles.insertArguments(allocate, 0, TYPE);
    }

    private static long offset(Class<?> type, String field) {
        try {
            return UnsafeHandles.areAvailable() ? offset(type.getDeclaredField(field)) : 0;
        } catch (NoSuchFieldException e) {
            return 0; // which is no field's offset: see isSound()
        }
    }

    private static long offset(Field field) {
        try {
            return (long) method("objectFieldOffset", long.class, Field.class).invokeExact(field);
        } catch (Throwable e) {
            throw BlockViews.<RuntimeException>unchecked(e);
        }
    }

    /** Whether a view is what the JDK makes, but for what it keeps. */
    private static boolean isSound() {
        if (MARK == 0 || LIMIT == 0 || CAPACITY == 0 || ADDRESS == 0 || NATIVE_ORDER == 0 || KEPT == 0
                || ByteOrder.nativeOrder() != ByteOrder.LITTLE_ENDIAN) {
            return false;
        }
        ByteBuffer root = ByteBuffer.allocateDirect(Long.BYTES);
        ByteBuffer slice = root.slice(1, 2).order(ByteOrder.nativeOrder());
        ByteBuffer view = make(root, 1, 2);
        for (Class<?> type = TYPE; type != Object.class; type = type.getSuperclass()) {
            for (Field field : type.getDeclaredFields()) {
                if (!Modifier.isStatic(field.getModifiers()) && !isSame(field, slice, view)) {
                    return false;
                }
            }
        }
        return true;
    }

    private static boolean isSame(Field field, Object slice, Object view) {
        Class<?> type = field.getType();
        String name = type.getSimpleName();
        String get = !type.isPrimitive() ? "getObject" : "get" + Character.toUpperCase(name.charAt(0))
                + name.substring(1);
        MethodHandle getter = method(get, type.isPrimitive() ? type : Object.class, Object.class, long.class);
        long at = offset(field);
        try {
            return Objects.equals(getter.invoke(slice, at), getter.invoke(view, at));
        } catch (Throwable e) {
            throw BlockViews.<RuntimeException>unchecked(e);
        }
    }
}
