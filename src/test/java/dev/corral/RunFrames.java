// SPDX-License-Identifier: Apache-2.0
package dev.corral;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;

/** Pushes frames in a JVM that does nothing else, and prints how many bytes of heap they took once compiled. */
final class RunFrames {
    private RunFrames() {
    }

    static long frames(StackAllocator stack, int count) {
        long sum = 0;
        for (int i = 0; i < count; i++) {
            try (StackAllocator.Frame frame = stack.push()) {
                sum += frame.allocateRef(64);
            }
        }
        return sum;
    }

    static long bytes(StackAllocator stack) {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long sum = 0;
        for (int round = 0; round < 20_000; round++) {
            sum += frames(stack, 20); // until the JIT has compiled the whole method
        }
        long before = threads.getCurrentThreadAllocatedBytes();
        sum += frames(stack, 100_000);
        long bytes = threads.getCurrentThreadAllocatedBytes() - before;
        return sum != 42 ? bytes : -1;
    }

    public static void main(String[] args) {
        try (StackAllocator stack = StackAllocator.create()) {
            System.out.println("bytes=" + bytes(stack));
        }
    }
}
