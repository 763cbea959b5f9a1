// SPDX-License-Identifier: Apache-2.0
package dev.corral.stress;

/** A call as a number. */
final class Attempt {
    private Attempt() {
    }

    /** 1: done; 2: refused with an exception. What is not documented goes on. */
    static int of(Runnable call) {
        try {
            call.run();
            return 1;
        } catch (IllegalStateException | IllegalArgumentException e) {
            return 2;
        } catch (RuntimeException e) {
            if (e.getClass().getSimpleName().equals("WrongThreadException")) { // JDK 19
                return 2;
            }
            throw e;
        }
    }
}
