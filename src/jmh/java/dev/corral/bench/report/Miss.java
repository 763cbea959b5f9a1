// SPDX-License-Identifier: Apache-2.0
package dev.corral.bench.report;

/**
 * A ratio that must hold and does not.
 *
 * @param target which
 * @param measured what was measured instead, in words
 * @param cause why
 */
record Miss(Target target, String measured, Cause cause) {
}
