// SPDX-License-Identifier: Apache-2.0
package dev.corral;

/** What calls of foreign code have thrown, while all of them had to be made: the first, with the others suppressed. */
final class Thrown {
    private Throwable first;

    void add(Throwable thrown) {
        if (first == null) {
            first = thrown;
        } else if (first != thrown) {
            first.addSuppressed(thrown);
        }
    }

    /** Makes a call. */
    void addFrom(Runnable call) {
        try {
            call.run();
        } catch (RuntimeException | Error e) {
            add(e);
        }
    }

    /** Throws what there is. */
    void rethrow() {
        if (first instanceof Error error) {
            throw error;
        }
        if (first != null) {
            throw (RuntimeException) first;
        }
    }
}
