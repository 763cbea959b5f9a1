/* SPDX-License-Identifier: Apache-2.0
 * object_layout_check.c - the compile-time proof that Java's copy of the layout of pools of objects is C's. Only
 * asserts; see layout_check.c.
 * Layer: jni. May include: every layer. */
#include "dev_corral_internal_ObjectLayout.h"
#include "object_pool_parts.h"

#define SAME(value, constant)                                                               \
    static_assert((int64_t)(value) == (int64_t)dev_corral_internal_ObjectLayout_##constant, \
                  "ObjectLayout." #constant " differs from C")
#define SAME_OFFSET(field, constant) SAME(offsetof(ObjectPool, field), constant)

SAME_OFFSET(head.id, ID);
SAME_OFFSET(window.states, STATES);
SAME_OFFSET(window.first, FIRST);
SAME_OFFSET(window.count, COUNT);
SAME_OFFSET(window.quick, QUICK);
SAME_OFFSET(window.shift, SHIFT);
SAME_OFFSET(window.inverse, INVERSE);
SAME_OFFSET(window.acquired, ACQUISITIONS);
SAME_OFFSET(window.at_peak, AT_PEAK);
SAME_OFFSET(window.peak, PEAK);
SAME_OFFSET(window.ref, REF);
SAME_OFFSET(window.key, KEY);
SAME_OFFSET(size, OBJECT_SIZE);
SAME_OFFSET(open, OPEN);
SAME(offsetof(ObjectPool, open) + sizeof(uint32_t), MAPPED);
SAME(OBJECT_STATE_FREE, FREE);
SAME(OBJECT_STATE_LIVE, ACQUIRED);
