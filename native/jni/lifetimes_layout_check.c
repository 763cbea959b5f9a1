/* SPDX-License-Identifier: Apache-2.0
 * lifetimes_layout_check.c - the compile-time proof that Java's copy of the layout of a Lifetimes is C's. Only asserts;
 * see layout_check.c.
 * Layer: jni. May include: every layer. */
#include "dev_corral_internal_LifetimesLayout.h"
#include "structures/lifetimes_parts.h"

#define SAME(value, constant)                                                                  \
    static_assert((int64_t)(value) == (int64_t)dev_corral_internal_LifetimesLayout_##constant, \
                  "LifetimesLayout." #constant " differs from C")

SAME(offsetof(Lifetimes, head.id), ID);
SAME(offsetof(Lifetimes, strings.found), FOUND);
SAME(STRUCTURE_HEAD_BYTES / 4, MAPPED);
static_assert(offsetof(Lifetimes, strings.found) + sizeof(uint64_t) <= STRUCTURE_HEAD_BYTES / 4, "Java maps it");
