// SPDX-License-Identifier: Apache-2.0
package dev.corral.cli;

/**
 * A document that was read and found to be JSON.
 *
 * @param input where it came from
 * @param bytes its contents; compared by identity like the record itself
 */
record Document(Input input, byte[] bytes) {
}
