/* SPDX-License-Identifier: Apache-2.0
 * check.h - assertions in tiers. Layer: base. May include: nothing.
 * A failed check is a bug of this library, never a caller's mistake: those get a status.
 *   CHECK            cheap; on in every build without NDEBUG
 *   CHECK_EXPENSIVE    walks a structure; on only where CORRAL_EXPENSIVE_CHECKS is 1 (the dev and sanitizer presets) */
#ifndef CORRAL_BASE_CHECK_H
#define CORRAL_BASE_CHECK_H

#include <assert.h>

#ifndef CORRAL_EXPENSIVE_CHECKS
#define CORRAL_EXPENSIVE_CHECKS 0
#endif

#define CHECK(condition) assert(condition)

#if CORRAL_EXPENSIVE_CHECKS
#define CHECK_EXPENSIVE(condition) assert(condition)
#else
#define CHECK_EXPENSIVE(condition) ((void)(0 && (condition))) /* what only a check calls counts as used */
#endif

#endif
