/* SPDX-License-Identifier: Apache-2.0
 * arena_retry.h - what `--oom` does around the calls that a test makes of an arena; see retry.h.
 * Layer: test support. May include: arena.h, arena_parts.h. Included by arena_fixture.h. */
#ifndef CORRAL_TEST_SUPPORT_ARENA_RETRY_H
#define CORRAL_TEST_SUPPORT_ARENA_RETRY_H

#include <string.h>

#include "arena/arena_parts.h"
#include "corral/arena.h"
#include "support/retry.h"

typedef struct ArenaAttempt {
    Attempt pool;
    ArenaControl control;
} ArenaAttempt;

/* NULL for what is no arena: tests pass such things, too. */
static inline Pool *pool_under(const Arena *arena) {
    return arena_last_status(arena) != CORRAL_INVALID_ARENA ? arena->pool : NULL;
}

static inline Arena *arena_of(const ArenaString *string) {
    return string != NULL ? string->arena : NULL;
}

static inline ArenaAttempt arena_attempt(const Arena *arena) {
    ArenaAttempt before = {.pool = {.injected = fake_pages_injected_here()}};
    Pool *pool = fake_pages_injecting() ? pool_under(arena) : NULL;
    if (pool != NULL) {
        before.pool = attempt(pool);
        before.control = arena->control;
    }
    return before;
}

/* As is_to_repeat(); the arena has not changed but for its status, which becomes what it was. */
static inline bool is_to_repeat_in(const ArenaAttempt *before, Arena *arena) {
    if (arena == NULL || !is_to_repeat(&before->pool, pool_under(arena))) {
        return false;
    }
    CHECK_STATUS(arena->control.status, CORRAL_NO_MEMORY);
    arena->control.status = before->control.status;
    CHECK_EQ_I64(memcmp(&arena->control, &before->control, sizeof before->control), 0);
    CHECK_STATUS(arena_check(arena), CORRAL_OK);
    return true;
}

#define REPEATING_IN(type, name, failed, arena, parameters, arguments) \
    static inline type repeat_##name parameters {                      \
        ArenaAttempt before = arena_attempt(arena);                    \
        type result = name arguments;                                  \
        if ((failed) && is_to_repeat_in(&before, arena)) {             \
            result = name arguments;                                   \
        }                                                              \
        return result;                                                 \
    }

REPEATING(Arena *, arena_create, result == NULL, pool, (Pool * pool, size_t initial_size, size_t maximum_size),
          (pool, initial_size, maximum_size))
REPEATING(Arena *, arena_create_default, result == NULL, pool, (Pool * pool), (pool))
REPEATING(Arena *, arena_create_fixed, result == NULL, pool, (Pool * pool, size_t size), (pool, size))
REPEATING(Arena *, arena_create_with, result == NULL, pool, (Pool * pool, const ArenaConfig *config), (pool, config))
REPEATING_IN(Arena *, arena_create_child, result == NULL, parent, (Arena * parent, size_t limit), (parent, limit))
REPEATING_IN(void *, arena_alloc, result == NULL, arena, (Arena * arena, size_t size), (arena, size))
REPEATING_IN(void *, arena_alloc_slow, result == NULL, arena, (Arena * arena, size_t size), (arena, size))
REPEATING_IN(void *, arena_alloc_aligned, result == NULL, arena, (Arena * arena, size_t size, size_t alignment),
             (arena, size, alignment))
REPEATING_IN(void *, arena_calloc, result == NULL, arena, (Arena * arena, size_t count, size_t size),
             (arena, count, size))
REPEATING_IN(ArenaRef, arena_alloc_ref, result == 0, arena, (Arena * arena, size_t size, size_t alignment),
             (arena, size, alignment))
REPEATING_IN(void *, arena_realloc, result == NULL, arena,
             (Arena * arena, void *block, size_t old_size, size_t new_size), (arena, block, old_size, new_size))
REPEATING_IN(ArenaMark, arena_mark, result.arena == NULL, arena, (Arena * arena), (arena))
REPEATING_IN(ArenaMark, arena_open_scope, result.arena == NULL, arena, (Arena * arena), (arena))
REPEATING_IN(CorralStatus, arena_on_release, result == CORRAL_NO_MEMORY, arena,
             (Arena * arena, ArenaReleaseFunction *function, void *context), (arena, function, context))
REPEATING_IN(char *, arena_strdup, result == NULL, arena, (Arena * arena, const char *text), (arena, text))
REPEATING_IN(char *, arena_strndup, result == NULL, arena, (Arena * arena, const char *text, size_t length),
             (arena, text, length))
REPEATING_IN(CorralStatus, arena_string_append, result == CORRAL_NO_MEMORY, arena_of(string),
             (ArenaString * string, const char *text), (string, text))
REPEATING_IN(CorralStatus, arena_string_append_bytes, result == CORRAL_NO_MEMORY, arena_of(string),
             (ArenaString * string, const void *bytes, size_t size), (string, bytes, size))
REPEATING_IN(char *, arena_string_finish, result == NULL, arena_of(string), (ArenaString * string, size_t *length),
             (string, length))

/* Each attempt reads the arguments from the start. */
static inline char *repeat_arena_vsprintf(Arena *arena, const char *format, va_list arguments) {
    ArenaAttempt before = arena_attempt(arena);
    va_list again;
    va_copy(again, arguments);
    char *result = arena_vsprintf(arena, format, arguments);
    if (result == NULL && is_to_repeat_in(&before, arena)) {
        result = arena_vsprintf(arena, format, again);
    }
    va_end(again);
    return result;
}

ARENA_PRINTF(2, 3) static inline char *repeat_arena_sprintf(Arena *arena, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    char *result = repeat_arena_vsprintf(arena, format, arguments);
    va_end(arguments);
    return result;
}

static inline CorralStatus repeat_arena_string_append_vformat(ArenaString *string, const char *format,
                                                              va_list arguments) {
    ArenaAttempt before = arena_attempt(arena_of(string));
    va_list again;
    va_copy(again, arguments);
    CorralStatus result = arena_string_append_vformat(string, format, arguments);
    if (result == CORRAL_NO_MEMORY && is_to_repeat_in(&before, arena_of(string))) {
        result = arena_string_append_vformat(string, format, again);
    }
    va_end(again);
    return result;
}

ARENA_PRINTF(2, 3)
static inline CorralStatus repeat_arena_string_append_format(ArenaString *string, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    CorralStatus result = repeat_arena_string_append_vformat(string, format, arguments);
    va_end(arguments);
    return result;
}

#define arena_create repeat_arena_create
#define arena_create_default repeat_arena_create_default
#define arena_create_fixed repeat_arena_create_fixed
#define arena_create_with repeat_arena_create_with
#define arena_create_child repeat_arena_create_child
#define arena_alloc repeat_arena_alloc
#define arena_alloc_slow repeat_arena_alloc_slow
#define arena_alloc_aligned repeat_arena_alloc_aligned
#define arena_calloc repeat_arena_calloc
#define arena_alloc_ref repeat_arena_alloc_ref
#define arena_realloc repeat_arena_realloc
#define arena_mark repeat_arena_mark
#define arena_open_scope repeat_arena_open_scope
#define arena_on_release repeat_arena_on_release
#define arena_strdup repeat_arena_strdup
#define arena_strndup repeat_arena_strndup
#define arena_sprintf repeat_arena_sprintf
#define arena_vsprintf repeat_arena_vsprintf
#define arena_string_append repeat_arena_string_append
#define arena_string_append_bytes repeat_arena_string_append_bytes
#define arena_string_append_format repeat_arena_string_append_format
#define arena_string_append_vformat repeat_arena_string_append_vformat
#define arena_string_finish repeat_arena_string_finish

#endif
