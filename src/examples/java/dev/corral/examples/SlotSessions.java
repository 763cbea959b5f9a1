// SPDX-License-Identifier: Apache-2.0
package dev.corral.examples;

import dev.corral.SlotPool;
import dev.corral.SlotRegion;

/**
 * Sessions of a server outside the heap: counters that change in place, names that grow, and requests whose values all
 * go at once.
 */
final class SlotSessions {
    private static final int SESSIONS = 1_000;

    public static void main(String[] args) {
        try (SlotPool slots = SlotPool.create()) {
            long[] hits = new long[SESSIONS];
            long[] names = new long[SESSIONS];
            for (int i = 0; i < SESSIONS; i++) {
                hits[i] = slots.putInt(0); // four bytes in a slot: no JNI call, no garbage
                names[i] = slots.putUtf8("guest");
            }
            for (int request = 0; request < 100; request++) {
                int session = request * 7 % SESSIONS;
                try (SlotRegion scratch = slots.newRegion()) {
                    for (int i = 0; i < 5_000; i++) {
                        scratch.putInt(i); // whatever a request needs until it is answered
                    }
                    slots.setInt(hits[session], slots.getInt(hits[session]) + 1);
                    slots.setUtf8(names[session], "a name that no slot has room for");
                } // two blocks are given back, not 5,000 values
            }
            slots.remove(names[0]); // from here on this handle is refused
            System.out.println("live=" + slots.stats().live() + " large=" + slots.stats().largeLive() + " peak="
                    + slots.stats().peak() + " removed=" + !slots.contains(names[0]));
        }
    }
}
