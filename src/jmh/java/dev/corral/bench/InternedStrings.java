// SPDX-License-Identifier: Apache-2.0
package dev.corral.bench;

import dev.corral.Lifetimes;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * Names that were seen before, each to be found as the one copy that exists of it. What a program would do without
 * {@code Lifetimes.intern} is a map from strings to native copies. The figure is the time of a name.
 */
@State(Scope.Thread)
public class InternedStrings extends Nanoseconds {
    private static final int NAMES = 1000;

    private final String[] names = new String[NAMES];
    private final Map<String, ByteBuffer> map = new HashMap<>();
    private Lifetimes lifetimes;

    /** Interns all of them. */
    @Setup
    public void open() {
        lifetimes = Lifetimes.create();
        for (int i = 0; i < NAMES; i++) {
            String name = "name_of_variable_" + i * 7919 % NAMES;
            names[i] = new String(name.toCharArray());
            lifetimes.intern(name);
            name.intern();
            byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
            map.put(name, ByteBuffer.allocateDirect(bytes.length).put(bytes));
        }
    }

    /** Frees them. */
    @TearDown
    public void close() {
        lifetimes.close();
    }

    /** As references into the process arena. */
    @Benchmark
    @OperationsPerInvocation(NAMES)
    public long lifetimes() {
        long sum = 0;
        for (String name : names) {
            sum += lifetimes.intern(name);
        }
        return sum;
    }

    /** As direct buffers in a map. */
    @Benchmark
    @OperationsPerInvocation(NAMES)
    public long mapOfBuffers() {
        long sum = 0;
        for (String name : names) {
            sum += map.get(name).capacity();
        }
        return sum;
    }

    /** As strings of the JVM's own table. */
    @Benchmark
    @OperationsPerInvocation(NAMES)
    public long stringIntern() {
        long sum = 0;
        for (String name : names) {
            sum += name.intern().length();
        }
        return sum;
    }
}
