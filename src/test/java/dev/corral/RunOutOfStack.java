// SPDX-License-Identifier: Apache-2.0
package dev.corral;

import java.util.Random;

/**
 * Comes to the end of its thread's stack in all places of push and close, with no frame around them, and prints what is
 * left each time. For the interpreter: where close is entered at least, push has had more room than that.
 */
@SuppressWarnings("try") // a frame is opened for its end
final class RunOutOfStack {
    private static final int ERRORS = 600;

    private RunOutOfStack() {
    }

    private static int sink(StackAllocator stack, int levels, long a, long b) {
        if (levels == 0) {
            return atTheEnd(stack);
        }
        return sink(stack, levels - 1, b, a + 1) + (int) a;
    }

    private static int atTheEnd(StackAllocator stack) {
        try (StackAllocator.Frame outer = stack.push(); StackAllocator.Frame inner = stack.push()) {
            return 1;
        }
    }

    /** Hovers about the last level that fits. */
    private static void run() {
        Random random = new Random(42);
        int errors = 0;
        int left = 0;
        try (StackAllocator stack = StackAllocator.create()) {
            for (int levels = 0; errors < ERRORS;) {
                try {
                    sink(stack, levels, 1, 2);
                    levels += 1 + random.nextInt(errors == 0 ? 50 : 4);
                } catch (StackOverflowError e) {
                    errors++;
                    stack.push().close();
                    left += stack.depth() == 0 && stack.room() == 65536 ? 0 : 1;
                    levels -= random.nextInt(errors == 1 ? 50 : 5);
                }
            }
        }
        System.out.println("errors=" + errors + " left=" + left);
    }

    private static int closeDeep(StackAllocator.Frame frame, int levels, long a, long b) {
        if (levels == 0) {
            frame.close();
            return 1;
        }
        return closeDeep(frame, levels - 1, b, a + 1) + (int) a;
    }

    /** The same, but the frame was pushed where there was room. */
    private static void runClose() {
        Random random = new Random(43);
        int errors = 0;
        int over = 0;
        int left = 0;
        try (StackAllocator stack = StackAllocator.create()) {
            for (int levels = 0; errors < ERRORS;) {
                StackAllocator.Frame frame = stack.push();
                frame.allocateRef(64);
                try {
                    closeDeep(frame, levels, 1, 2);
                    levels += 1 + random.nextInt(errors == 0 ? 50 : 4);
                } catch (StackOverflowError e) {
                    errors++;
                    over += stack.depth() == 0 ? 1 : 0; // else it could not even be entered
                    frame.close();
                    levels -= random.nextInt(errors == 1 ? 50 : 5);
                }
                left += stack.depth() == 0 && stack.room() == 65536 ? 0 : 1;
            }
        }
        System.out.println("closes=" + errors + " left=" + left + " taken back=" + (over != 0));
    }

    private static void runBoth() {
        run();
        runClose();
    }

    public static void main(String[] args) throws InterruptedException {
        Thread thread = new Thread(null, RunOutOfStack::runBoth, "small", 256 * 1024);
        thread.start();
        thread.join();
    }
}
