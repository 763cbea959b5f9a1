/* SPDX-License-Identifier: Apache-2.0
 * arena_family_test.c - arenas below arenas: who ends with whom, what counts against which limit, and what the parent
 * shows of it. */
#include <stdlib.h>

#include "arena/arena_parts.h"
#include "support/arena_fixture.h"
#include "support/test.h"

#define DEPTH ((size_t)100000)

static ArenaStats stats_of(const Arena *arena) {
    ArenaStats stats;
    CHECK_STATUS(arena_stats(arena, &stats), CORRAL_OK);
    CHECK_STATUS(arena_check(arena), CORRAL_OK);
    return stats;
}

static void check_below(const Arena *arena, size_t children, size_t allocated) {
    ArenaStats stats = stats_of(arena);
    CHECK_EQ_U64(stats.children, children);
    CHECK_EQ_U64(stats.children_allocated, allocated);
}

static void check_ended(Arena *arena) {
    CHECK_STATUS(arena_last_status(arena), CORRAL_INVALID_ARENA);
    CHECK_TRUE(arena_alloc(arena, 16) == NULL);
    CHECK_STATUS(arena_destroy(arena), CORRAL_INVALID_ARENA);
}

static size_t live_blocks(const ArenaFixture *fixture) {
    return (size_t)fixture_stats(&fixture->base).live_blocks;
}

/* --- ends --------------------------------------------------------------------------------------------------------- */

static void test_child_ends_with_its_parent(void) {
    ArenaFixture f;
    Pool *pool = arena_fixture_default(&f)->pool;
    Arena *parent = arena_create_default(pool);
    Arena *child = arena_create_child(parent, SIZE_MAX);
    Arena *grandchild = arena_create_child(child, SIZE_MAX);
    CHECK_TRUE(arena_alloc(grandchild, 5000) != NULL);
    check_below(parent, 2, 16 * KIB);
    CHECK_STATUS(arena_destroy(parent), CORRAL_OK);
    check_ended(parent);
    check_ended(child);
    check_ended(grandchild);
    CHECK_EQ_U64(live_blocks(&f), 1);
    arena_fixture_close(&f);
}

static void test_reset_and_clear_end_the_children(void) {
    CorralStatus (*const bulk[])(Arena *) = {arena_reset, arena_clear};
    for (size_t i = 0; i < 2; i++) {
        ArenaFixture f;
        Arena *arena = arena_fixture_default(&f);
        Arena *older = arena_create_child(arena, SIZE_MAX);
        Arena *newer = arena_create_child(arena, SIZE_MAX);
        Arena *below = arena_create_child(older, SIZE_MAX);
        CHECK_STATUS(bulk[i](arena), CORRAL_OK);
        check_below(arena, 0, 0);
        check_ended(older);
        check_ended(newer);
        check_ended(below);
        CHECK_EQ_U64(live_blocks(&f), 1);
        CHECK_TRUE(arena_create_child(arena, SIZE_MAX) != NULL);
        arena_fixture_close(&f);
    }
}

static void test_rewind_keeps_the_children(void) {
    ArenaFixture f;
    Arena *arena = arena_fixture_default(&f);
    ArenaMark mark = arena_mark(arena);
    Arena *child = arena_create_child(arena, SIZE_MAX);
    CHECK_TRUE(arena_alloc(arena, 16) != NULL && arena_alloc(child, 16) != NULL);
    CHECK_STATUS(arena_rewind(arena, mark), CORRAL_OK);
    check_below(arena, 1, 4 * KIB);
    CHECK_EQ_U64(arena_total_used(child), 16);
    arena_fixture_close(&f);
}

/* Each order of ending three children leaves the others linked. */
static void test_child_can_end_before_its_parent(void) {
    static const size_t orders[][3] = {{0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};
    ArenaFixture f;
    Arena *arena = arena_fixture_default(&f);
    for (size_t order = 0; order < sizeof orders / sizeof orders[0]; order++) {
        Arena *children[3];
        for (size_t i = 0; i < 3; i++) {
            children[i] = arena_create_child(arena, SIZE_MAX);
        }
        for (size_t i = 0; i < 3; i++) {
            check_below(arena, 3 - i, (3 - i) * 4 * KIB);
            CHECK_STATUS(arena_destroy(children[orders[order][i]]), CORRAL_OK);
            for (size_t left = i + 1; left < 3; left++) {
                CHECK_STATUS(arena_check(children[orders[order][left]]), CORRAL_OK);
            }
        }
        CHECK_EQ_PTR(arena->newest_child, NULL);
    }
    arena_fixture_close(&f);
}

/* A walk that recursed would need some megabytes of stack for this. */
static void test_families_may_be_deep(void) {
    size_t depth = test_scaled(DEPTH);
    ArenaFixture f;
    Arena *arena = arena_fixture_sized(&f, 64, 64);
    CorralStatus (*const bulk[])(Arena *) = {arena_reset, arena_clear};
    for (size_t i = 0; i < 2; i++) {
        Arena *deepest = arena;
        for (size_t level = 0; level < depth && deepest != NULL; level++) {
            deepest = arena_create_child(deepest, SIZE_MAX);
        }
        REQUIRE_TRUE(deepest != NULL);
        CHECK_TRUE(arena_alloc(deepest, 64) != NULL);
        check_below(arena, depth, depth * 64);
        CHECK_STATUS(bulk[i](arena), CORRAL_OK);
        check_below(arena, 0, 0);
        CHECK_EQ_U64(live_blocks(&f), 1);
    }
    arena_fixture_close(&f);
}

/* As many children of one parent, each with a child of its own. */
static void test_families_may_be_wide(void) {
    size_t width = test_scaled(DEPTH / 10);
    ArenaFixture f;
    Arena *arena = arena_fixture_sized(&f, 64, 64);
    for (size_t i = 0; i < width; i++) {
        REQUIRE_TRUE(arena_create_child(arena_create_child(arena, SIZE_MAX), SIZE_MAX) != NULL);
    }
    check_below(arena, width * 2, width * 128);
    CHECK_STATUS(arena_reset(arena), CORRAL_OK);
    CHECK_EQ_U64(live_blocks(&f), 1);
    arena_fixture_close(&f);
}

/* --- creation ----------------------------------------------------------------------------------------------------- */

static void test_child_is_configured_like_its_parent(void) {
    ArenaFixture f;
    ArenaConfig config = arena_config_default();
    config.name = "parser";
    config.initial_size = 256;
    config.maximum_size = 512;
    config.alignment = 8;
    config.exhausted = ARENA_FAIL;
    config.retain = 300;
    config.poison = true;
    Arena *arena = arena_fixture_with(&f, &config);
    ArenaConfig child = arena_config_child(arena, 1000);
    CHECK_STR(child.name, "parser");
    CHECK_EQ_U64(child.initial_size, 256);
    CHECK_EQ_U64(child.maximum_size, 512);
    CHECK_EQ_U64(child.alignment, 8);
    CHECK_TRUE(child.exhausted == ARENA_FAIL && child.poison && !child.fixed);
    CHECK_EQ_U64(child.retain, 300);
    CHECK_EQ_U64(child.limit, 1000);
    CHECK_EQ_PTR(child.parent, arena);
    CHECK_EQ_U64(arena_config_child(arena, 100).initial_size, 96);
    arena_fixture_close(&f);
}

static void test_child_of_no_arena_refused(void) {
    ArenaFixture f, other;
    Arena *arena = arena_fixture_default(&f);
    Arena *elsewhere = arena_fixture_default(&other);
    ArenaConfig config = arena_config_child(arena, SIZE_MAX);
    CorralStatus status = CORRAL_OK;
    config.status = &status;
    CHECK_TRUE(arena_create_with(elsewhere->pool, &config) == NULL);
    CHECK_STATUS(status, CORRAL_INVALID_ARGUMENT);
    config.exhausted = (ArenaExhausted)3;
    CHECK_TRUE(arena_create_with(NULL, &config) == NULL);
    CHECK_STATUS(status, CORRAL_INVALID_ARGUMENT);
    CHECK_TRUE(arena_create_child(NULL, SIZE_MAX) == NULL);
    Arena *gone = arena_create_child(arena, SIZE_MAX);
    CHECK_STATUS(arena_destroy(gone), CORRAL_OK);
    config = arena_config_child(gone, SIZE_MAX);
    config.status = &status;
    CHECK_TRUE(arena_create_with(NULL, &config) == NULL);
    CHECK_STATUS(status, CORRAL_INVALID_ARENA);
    CHECK_TRUE(arena_create_child(gone, SIZE_MAX) == NULL);
    check_below(arena, 0, 0);
    arena_fixture_close(&other);
    arena_fixture_close(&f);
}

/* --- release callbacks -------------------------------------------------------------------------------------------- */

typedef struct Ending {
    Arena *arena;     /* what the callback tries to take back */
    Arena *elsewhere; /* and where it tries to make a child */
    char *order;
    char name;
    CorralStatus refused;
    bool joined; /* a child was made where it tries to take back */
} Ending;

static void note_end(void *context) {
    Ending *ending = context;
    size_t length = strlen(ending->order);
    ending->order[length] = ending->name;
    CHECK_TRUE(arena_alloc(ending->arena, 16) != NULL); /* still there */
    ending->refused = arena_reset(ending->arena);
    CHECK_STATUS(arena_clear(ending->arena), ending->refused);
    CHECK_STATUS(arena_destroy(ending->arena), ending->refused);
    CHECK_TRUE(arena_create_child(ending->elsewhere, SIZE_MAX) == NULL);
    CHECK_STATUS(arena_last_status(ending->elsewhere), CORRAL_RELEASING);
    ending->joined = arena_create_child(ending->arena, SIZE_MAX) != NULL;
}

/* Newest first, each after its own children, the parent last; nobody takes back what is being taken back. */
static void test_children_end_newest_first(void) {
    ArenaFixture f;
    char order[8] = "";
    Arena *a = arena_fixture_default(&f);
    Arena *b = arena_create_child(a, SIZE_MAX);
    Arena *c = arena_create_child(b, SIZE_MAX);
    Arena *d = arena_create_child(b, SIZE_MAX);
    Arena *e = arena_create_child(a, SIZE_MAX);
    Arena *const arenas[] = {a, b, c, d, e};
    Ending endings[5];
    for (size_t i = 0; i < 5; i++) {
        endings[i] = (Ending){.arena = a, .elsewhere = arenas[i], .order = order, .name = (char)('a' + i)};
        CHECK_STATUS(arena_on_release(arenas[i], note_end, &endings[i]), CORRAL_OK);
    }
    CHECK_STATUS(arena_reset(a), CORRAL_OK);
    CHECK_STR(order, "edcba");
    for (size_t i = 0; i < 5; i++) {
        CHECK_STATUS(endings[i].refused, CORRAL_RELEASING);
        CHECK_FALSE(endings[i].joined);
    }
    CHECK_STATUS(arena_check(a), CORRAL_OK);
    CHECK_EQ_U64(live_blocks(&f), 1);
    arena_fixture_close(&f);
}

/* A callback of a child's own reset cannot end the child by way of its parent. */
static void test_parent_waits_for_a_child_that_is_releasing(void) {
    ArenaFixture f;
    char order[8] = "";
    Arena *parent = arena_fixture_default(&f);
    Arena *child = arena_create_child(parent, SIZE_MAX);
    Ending ending = {.arena = parent, .elsewhere = child, .order = order, .name = 'x'};
    CHECK_STATUS(arena_on_release(child, note_end, &ending), CORRAL_OK);
    CHECK_STATUS(arena_reset(child), CORRAL_OK);
    CHECK_STATUS(ending.refused, CORRAL_RELEASING);
    CHECK_TRUE(ending.joined); /* the parent itself is not being taken back */
    check_below(parent, 2, 8 * KIB);
    arena_fixture_close(&f);
}

/* A callback may end a sibling that would have been next. */
static void end_other(void *context) {
    CHECK_STATUS(arena_destroy(context), CORRAL_OK);
}

static void test_callback_may_end_a_sibling(void) {
    ArenaFixture f;
    Arena *parent = arena_fixture_default(&f);
    Arena *older = arena_create_child(parent, SIZE_MAX);
    CHECK_TRUE(arena_create_child(older, SIZE_MAX) != NULL);
    Arena *newer = arena_create_child(parent, SIZE_MAX);
    CHECK_STATUS(arena_on_release(newer, end_other, older), CORRAL_OK);
    CHECK_STATUS(arena_reset(parent), CORRAL_OK);
    check_below(parent, 0, 0);
    check_ended(older);
    CHECK_EQ_U64(live_blocks(&f), 1);
    arena_fixture_close(&f);
}

/* --- slots that are held ------------------------------------------------------------------------------------------ */

static void test_held_slot_is_not_used_again(void) {
    ArenaFixture f;
    Arena *arena = arena_fixture_default(&f);
    Arena *held = arena_create_child(arena, SIZE_MAX);
    arena_slot_hold(held);
    CHECK_STATUS(arena_reset(arena), CORRAL_OK);
    check_ended(held);
    CHECK_EQ_U64(held->control.limit - held->control.cursor, 0);
    Arena *others[200];
    for (size_t i = 0; i < 200; i++) {
        others[i] = arena_create_child(arena, SIZE_MAX);
        CHECK_TRUE(others[i] != NULL && others[i] != held);
    }
    CHECK_STATUS(arena_reset(arena), CORRAL_OK);
    arena_slot_let_go(held);
    CHECK_EQ_PTR(arena_create_child(arena, SIZE_MAX), held);
    arena_slot_let_go(held); /* not held any more: nothing */
    CHECK_STATUS(arena_check(held), CORRAL_OK);
    arena_slot_hold(held);
    arena_slot_let_go(held); /* a live arena goes on */
    CHECK_STATUS(arena_check(held), CORRAL_OK);
    CHECK_STATUS(arena_destroy(held), CORRAL_OK);
    CHECK_EQ_PTR(arena_create_child(arena, SIZE_MAX), held);
    arena_slot_let_go(NULL);
    arena_fixture_close(&f);
}

TEST_MAIN(TEST_CASE(test_child_ends_with_its_parent), TEST_CASE(test_reset_and_clear_end_the_children),
          TEST_CASE(test_rewind_keeps_the_children), TEST_CASE(test_child_can_end_before_its_parent),
          TEST_CASE(test_families_may_be_deep), TEST_CASE(test_families_may_be_wide),
          TEST_CASE(test_child_is_configured_like_its_parent), TEST_CASE(test_child_of_no_arena_refused),
          TEST_CASE(test_children_end_newest_first), TEST_CASE(test_parent_waits_for_a_child_that_is_releasing),
          TEST_CASE(test_callback_may_end_a_sibling), TEST_CASE(test_held_slot_is_not_used_again))
