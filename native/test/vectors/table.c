/* SPDX-License-Identifier: Apache-2.0
 * table.c - the verbs of the grammar. */
#include <string.h>

#include "vectors/operations.h"

/* One verb a line, however many there are. */
/* clang-format off */
static const struct {
    const char *verb;
    Operation *operation;
} table[] = {
    {"acquire", op_acquire},
    {"alloc", op_alloc},
    {"alloc_as", op_alloc_as},
    {"alloc_kind", op_alloc_kind},
    {"alloc_ref", op_alloc_ref},
    {"append", op_append},
    {"append_format", op_append_format},
    {"arena", op_arena},
    {"borrow", op_borrow},
    {"calloc", op_calloc},
    {"check", op_check},
    {"check_objects", op_check_objects},
    {"child", op_child},
    {"chunk", op_chunk},
    {"clear", op_clear},
    {"clear_objects", op_clear_objects},
    {"close_file", op_close_file},
    {"close_scope", op_close_scope},
    {"context", op_context},
    {"cut", op_cut},
    {"decide", op_decide},
    {"destroy", op_destroy},
    {"destroy_lifetimes", op_destroy_lifetimes},
    {"destroy_recycler", op_destroy_recycler},
    {"discard", op_discard},
    {"end_objects", op_end_objects},
    {"end_region", op_end_region},
    {"end_slots", op_end_slots},
    {"end_stack", op_end_stack},
    {"end_unit", op_end_unit},
    {"expect", op_expect},
    {"expect_objects", op_expect_objects},
    {"expect_stack", op_expect_stack},
    {"file", op_file},
    {"fill", op_fill},
    {"finish", op_finish},
    {"flip", op_flip},
    {"free", op_free},
    {"free_from", op_free_from},
    {"get", op_get},
    {"get_object", op_get_object},
    {"holds", op_holds},
    {"intern", op_intern},
    {"is_live", op_is_live},
    {"kind", op_kind},
    {"lifetimes", op_lifetimes},
    {"lists", op_lists},
    {"lived", op_lived},
    {"mark", op_mark},
    {"measure", op_measure},
    {"next_object", op_next_object},
    {"objects", op_objects},
    {"observed", op_observed},
    {"on_release", op_on_release},
    {"open_file", op_open_file},
    {"open_scope", op_open_scope},
    {"pool", op_pool},
    {"pop", op_pop},
    {"print", op_print},
    {"push", op_push},
    {"put", op_put},
    {"put_object", op_put_object},
    {"read_file", op_read_file},
    {"realloc", op_realloc},
    {"recycled", op_recycled},
    {"recycler", op_recycler},
    {"ref", op_ref},
    {"region", op_region},
    {"release", op_release},
    {"released", op_released},
    {"report", op_report},
    {"reset", op_reset},
    {"resolve", op_resolve},
    {"return", op_return},
    {"rewind", op_rewind},
    {"scribble", op_scribble},
    {"seal", op_seal},
    {"shrink_last", op_shrink_last},
    {"slot_expect", op_slot_expect},
    {"slot_get", op_slot_get},
    {"slot_next", op_slot_next},
    {"slot_put", op_slot_put},
    {"slot_remove", op_slot_remove},
    {"slot_set", op_slot_set},
    {"slots", op_slots},
    {"sprintf", op_sprintf},
    {"stack", op_stack},
    {"stack_alloc", op_stack_alloc},
    {"status", op_status},
    {"strdup", op_strdup},
    {"string", op_string},
    {"strndup", op_strndup},
    {"trim", op_trim},
    {"trim_objects", op_trim_objects},
    {"trim_recycler", op_trim_recycler},
    {"usable", op_usable},
};
/* clang-format on */

Operation *operation_find(const char *verb) {
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        if (strcmp(table[i].verb, verb) == 0) {
            return table[i].operation;
        }
    }
    return NULL;
}
