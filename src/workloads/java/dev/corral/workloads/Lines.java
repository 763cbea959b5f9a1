// SPDX-License-Identifier: Apache-2.0
package dev.corral.workloads;

/** Cuts a file of {@link Sales} into fields, without an object for any of them. */
final class Lines {
    private static final int DECIMAL = 10;
    private final byte[] file;
    private int from;
    private int end;

    Lines(byte[] file) {
        this.file = file;
        end = -1;
    }

    boolean hasNext() {
        return end + 1 < file.length;
    }

    /** Goes to the next field, which ends at a comma or at the line's end. */
    void next() {
        from = end + 1;
        int at = from;
        while (file[at] != ',' && file[at] != '\n') {
            at++;
        }
        end = at;
    }

    byte[] file() {
        return file;
    }

    int from() {
        return from;
    }

    int length() {
        return end - from;
    }

    /** The field as a number; a decimal point is left out. */
    int digits() {
        int value = 0;
        for (int i = from; i < end; i++) {
            if (file[i] != '.') {
                value = DECIMAL * value + file[i] - '0';
            }
        }
        return value;
    }
}
