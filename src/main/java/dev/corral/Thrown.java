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
        } catch (Throwable e) { // foreign code may throw what it does not declare
            add(e);
        }
    }

    /** Throws what there is. */
    void rethrow() {
        if (first != null) {
            throw Thrown.<RuntimeException>unchecked(first);
        }
    }

    /** Throws what there is; null: nothing. */
    static void rethrow(RuntimeException thrown) {
        if (thrown != null) {
            throw thrown;
        }
    }

    /** Throws whatever it is. */
    @SuppressWarnings("unchecked")
    static <T extends Throwable> T unchecked(Throwable thrown) throws T {
        throw (T) thrown;
    }
}
