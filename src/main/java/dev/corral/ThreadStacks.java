// SPDX-License-Identifier: Apache-2.0
package dev.corral;

import java.lang.ref.WeakReference;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;

/** The stacks of threads: {@link StackAllocator#ofCurrentThread}. */
final class ThreadStacks {
    /* The JVM tells nobody when a thread ends. So the memory of its stack is found by whoever comes first:
     *
     * - a thread that needs a stack looks at a few that exist, the longest known first, and takes one over;
     * - an allocation that a limit or the system has refused looks at all, before it is tried again;
     * - the reaper, which is there anyway, looks at some now and then: soon after a stack was made, and less often,
     *   down to every 8 seconds, the longer it finds none. It does not wake up while there is no stack.
     *
     * None of them waits for the garbage collector, which does not see native memory; and it finds what they may not
     * touch: a stack with release actions or children, which are nobody else's to run.
     */
    private static final int LOOKS = 4;
    private static final int LOOKS_OF_REAPER = 1024;
    private static final long SHORTEST_PAUSE = 125; // ms
    private static final long LONGEST_PAUSE = 8000; // ms

    private static final int LOOKUPS_OF_A_REGULAR = 256; // a power of two

    private static final ThreadLocal<StackAllocator> OWN = new ThreadLocal<>();
    private static final Queue<WeakReference<StackAllocator>> ALL = new ConcurrentLinkedQueue<>();

    // Written by the reaper only.
    private static volatile long pause; // ms between its looks; 0: it is to be told when there is a stack
    private static long lastLook;       // System.nanoTime()

    /* The stack of a thread that asks often: to see whose it is takes a fraction of what a look at the thread's own map
     * takes. Any thread writes it, seldom; a stale value is the stack of another thread, or of none.
     */
    private static StackAllocator regular;

    /** Tells the reaper that there is a stack again. */
    private static final class Wake extends WeakReference<Object> implements Reaper.Reapable {
        Wake() {
            super(OWN, Reaper.queue());
        }

        @Override
        public void reap() {
            pause = SHORTEST_PAUSE;
        }
    }

    private ThreadStacks() {
    }

    static StackAllocator current() {
        StackAllocator found = regular;
        return found != null && found.arena.user == Thread.currentThread() ? found : lookUp();
    }

    private static StackAllocator lookUp() {
        StackAllocator own = OWN.get();
        if (own == null || own.isClosed()) { // its arena can be closed
            own = take();
            OWN.set(own);
        }
        if ((++own.lookups & LOOKUPS_OF_A_REGULAR - 1) == 0 && !own.arena.isShownToC()) {
            regular = own;
        }
        return own;
    }

    /** Before a stack may become one that its user must not get: only its owner's thread makes it the regular one. */
    static void forget(StackAllocator stack) {
        if (regular == stack) {
            regular = null;
        }
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
        if (pause != SHORTEST_PAUSE) {
            new Wake().enqueue();
        }
        return stack;
    }

    /** Gives the memory of all threads that have ended back to the pool. Any thread. */
    static void freeEnded() {
        freeEnded(Integer.MAX_VALUE);
    }

    /** How long the reaper may wait for the next reference, in ms; 0: for ever. */
    static long pauseOfReaper() {
        return pause;
    }

    /** The reaper looks, unless it has just done so. */
    static void lookIfDue() {
        long now = System.nanoTime();
        if (pause == 0 || now - lastLook < TimeUnit.MILLISECONDS.toNanos(pause)) {
            return;
        }
        lastLook = now;
        StackAllocator kept = regular;
        if (kept != null && (kept.isClosed() || kept.arena.hasEndedOwner())) {
            regular = null; // an ended thread and what it refers to must not stay
        }
        int freed = freeEnded(LOOKS_OF_REAPER);
        pause = freed != 0 ? SHORTEST_PAUSE : Math.min(2 * pause, LONGEST_PAUSE);
        if (ALL.isEmpty()) {
            pause = 0;
            if (!ALL.isEmpty()) {
                pause = SHORTEST_PAUSE; // one came between the two looks, and may not have said so
            }
        }
    }

    private static int freeEnded(int looks) {
        int freed = 0;
        WeakReference<StackAllocator> first = null;
        for (int i = 0; i < looks; i++) {
            WeakReference<StackAllocator> known = ALL.peek();
            if (known == null || known == first || (known = ALL.poll()) == null) {
                break; // all were looked at
            }
            StackAllocator stack = known.get();
            if (stack == null || stack.isClosed()) {
                continue;
            }
            if (stack.freeIfEnded()) {
                freed++;
            } else {
                first = first == null ? known : first;
                ALL.add(known);
            }
        }
        return freed;
    }
}
