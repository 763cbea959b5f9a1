// SPDX-License-Identifier: Apache-2.0
package dev.corral;

import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.Map;

/** Every public instance method of {@link NativeArena} as a call with valid arguments, by its signature. */
final class ArenaCalls {
    /** A call with a reference that was valid while the arena was open. */
    interface Call {
        Object on(NativeArena arena, long ref);
    }

    /** Methods that only the owner may call, and only while the arena is open. */
    static final Map<String, Call> OWNERS = new LinkedHashMap<>();
    /** Methods that any thread may call at any time. */
    static final Map<String, Call> EVERYBODYS = new LinkedHashMap<>();

    static {
        allocating();
        bulk();
        reading();
        writing();
        EVERYBODYS.put("viewSafety()", (arena, ref) -> arena.viewSafety());
        EVERYBODYS.put("name()", (arena, ref) -> arena.name());
        EVERYBODYS.put("pool()", (arena, ref) -> arena.pool());
        EVERYBODYS.put("toString()", (arena, ref) -> arena.toString());
        EVERYBODYS.put("isClosed()", (arena, ref) -> arena.isClosed());
        EVERYBODYS.put("isOwnedByCurrentThread()", (arena, ref) -> arena.isOwnedByCurrentThread());
    }

    private ArenaCalls() {
    }

    private static void allocating() {
        OWNERS.put("allocate(int)", (arena, ref) -> arena.allocate(8));
        OWNERS.put("allocate(int,int)", (arena, ref) -> arena.allocate(8, 64));
        OWNERS.put("allocateZeroed(int)", (arena, ref) -> arena.allocateZeroed(8));
        OWNERS.put("allocateUtf8(CharSequence)", (arena, ref) -> arena.allocateUtf8("text"));
        OWNERS.put("allocateCString(CharSequence)", (arena, ref) -> arena.allocateCString("text"));
        OWNERS.put("format(String,Object[])", (arena, ref) -> arena.format("%d", 1));
        OWNERS.put("utf8Builder()", (arena, ref) -> arena.utf8Builder());
        OWNERS.put("resize(ByteBuffer,int)", (arena, ref) -> {
            boolean usable = arena.isOwnedByCurrentThread();
            return arena.resize(usable ? arena.allocate(8) : ByteBuffer.allocateDirect(8), 16);
        });
        OWNERS.put("allocateRef(int)", (arena, ref) -> arena.allocateRef(8));
        OWNERS.put("allocateRef(int,int)", (arena, ref) -> arena.allocateRef(8, 64));
        OWNERS.put("view(long,int)", (arena, ref) -> arena.view(ref, 8));
    }

    private static void bulk() {
        OWNERS.put("reset()", (arena, ref) -> {
            arena.reset();
            return null;
        });
        OWNERS.put("clear()", (arena, ref) -> {
            arena.clear();
            return null;
        });
        OWNERS.put("onRelease(Runnable)", (arena, ref) -> {
            arena.onRelease(() -> { });
            return null;
        });
        OWNERS.put("trim(long)", (arena, ref) -> {
            arena.trim(0);
            return null;
        });
        OWNERS.put("newChild()", (arena, ref) -> arena.newChild());
        OWNERS.put("newChild(long)", (arena, ref) -> arena.newChild(100));
        OWNERS.put("mark()", (arena, ref) -> arena.mark());
        OWNERS.put("rewind(Mark)", (arena, ref) -> {
            arena.rewind(arena.isOwnedByCurrentThread() ? arena.mark() : null);
            return null;
        });
        OWNERS.put("openScope()", (arena, ref) -> arena.openScope());
        OWNERS.put("statsTable()", (arena, ref) -> arena.statsTable());
        OWNERS.put("debugReport()", (arena, ref) -> arena.debugReport());
        OWNERS.put("stats()", (arena, ref) -> arena.stats());
        OWNERS.put("nativeHandle()", (arena, ref) -> arena.nativeHandle());
    }

    private static void reading() {
        OWNERS.put("getByte(long,int)", (arena, ref) -> arena.getByte(ref, 0));
        OWNERS.put("getShort(long,int)", (arena, ref) -> arena.getShort(ref, 0));
        OWNERS.put("getInt(long,int)", (arena, ref) -> arena.getInt(ref, 0));
        OWNERS.put("getLong(long,int)", (arena, ref) -> arena.getLong(ref, 0));
        OWNERS.put("getFloat(long,int)", (arena, ref) -> arena.getFloat(ref, 0));
        OWNERS.put("getDouble(long,int)", (arena, ref) -> arena.getDouble(ref, 0));
        OWNERS.put("copyOut(long,int,byte[],int,int)", (arena, ref) -> {
            byte[] target = new byte[8];
            arena.copyOut(ref, 0, target, 0, 8);
            return target;
        });
    }

    private static void writing() {
        put("putByte(long,int,byte)", (arena, ref) -> arena.putByte(ref, 0, (byte) 1));
        put("putShort(long,int,short)", (arena, ref) -> arena.putShort(ref, 0, (short) 1));
        put("putInt(long,int,int)", (arena, ref) -> arena.putInt(ref, 0, 1));
        put("putLong(long,int,long)", (arena, ref) -> arena.putLong(ref, 0, 1));
        put("putFloat(long,int,float)", (arena, ref) -> arena.putFloat(ref, 0, 1));
        put("putDouble(long,int,double)", (arena, ref) -> arena.putDouble(ref, 0, 1));
        put("copyIn(long,int,byte[],int,int)", (arena, ref) -> arena.copyIn(ref, 0, new byte[8], 0, 8));
    }

    private interface Put {
        void on(NativeArena arena, long ref);
    }

    private static void put(String signature, Put put) {
        OWNERS.put(signature, (arena, ref) -> {
            put.on(arena, ref);
            return null;
        });
    }

    /** Those of {@link #OWNERS} that take a reference. */
    static Map<String, Call> withReference() {
        Map<String, Call> calls = new LinkedHashMap<>(OWNERS);
        calls.keySet().removeIf(signature -> !signature.contains("(long,"));
        return calls;
    }
}
