// SPDX-License-Identifier: Apache-2.0
package dev.corral.vectors;

/** A vector is wrong, or what it says does not hold. */
final class VectorFailure extends AssertionError {
    private static final long serialVersionUID = 1L;

    VectorFailure(String message) {
        super(message);
    }

    VectorFailure(String message, Throwable cause) {
        super(message, cause);
    }
}
