/* SPDX-License-Identifier: Apache-2.0
 * arena_check_test.c - arena_check() finds each invariant of arena_parts.h that is broken; and status names. */
#include "arena/arena_parts.h"
#include "support/arena_fixture.h"
#include "support/test.h"

/* --- an arena with something of everything ------------------------------------------------------------------------ */

/* Chunks: 0 was left, 1 is free and was passed by the rover, 2 serves aside, 3 is current, 4 is free and large, 5 to 9
 *         are
 * free; ten descriptors need a table of their own. Three marks: before the first block, in chunk 0, in chunk 3. The
 * list of entered chunks is 0, 2, 3. */
static Arena *with_all_kinds_of_chunks(ArenaFixture *f, bool poison) {
    static const size_t sizes[] = {1 * KIB, 1 * KIB, 4 * KIB, 2 * KIB, 4 * KIB,
                                   1 * KIB, 1 * KIB, 1 * KIB, 1 * KIB, 1 * KIB};
    ArenaConfig config = arena_config_default();
    config.initial_size = config.maximum_size = 1 * KIB;
    config.poison = poison;
    Arena *arena = arena_fixture_with(f, &config);
    for (size_t i = 0; i < 10; i++) {
        CHECK_SPOT(arena, arena_alloc(arena, sizes[i]), i, 0);
    }
    CHECK_STATUS(arena_reset(arena), CORRAL_OK);
    CHECK_TRUE(arena_mark(arena).arena != NULL);
    CHECK_SPOT(arena, arena_alloc(arena, 512), 0, 0);
    CHECK_TRUE(arena_mark(arena).arena != NULL);
    CHECK_SPOT(arena, arena_alloc(arena, 4 * KIB - 16), 2, 0);
    CHECK_SPOT(arena, arena_alloc(arena, 1 * KIB + 16), 3, 0);
    CHECK_SPOT(arena, arena_alloc(arena, 16), 3, 1 * KIB + 16);
    CHECK_EQ_U64(arena->rover, 3);
    CHECK_TRUE(arena_mark(arena).arena != NULL);
    CHECK_SPOT(arena, arena_alloc(arena, 16), 3, 1 * KIB + 32);
    CHECK_TRUE(arena->chunks != arena->inline_chunks);
    return arena;
}

/* --- mutations ---------------------------------------------------------------------------------------------------- */

#define BREAK(name, statement)               \
    static void break_##name(Arena *arena) { \
        statement;                           \
    }                                        \
    static_assert(sizeof #name > 1, "a function of its own, so that the table below names what was broken")

BREAK(version, arena->control.version++);
BREAK(alignment_of_1, arena->control.align_mask = 0);
BREAK(alignment_of_32, arena->control.align_mask = 31);
BREAK(alignment_mask_without_low_bits, arena->control.align_mask = 8);
BREAK(generation_0, arena->control.generation = 0);
BREAK(generation_above_the_largest, arena->control.generation = ARENA_GENERATION_MAX + 1);
BREAK(generation_that_ref_bias_does_not_know, arena->control.generation++);
BREAK(ref_bias, arena->control.ref_bias++);
BREAK(cursor_below_base, arena->control.cursor = arena->control.base - 16);
BREAK(cursor_past_the_end, arena->control.cursor = arena->window_end + 16);
BREAK(cursor_off_alignment, arena->control.cursor += 8);
BREAK(limit_below_the_end, arena->control.limit -= 16);
BREAK(limit_past_the_end, arena->control.limit += 16);
BREAK(inline_limit_that_is_the_limit, arena->control.inline_limit--);
BREAK(inline_limit_past_the_end, arena->control.inline_limit += 16);
BREAK(inline_limit_of_alignment_8, arena->control.inline_limit = 0);
BREAK(base, arena->control.base += 64);
BREAK(chunk_that_is_another, arena->control.chunk = 0);
BREAK(chunk_that_does_not_exist, arena->control.chunk = arena->chunk_count);
BREAK(window_end_below_the_chunk_end, arena->window_end -= 16);
BREAK(window_end_past_the_chunk_end, arena->window_end += 16);
BREAK(current_chunk_that_is_free, arena->chunks[3].position = UINT32_MAX);
BREAK(base_of_the_current_chunk, arena->chunks[3].base += 64);
BREAK(chunk_base_off_alignment, arena->chunks[6].base += 16);
BREAK(capacity_of_0, (arena->allocated -= arena->chunks[6].capacity, arena->chunks[6].capacity = 0));
BREAK(capacity_above_the_limit,
      (arena->chunks[6].capacity = (uint32_t)ARENA_SIZE_LIMIT + 16, arena->allocated += ARENA_SIZE_LIMIT + 16 - KIB,
       arena->peak_allocated = arena->allocated));
BREAK(capacity_that_is_not_counted, arena->chunks[6].capacity += 16);
BREAK(used_above_the_capacity, (arena->chunks[0].used += 2048, arena->used_elsewhere += 2048));
BREAK(used_that_is_not_counted, arena->chunks[2].used -= 16);
BREAK(used_elsewhere_too_large, arena->used_elsewhere += 16);
BREAK(used_elsewhere_too_small, arena->used_elsewhere -= 16);
BREAK(used_chunk_that_is_free, arena->chunks[2].position = UINT32_MAX);
BREAK(allocated_too_large, (arena->allocated += 16, arena->peak_allocated += 16));
BREAK(allocated_too_small, arena->allocated -= 16);
BREAK(peak_allocated_below_allocated, arena->peak_allocated = arena->allocated - 1);
BREAK(chunk_count_above_the_room, arena->chunk_count = arena->chunk_room + 1);
BREAK(chunk_count_too_small, arena->chunk_count--);
BREAK(no_chunks, arena->chunk_count = 0);
BREAK(chunk_room_too_small, arena->chunk_room = arena->chunk_count - 1);
BREAK(first_free_past_a_free_chunk, arena->first_free = 2);
BREAK(rover_past_a_chunk_that_fits, arena->rover = 5);
BREAK(rover_size_too_small, arena->rover_size = 1 * KIB);
BREAK(target_below_the_initial_size, arena->target = arena->initial_size - 16);
BREAK(target_above_the_maximum_size, arena->target = arena->maximum_size + 16);
BREAK(window_open_although_poisoning, arena->closed = true);
BREAK(no_entered_chunks, arena->entered = 0);
BREAK(entered_too_small, arena->entered--);
BREAK(entered_too_large, arena->entered++);
BREAK(entered_above_the_chunk_count, arena->entered = arena->chunk_count + 1);
BREAK(order_that_names_a_free_chunk, arena->chunks[1].order = 4);
BREAK(order_that_names_a_chunk_twice, arena->chunks[1].order = 3);
BREAK(order_that_names_no_chunk, arena->chunks[1].order = arena->chunk_count & 0xFF);
BREAK(order_that_is_swapped, (arena->chunks[1].order = 3, arena->chunks[2].order = 2));
BREAK(position_of_another_chunk, arena->chunks[2].position = 2);
BREAK(first_free_chunk_that_is_entered, (arena->chunks[1].position = 2, arena->chunks[2].order = 1));
BREAK(mark_count_above_the_room, arena->mark_count = arena->mark_room + 1);
BREAK(mark_count_beyond_the_stack, arena->mark_count = UINT32_MAX);
BREAK(mark_room_without_marks, arena->marks = NULL);
BREAK(marks_without_room, (arena->mark_room = 0, arena->mark_count = 0));
BREAK(next_mark_that_was_taken, arena->next_mark--);
BREAK(tied_to_nothing, arena->tied = 1);
BREAK(mark_id_of_another_depth, arena->marks[1].id++);
BREAK(mark_id_of_0, arena->marks[0].id = 0);
BREAK(mark_ids_out_of_order, arena->marks[1].id += (uint64_t)1 << ARENA_MARK_DEPTH_BITS);
BREAK(mark_id_not_given_yet, arena->marks[2].id += (uint64_t)1 << ARENA_MARK_DEPTH_BITS);
BREAK(mark_of_nothing_entered, arena->marks[0].entered = 0);
BREAK(mark_entered_too_large, arena->marks[2].entered++);
BREAK(mark_entered_out_of_order, arena->marks[0].entered = 2);
BREAK(mark_entered_without_its_chunk, arena->marks[2].entered--);
BREAK(mark_in_no_chunk, arena->marks[1].chunk = arena->chunk_count);
BREAK(mark_in_a_free_chunk, arena->marks[2].chunk = 1);
BREAK(mark_in_a_chunk_entered_later, arena->marks[1].chunk = 3);
BREAK(mark_offset_past_what_is_used, arena->marks[2].offset += 32);
BREAK(mark_offset_past_the_chunk, arena->marks[1].offset = 1 * KIB + 16);
BREAK(mark_count_of_allocations_too_large, arena->marks[2].count += 2);
BREAK(mark_counts_out_of_order, arena->marks[0].count = 2);
BREAK(mark_used_elsewhere_too_large, arena->marks[2].used_elsewhere += 16);
BREAK(mark_used_elsewhere_out_of_order, arena->marks[0].used_elsewhere = arena->marks[2].used_elsewhere);
BREAK(mark_first_free_too_large, arena->marks[2].first_free++);
BREAK(mark_first_free_out_of_order, arena->marks[0].first_free++);
BREAK(holes_that_are_not_there, arena->holes++);
BREAK(hole_that_is_not_counted, (arena->allocated -= arena->chunks[6].capacity, arena->chunks[6].capacity = 0,
                                 arena->chunks[6].base = 0, arena->squeeze_from = 6));
BREAK(hole_before_squeeze_from, (arena->allocated -= arena->chunks[6].capacity, arena->chunks[6].capacity = 0,
                                 arena->chunks[6].base = 0, arena->holes = 1));
BREAK(fell_back_too_large, arena->fell_back += 16);
BREAK(fallen_back_chunk_before_squeeze_from,
      (arena->chunks[6].fell_back = 1, arena->fell_back = arena->chunks[6].capacity));
BREAK(fallen_back_chunk_not_counted, (arena->chunks[6].fell_back = 1, arena->squeeze_from = 0));
BREAK(last_entered_too_small, arena->last_entered = 2);
BREAK(limiter_without_limit, arena->limiter = arena);
BREAK(limit_without_limiter, (arena->limit = arena->charged = arena->allocated));
BREAK(charged_too_little, (arena->limit = arena->allocated, arena->limiter = arena));
BREAK(charged_above_the_limit,
      (arena->charged = arena->allocated, arena->limit = arena->charged - 1, arena->limiter = arena));
BREAK(child_of_another, arena->newest_child = arena);
BREAK(older_sibling_without_parent, arena->older = arena);
BREAK(newer_sibling_without_parent, arena->newer = arena);

typedef struct Mutation {
    const char *name;
    void (*apply)(Arena *arena);
} Mutation;

#define MUTATION(name) \
    { #name, break_##name }

static const Mutation mutations[] = {
    MUTATION(version),
    MUTATION(alignment_of_1),
    MUTATION(alignment_of_32),
    MUTATION(alignment_mask_without_low_bits),
    MUTATION(generation_0),
    MUTATION(generation_above_the_largest),
    MUTATION(generation_that_ref_bias_does_not_know),
    MUTATION(ref_bias),
    MUTATION(cursor_below_base),
    MUTATION(cursor_past_the_end),
    MUTATION(cursor_off_alignment),
    MUTATION(limit_below_the_end),
    MUTATION(limit_past_the_end),
    MUTATION(inline_limit_that_is_the_limit),
    MUTATION(inline_limit_past_the_end),
    MUTATION(inline_limit_of_alignment_8),
    MUTATION(base),
    MUTATION(chunk_that_is_another),
    MUTATION(chunk_that_does_not_exist),
    MUTATION(window_end_below_the_chunk_end),
    MUTATION(window_end_past_the_chunk_end),
    MUTATION(current_chunk_that_is_free),
    MUTATION(base_of_the_current_chunk),
    MUTATION(chunk_base_off_alignment),
    MUTATION(capacity_of_0),
    MUTATION(capacity_above_the_limit),
    MUTATION(capacity_that_is_not_counted),
    MUTATION(used_above_the_capacity),
    MUTATION(used_that_is_not_counted),
    MUTATION(used_elsewhere_too_large),
    MUTATION(used_elsewhere_too_small),
    MUTATION(used_chunk_that_is_free),
    MUTATION(allocated_too_large),
    MUTATION(allocated_too_small),
    MUTATION(peak_allocated_below_allocated),
    MUTATION(chunk_count_above_the_room),
    MUTATION(chunk_count_too_small),
    MUTATION(no_chunks),
    MUTATION(chunk_room_too_small),
    MUTATION(first_free_past_a_free_chunk),
    MUTATION(rover_past_a_chunk_that_fits),
    MUTATION(rover_size_too_small),
    MUTATION(target_below_the_initial_size),
    MUTATION(target_above_the_maximum_size),
    MUTATION(window_open_although_poisoning),
    MUTATION(no_entered_chunks),
    MUTATION(entered_too_small),
    MUTATION(entered_too_large),
    MUTATION(entered_above_the_chunk_count),
    MUTATION(order_that_names_a_free_chunk),
    MUTATION(order_that_names_a_chunk_twice),
    MUTATION(order_that_names_no_chunk),
    MUTATION(order_that_is_swapped),
    MUTATION(position_of_another_chunk),
    MUTATION(first_free_chunk_that_is_entered),
    MUTATION(mark_count_above_the_room),
    MUTATION(mark_count_beyond_the_stack),
    MUTATION(tied_to_nothing),
    MUTATION(mark_room_without_marks),
    MUTATION(marks_without_room),
    MUTATION(next_mark_that_was_taken),
    MUTATION(mark_id_of_another_depth),
    MUTATION(mark_id_of_0),
    MUTATION(mark_ids_out_of_order),
    MUTATION(mark_id_not_given_yet),
    MUTATION(mark_of_nothing_entered),
    MUTATION(mark_entered_too_large),
    MUTATION(mark_entered_out_of_order),
    MUTATION(mark_entered_without_its_chunk),
    MUTATION(mark_in_no_chunk),
    MUTATION(mark_in_a_free_chunk),
    MUTATION(mark_in_a_chunk_entered_later),
    MUTATION(mark_offset_past_what_is_used),
    MUTATION(mark_offset_past_the_chunk),
    MUTATION(mark_count_of_allocations_too_large),
    MUTATION(mark_counts_out_of_order),
    MUTATION(mark_used_elsewhere_too_large),
    MUTATION(mark_used_elsewhere_out_of_order),
    MUTATION(mark_first_free_too_large),
    MUTATION(mark_first_free_out_of_order),
    MUTATION(holes_that_are_not_there),
    MUTATION(hole_that_is_not_counted),
    MUTATION(hole_before_squeeze_from),
    MUTATION(fell_back_too_large),
    MUTATION(fallen_back_chunk_before_squeeze_from),
    MUTATION(fallen_back_chunk_not_counted),
    MUTATION(last_entered_too_small),
    MUTATION(limiter_without_limit),
    MUTATION(limit_without_limiter),
    MUTATION(charged_too_little),
    MUTATION(charged_above_the_limit),
    MUTATION(child_of_another),
    MUTATION(older_sibling_without_parent),
    MUTATION(newer_sibling_without_parent),
};

/* Breaks the arena, asks, and repairs it. */
static void check_mutation(Arena *arena, const Mutation *mutation) {
    Arena saved;
    ArenaChunk chunks[32];
    MarkEntry marks[3];
    size_t bytes = arena->chunk_count * sizeof(ArenaChunk);
    REQUIRE_TRUE(bytes <= sizeof chunks);
    memcpy(&saved, arena, sizeof saved);
    memcpy(chunks, arena->chunks, bytes);
    REQUIRE_TRUE(arena->mark_count == 3);
    memcpy(marks, arena->marks, sizeof marks);
    mutation->apply(arena);
    CorralStatus status = arena_check(arena);
    memcpy(arena, &saved, sizeof saved);
    memcpy(arena->chunks, chunks, bytes);
    memcpy(arena->marks, marks, sizeof marks);
    if (status != CORRAL_CORRUPTED) {
        test_fail(__FILE__, __LINE__, "%s: expected CORRUPTED, actual %s", mutation->name, arena_status_name(status));
    }
    CHECK_STATUS(arena_check(arena), CORRAL_OK);
}

static void test_check_finds_every_broken_invariant(void) {
    ArenaFixture f;
    Arena *arena = with_all_kinds_of_chunks(&f, false);
    for (size_t i = 0; i < sizeof mutations / sizeof mutations[0]; i++) {
        check_mutation(arena, &mutations[i]);
    }
    arena_fixture_close(&f);
}

static void open_window(Arena *arena) {
    arena->control.limit = arena->window_end;
}

static void forget_poison(Arena *arena) {
    arena->closed = false;
}

static void test_check_finds_an_open_window_of_a_poisoning_arena(void) {
    static const Mutation open = {"open window", open_window};
    static const Mutation forgotten = {"poison forgotten", forget_poison};
    ArenaFixture f;
    Arena *arena = with_all_kinds_of_chunks(&f, true);
    check_mutation(arena, &open);
    check_mutation(arena, &forgotten);
    arena_fixture_close(&f);
}

static void test_check_of_a_damaged_marker(void) {
    ArenaFixture f;
    Arena *arena = arena_fixture_default(&f);
    arena->control.magic ^= 1;
    CHECK_STATUS(arena_check(arena), CORRAL_INVALID_ARENA);
    CHECK_STATUS(arena_reset(arena), CORRAL_INVALID_ARENA);
    arena->control.magic ^= 1;
    arena_fixture_close(&f);
}

/* --- names -------------------------------------------------------------------------------------------------------- */

typedef struct NamedStatus {
    CorralStatus status;
    int number; /* stable: Java and stored logs know it */
    const char *name;
} NamedStatus;

static const NamedStatus statuses[] = {
    {CORRAL_OK, 0, "OK"},
    {CORRAL_INVALID_ARGUMENT, 10, "INVALID_ARGUMENT"},
    {CORRAL_BAD_ALIGNMENT, 11, "BAD_ALIGNMENT"},
    {CORRAL_SIZE_LIMIT, 12, "SIZE_LIMIT"},
    {CORRAL_NO_MEMORY, 20, "NO_MEMORY"},
    {CORRAL_LIMIT_REACHED, 21, "LIMIT_REACHED"},
    {CORRAL_ARENA_FULL, 22, "ARENA_FULL"},
    {CORRAL_CHUNK_LIMIT, 23, "CHUNK_LIMIT"},
    {CORRAL_NOT_SUPPORTED, 24, "NOT_SUPPORTED"},
    {CORRAL_FILE_REFUSED, 25, "FILE_REFUSED"},
    {CORRAL_FILE_FOREIGN, 26, "FILE_FOREIGN"},
    {CORRAL_FILE_NEWER, 27, "FILE_NEWER"},
    {CORRAL_STACK_FULL, 28, "STACK_FULL"},
    {CORRAL_INVALID_ARENA, 30, "INVALID_ARENA"},
    {CORRAL_INVALID_POOL, 31, "INVALID_POOL"},
    {CORRAL_STALE_REF, 32, "STALE_REF"},
    {CORRAL_FOREIGN_POINTER, 33, "FOREIGN_POINTER"},
    {CORRAL_DOUBLE_FREE, 34, "DOUBLE_FREE"},
    {CORRAL_STALE_MARK, 35, "STALE_MARK"},
    {CORRAL_RELEASING, 36, "RELEASING"},
    {CORRAL_STALE_STRING, 37, "STALE_STRING"},
    {CORRAL_OBSERVING, 38, "OBSERVING"},
    {CORRAL_STALE_HANDLE, 39, "STALE_HANDLE"},
    {CORRAL_CORRUPTED, 40, "CORRUPTED"},
    {CORRAL_DAMAGED, 41, "DAMAGED"},
    {CORRAL_FILE_DAMAGED, 42, "FILE_DAMAGED"},
    {CORRAL_NOT_TOP, 50, "NOT_TOP"},
};

static const NamedStatus *status_numbered(int number) {
    for (size_t i = 0; i < sizeof statuses / sizeof statuses[0]; i++) {
        if (statuses[i].number == number) {
            return &statuses[i];
        }
    }
    return NULL;
}

static void test_every_status_has_its_name(void) {
    for (size_t i = 0; i < sizeof statuses / sizeof statuses[0]; i++) {
        CHECK_EQ_I64(statuses[i].status, statuses[i].number);
    }
    for (int number = 0; number < 64; number++) {
        const NamedStatus *named = status_numbered(number);
        CHECK_STR(arena_status_name((CorralStatus)number), named != NULL ? named->name : "UNKNOWN");
    }
}

TEST_MAIN(TEST_CASE(test_check_finds_every_broken_invariant),
          TEST_CASE(test_check_finds_an_open_window_of_a_poisoning_arena), TEST_CASE(test_check_of_a_damaged_marker),
          TEST_CASE(test_every_status_has_its_name))
