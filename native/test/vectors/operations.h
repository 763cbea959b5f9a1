/* SPDX-License-Identifier: Apache-2.0
 * operations.h - what the grammar's verbs do, by file; the table of their names is in table.c. Layer: test. */
#ifndef CORRAL_TEST_VECTORS_OPERATIONS_H
#define CORRAL_TEST_VECTORS_OPERATIONS_H

#include "vectors/run.h"

/* op_life.c */
Operation op_pool, op_arena, op_child, op_destroy, op_reset, op_clear, op_trim;
/* op_alloc.c */
Operation op_alloc, op_calloc, op_alloc_ref, op_realloc, op_free, op_usable;
/* op_marks.c */
Operation op_mark, op_rewind, op_open_scope, op_close_scope;
/* op_observe.c */
Operation op_observed;
/* op_release.c */
Operation op_on_release, op_released;
/* op_resize.c */
Operation op_realloc_in_arena, op_shrink_last;
/* op_string.c */
Operation op_string, op_append, op_append_format, op_finish, op_discard;
/* op_text.c */
Operation op_strdup, op_strndup, op_sprintf, op_fill, op_holds;
/* op_refs.c */
Operation op_ref, op_resolve, op_put, op_get;
/* op_stats.c */
Operation op_expect, op_measure, op_chunk, op_check, op_status, op_print;
/* op_mapped.c */
Operation op_seal, op_open_file, op_close_file, op_read_file, op_file, op_check_file, op_cut, op_flip;
/* op_lifetimes.c */
Operation op_lifetimes, op_alloc_as, op_kind, op_alloc_kind, op_decide, op_context, op_intern, op_free_from,
    op_end_unit, op_lived, op_kind_lived, op_lived_report, op_destroy_lifetimes;
/* op_recycler.c */
Operation op_recycler, op_borrow, op_return, op_recycled, op_trim_recycler, op_destroy_recycler;
/* op_debug.c */
Operation op_scribble, op_report, op_lists;
/* op_slots.c */
Operation op_slots, op_end_slots, op_region, op_end_region, op_slot_put, op_slot_set, op_slot_get, op_slot_remove,
    op_slot_next, op_slot_expect;

/* op_objects.c */
Operation op_objects, op_end_objects, op_clear_objects, op_trim_objects, op_acquire, op_release, op_is_live,
    op_next_object, op_put_object, op_get_object, op_expect_objects, op_check_objects;
/* op_stack.c */
Operation op_stack, op_end_stack, op_push, op_stack_alloc, op_pop, op_expect_stack;

/* Each quoted argument stands in the text (op_debug.c). */
void words_stand_in(Run *run, Line *line, const char *text);

/* True when the next argument names a pool. */
bool targets_pool(Run *run, Line *line);

/* Says why an arena brought no block. */
void set_arena_status(Outcome *outcome, bool succeeded);

/* Says why a pool brought no block of `size` bytes from a function that returns only NULL. */
void set_pool_status(Run *run, Outcome *outcome, size_t size);

#endif
