// SPDX-License-Identifier: Apache-2.0
package dev.corral;

import java.lang.ref.WeakReference;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/** The stacks of threads: {@link StackAllocator#ofCurrentThread}. */
final class ThreadStacks {
    /* A thread keeps its stack reachable, and nobody else does: when the thread has ended, the collector finds the
     * stack some time, and its memory goes back to the pool. The collector does not see native memory, though, and a
     * million short threads could end before it looks. So whoever needs a stack first looks at a few that exist, the
     * longest known first, and takes one whose thread has ended. With n threads alive, at most about n / 3 stacks of
     * ended ones wait to be found so.
     */
    private static final int LOOKS = 4;

    private static final ThreadLocal<StackAllocator> OWN = new ThreadLocal<>();
    private static final Queue<WeakReference<StackAllocator>> ALL = new ConcurrentLinkedQueue<>();

    private ThreadStacks() {
    }

    static StackAllocator current() {
        StackAllocator own = OWN.get();
        if (own == null || own.isClosed()) { // its arena can be closed
            own = take();
            OWN.set(own);
        }
        return own;
    }

    private static StackAllocator take() {
        for (int looks = 0; looks < LOOKS; looks++) {
            WeakReference<StackAllocator> known = ALL.poll(); // nobody else looks at it now
            if (known == null) {
                break;
            }
            StackAllocator stack = known.get();
            if (stack != null && !stack.isClosed()) {
                boolean taken = stack.takeOver();
                ALL.add(known);
                if (taken) {
                    return stack;
                }
            }
        }
        StackAllocator stack = StackAllocator.newOfThread();
        ALL.add(new WeakReference<>(stack));
        return stack;
    }
}
