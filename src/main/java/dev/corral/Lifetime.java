// SPDX-License-Identifier: Apache-2.0
package dev.corral;

/** How long an object lives: see {@link Lifetimes}. */
public enum Lifetime {
    /** Until the end: constants, names, templates. */
    PROCESS,
    /** Until the end of the present unit of work: temporaries. */
    UNIT,
    /** Until it is freed, whenever that is. */
    UNKNOWN
}
