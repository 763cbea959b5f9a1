// SPDX-License-Identifier: Apache-2.0
package dev.corral;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** One call of each public method of slot pools and regions that only the owner may make, with a handle. */
final class SlotCalls {
    interface Call {
        void on(SlotPool slots, SlotRegion region, long handle);
    }

    /** Those that take a handle. */
    static final Map<String, Call> WITH_HANDLE = new TreeMap<>();
    /** All, but those that any thread may call in any state. */
    static final Map<String, Call> ALL = new TreeMap<>();
    /** What any thread may ask at any time. */
    private static final Set<String> FREE = Set.of("isClosed", "name", "pool", "toString", "close", "create", "builder",
            "equals", "hashCode", "getClass", "notify", "notifyAll", "wait");

    static {
        WITH_HANDLE.put("getByte", (slots, region, handle) -> slots.getByte(handle));
        WITH_HANDLE.put("getShort", (slots, region, handle) -> slots.getShort(handle));
        WITH_HANDLE.put("getInt", (slots, region, handle) -> slots.getInt(handle));
        WITH_HANDLE.put("getLong", (slots, region, handle) -> slots.getLong(handle));
        WITH_HANDLE.put("getFloat", (slots, region, handle) -> slots.getFloat(handle));
        WITH_HANDLE.put("getDouble", (slots, region, handle) -> slots.getDouble(handle));
        WITH_HANDLE.put("getBytes", (slots, region, handle) -> slots.getBytes(handle));
        WITH_HANDLE.put("getUtf8", (slots, region, handle) -> slots.getUtf8(handle));
        WITH_HANDLE.put("copyOut", (slots, region, handle) -> slots.copyOut(handle, new byte[100], 0));
        WITH_HANDLE.put("size", (slots, region, handle) -> slots.size(handle));
        WITH_HANDLE.put("setByte", (slots, region, handle) -> slots.setByte(handle, (byte) 1));
        WITH_HANDLE.put("setShort", (slots, region, handle) -> slots.setShort(handle, (short) 1));
        WITH_HANDLE.put("setInt", (slots, region, handle) -> slots.setInt(handle, 1));
        WITH_HANDLE.put("setLong", (slots, region, handle) -> slots.setLong(handle, 1));
        WITH_HANDLE.put("setFloat", (slots, region, handle) -> slots.setFloat(handle, 1));
        WITH_HANDLE.put("setDouble", (slots, region, handle) -> slots.setDouble(handle, 1));
        WITH_HANDLE.put("setBytes", (slots, region, handle) -> {
            slots.setBytes(handle, new byte[3]);
            slots.setBytes(handle, new byte[30], 1, 20);
        });
        WITH_HANDLE.put("setUtf8", (slots, region, handle) -> slots.setUtf8(handle, "x"));
        WITH_HANDLE.put("remove", (slots, region, handle) -> slots.remove(handle));
        ALL.putAll(WITH_HANDLE);
        ALL.put("contains", (slots, region, handle) -> slots.contains(handle));
        ALL.put("newRegion", (slots, region, handle) -> slots.newRegion());
        ALL.put("stats", (slots, region, handle) -> slots.stats());
        ALL.put("nativeHandle", (slots, region, handle) -> slots.nativeHandle());
        addPuts("", (slots, region) -> slots);
        addPuts("region.", (slots, region) -> region);
        ALL.put("next", (slots, region, handle) -> slots.next(handle));
        ALL.put("forEach", (slots, region, handle) -> slots.forEach(at -> { }));
        ALL.put("region.next", (slots, region, handle) -> region.next(handle));
        ALL.put("region.forEach", (slots, region, handle) -> region.forEach(at -> { }));
    }

    private interface Target {
        SlotValues of(SlotPool slots, SlotRegion region);
    }

    private SlotCalls() {
    }

    private static void addPuts(String prefix, Target target) {
        ALL.put(prefix + "putByte", (slots, region, handle) -> target.of(slots, region).putByte((byte) 1));
        ALL.put(prefix + "putShort", (slots, region, handle) -> target.of(slots, region).putShort((short) 1));
        ALL.put(prefix + "putInt", (slots, region, handle) -> target.of(slots, region).putInt(1));
        ALL.put(prefix + "putLong", (slots, region, handle) -> target.of(slots, region).putLong(1));
        ALL.put(prefix + "putFloat", (slots, region, handle) -> target.of(slots, region).putFloat(1));
        ALL.put(prefix + "putDouble", (slots, region, handle) -> target.of(slots, region).putDouble(1));
        ALL.put(prefix + "putBytes", (slots, region, handle) -> target.of(slots, region).putBytes(new byte[40]));
        ALL.put(prefix + "putUtf8", (slots, region, handle) -> target.of(slots, region).putUtf8("x"));
    }

    /** Fails when a public method is not called here. */
    static void assertComplete() {
        assertEquals(namesOf(SlotPool.class), names(""));
        assertEquals(namesOf(SlotRegion.class), names("region."));
    }

    private static Set<String> names(String prefix) {
        return ALL.keySet().stream().filter(name -> prefix.isEmpty() != name.startsWith("region."))
                .map(name -> name.substring(prefix.length())).collect(Collectors.toCollection(TreeSet::new));
    }

    private static Set<String> namesOf(Class<?> type) {
        return Arrays.stream(type.getMethods()).filter(method -> Modifier.isPublic(method.getModifiers()))
                .map(Method::getName).filter(name -> !FREE.contains(name))
                .collect(Collectors.toCollection(TreeSet::new));
    }
}
