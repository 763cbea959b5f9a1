// SPDX-License-Identifier: Apache-2.0
package dev.corral;

/**
 * A debug arena or pool has found bytes that belong to no block overwritten: a write past the end of a block or before
 * its start, or through a view or reference whose block had been taken back. The message is the report: the arena or
 * pool, the block, where it was allocated, the damaged offset and the bytes around it.
 *
 * <p>The operation that found it has completed: a reset has reset, a close has closed. Only a block that was being
 * allocated is lost to the caller; it is taken back with the others.
 */
public class MemoryDamageException extends IllegalStateException {
    private static final long serialVersionUID = 1L;

    /** Creates one with a report as its message. */
    public MemoryDamageException(String message) {
        super(message);
    }
}
