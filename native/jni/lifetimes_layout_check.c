/* SPDX-License-Identifier: Apache-2.0
 * lifetimes_layout_check.c - the compile-time proof that Java's copy of the layout of a Lifetimes is C's. Only asserts;
 * see layout_check.c.
 * Layer: jni. May include: every layer. */
#include "dev_corral_internal_LifetimesLayout.h"
#include "structures/lifetimes_parts.h"

#define SAME(value, constant)                                                                  \
    static_assert((int64_t)(value) == (int64_t)dev_corral_internal_LifetimesLayout_##constant, \
                  "LifetimesLayout." #constant " differs from C")

#define SAME_OFFSET(field, constant) SAME(offsetof(Lifetimes, field), constant)

SAME_OFFSET(head.id, ID);
SAME_OFFSET(context, CONTEXT);
SAME_OFFSET(ended_units, ENDED_UNITS);
SAME_OFFSET(unknown, UNKNOWN);
SAME_OFFSET(freed, FREED);
SAME_OFFSET(units, UNITS);
SAME_OFFSET(last_unit, LAST_UNIT);
SAME_OFFSET(peak_unit, PEAK_UNIT);
SAME_OFFSET(strings.found, FOUND);
SAME_OFFSET(kinds, KINDS);
static_assert(offsetof(Lifetimes, kinds) + sizeof(LifetimeKind *) <= dev_corral_internal_LifetimesLayout_MAPPED &&
                  dev_corral_internal_LifetimesLayout_MAPPED <= STRUCTURE_HEAD_BYTES,
              "Java maps it");
SAME(sizeof(LifetimeKind), KIND_BYTES);
SAME(LIFETIMES_KINDS_MAX * sizeof(LifetimeKind), TABLE_BYTES);
SAME(offsetof(LifetimeKind, rule), RULE);
SAME(LIFETIME_RULE_BY_CONTEXT, RULE_BY_CONTEXT);
SAME(offsetof(LifetimeKind, count), COUNTS);
SAME(sizeof(LifetimeCount), COUNT_BYTES);
static_assert(offsetof(LifetimeCount, bytes) == sizeof(uint64_t), "after the number of allocations");
