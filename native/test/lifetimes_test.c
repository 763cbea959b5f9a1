/* SPDX-License-Identifier: Apache-2.0
 * lifetimes_test.c - objects by how long they live: where they go, when they end, what is refused. */
#include "support/lifetimes_fixture.h"

/* --- objects ------------------------------------------------------------------------------------------------------ */

static void test_blocks_go_where_their_lifetime_says(void) {
    LifetimesFixture f;
    Lifetimes *lifetimes = lifetimes_open(&f);
    void *constant = lifetimes_alloc(lifetimes, LIFETIME_PROCESS, 100);
    void *temporary = lifetimes_alloc(lifetimes, LIFETIME_UNIT, 200);
    void *object = lifetimes_alloc(lifetimes, LIFETIME_UNKNOWN, 300);
    CHECK_SPOT(lifetimes_arena(lifetimes, LIFETIME_PROCESS), constant, 0, 0);
    CHECK_SPOT(lifetimes_arena(lifetimes, LIFETIME_UNIT), temporary, 0, 0);
    CHECK_LE_U64(300, pool_usable_size(f.base.pool, object));
    LifetimesStats stats = lifetimes_numbers(lifetimes);
    CHECK_EQ_U64(stats.process.allocations, 1);
    CHECK_EQ_U64(stats.process.bytes, 112);
    CHECK_EQ_U64(stats.unit.allocations, 1);
    CHECK_EQ_U64(stats.unit.bytes, 208);
    CHECK_EQ_U64(stats.unknown.allocations, 1);
    CHECK_EQ_U64(stats.unknown.bytes, 300);
    CHECK_STATUS(lifetimes_free(lifetimes, object), CORRAL_OK);
    CHECK_EQ_U64(lifetimes_numbers(lifetimes).freed, 1);
    lifetimes_close(&f);
}

static void test_end_of_a_unit_takes_its_blocks_back(void) {
    LifetimesFixture f;
    Lifetimes *lifetimes = lifetimes_open(&f);
    char *constant = lifetimes_alloc(lifetimes, LIFETIME_PROCESS, 16);
    char *object = lifetimes_alloc(lifetimes, LIFETIME_UNKNOWN, 16);
    memset(constant, 'c', 16);
    memset(object, 'o', 16);
    Arena *unit = lifetimes_arena(lifetimes, LIFETIME_UNIT);
    void *first = lifetimes_alloc(lifetimes, LIFETIME_UNIT, 16);
    ArenaRef ref = arena_ref(unit, first);
    CHECK_STATUS(lifetimes_end_unit(lifetimes), CORRAL_OK);
    CHECK_TRUE(arena_resolve(unit, ref) == NULL);
    CHECK_EQ_PTR(lifetimes_alloc(lifetimes, LIFETIME_UNIT, 16), first);
    CHECK_TRUE(arena_resolve(unit, ref) == NULL);
    CHECK_EQ_I64(constant[15], 'c');
    CHECK_EQ_I64(object[15], 'o');
    CHECK_STATUS(lifetimes_free(lifetimes, object), CORRAL_OK);
    lifetimes_close(&f);
}

static void test_peak_of_each_unit_is_noted(void) {
    static const size_t sizes[] = {100, 9000, 50};
    static const uint64_t peaks[] = {112, 9008, 64};
    LifetimesFixture f;
    Lifetimes *lifetimes = lifetimes_open(&f);
    for (size_t i = 0; i < 3; i++) {
        CHECK_TRUE(lifetimes_alloc(lifetimes, LIFETIME_UNIT, sizes[i]) != NULL);
        CHECK_STATUS(lifetimes_end_unit(lifetimes), CORRAL_OK);
        CHECK_EQ_U64(lifetimes_numbers(lifetimes).last_unit, peaks[i]);
        CHECK_EQ_U64(lifetimes_numbers(lifetimes).peak_unit, i == 0 ? 112 : 9008);
    }
    CHECK_TRUE(lifetimes_alloc(lifetimes, LIFETIME_UNIT, 20000) != NULL);
    LifetimesStats stats = lifetimes_numbers(lifetimes);
    CHECK_EQ_U64(stats.peak_unit, 20000); /* the present one counts as well */
    CHECK_EQ_U64(stats.units, 3);
    CHECK_EQ_U64(stats.unit.allocations, 4);
    CHECK_EQ_U64(stats.unit.bytes, 112 + 9008 + 64 + 20000);
    lifetimes_close(&f);
}

static void test_freeing_arena_memory_refused(void) {
    LifetimesFixture f;
    Lifetimes *lifetimes = lifetimes_open(&f);
    char *constant = lifetimes_alloc(lifetimes, LIFETIME_PROCESS, 64);
    char *temporary = lifetimes_alloc(lifetimes, LIFETIME_UNIT, 64);
    char *second = lifetimes_alloc(lifetimes, LIFETIME_UNIT, 64);
    char *object = lifetimes_alloc(lifetimes, LIFETIME_UNKNOWN, 64);
    CHECK_STATUS(lifetimes_free(lifetimes, constant), CORRAL_FOREIGN_POINTER);
    CHECK_STATUS(lifetimes_free(lifetimes, temporary), CORRAL_FOREIGN_POINTER);
    CHECK_STATUS(lifetimes_free(lifetimes, second), CORRAL_FOREIGN_POINTER);
    CHECK_STATUS(lifetimes_free(lifetimes, object + 16), CORRAL_FOREIGN_POINTER);
    CHECK_STATUS(lifetimes_last_status(lifetimes), CORRAL_FOREIGN_POINTER);
    CHECK_STATUS(lifetimes_free(lifetimes, object), CORRAL_OK);
    CHECK_STATUS(lifetimes_free(lifetimes, object), CORRAL_DOUBLE_FREE);
    CHECK_STATUS(lifetimes_free(lifetimes, NULL), CORRAL_OK);
    CHECK_EQ_U64(lifetimes_numbers(lifetimes).freed, 1);
    CHECK_TRUE(lifetimes_alloc(lifetimes, LIFETIME_UNIT, 64) != temporary);
    lifetimes_close(&f);
}

/* --- strings ------------------------------------------------------------------------------------------------------ */

static void test_interned_string_has_one_address(void) {
    LifetimesFixture f;
    Lifetimes *lifetimes = lifetimes_open(&f);
    const char *print = lifetimes_intern(lifetimes, "print", 5);
    CHECK_STR(print, "print");
    CHECK_EQ_PTR(lifetimes_intern(lifetimes, "print", 5), print);
    CHECK_EQ_PTR(lifetimes_intern(lifetimes, "printf", 5), print);
    CHECK_TRUE(lifetimes_intern(lifetimes, "printf", 6) != print);
    CHECK_TRUE(lifetimes_intern(lifetimes, "pri\0t", 5) != print);
    CHECK_EQ_PTR(lifetimes_intern(lifetimes, "pri\0t", 5), lifetimes_intern(lifetimes, "pri\0t", 5));
    const char *empty = lifetimes_intern(lifetimes, "", 0);
    CHECK_STR(empty, "");
    CHECK_EQ_PTR(lifetimes_intern(lifetimes, NULL, 0), empty);
    CHECK_TRUE(lifetimes_intern(lifetimes, NULL, 3) == NULL);
    CHECK_STATUS(lifetimes_last_status(lifetimes), CORRAL_INVALID_ARGUMENT);
    CHECK_EQ_U64(lifetimes_numbers(lifetimes).strings, 4);
    CHECK_EQ_U64(lifetimes_numbers(lifetimes).found, 5);
    CHECK_STATUS(lifetimes_end_unit(lifetimes), CORRAL_OK);
    CHECK_EQ_PTR(lifetimes_intern(lifetimes, "print", 5), print);
    lifetimes_close(&f);
}

/* Strings beside a list of them, over many doublings of the table. */
static void test_many_strings_are_told_apart(void) {
    LifetimesFixture f;
    Lifetimes *lifetimes = lifetimes_open(&f);
    const char *known[3000];
    size_t count = test_scaled(3000);
    for (size_t round = 0; round < 2; round++) {
        for (size_t i = 0; i < count && test_failures() == 0; i++) {
            char text[32];
            int length = snprintf(text, sizeof text, "%zu-%zu", i * 7919 % 100003, i);
            const char *interned = lifetimes_intern(lifetimes, text, (size_t)length);
            CHECK_STR(interned, text);
            if (round == 0) {
                known[i] = interned;
            }
            CHECK_EQ_PTR(interned, known[i]);
            CHECK_STATUS(i % 10 == 0 ? lifetimes_check(lifetimes) : CORRAL_OK, CORRAL_OK);
        }
        CHECK_EQ_U64(lifetimes_numbers(lifetimes).strings, count);
        CHECK_STATUS(lifetimes_check(lifetimes), CORRAL_OK);
    }
    lifetimes_close(&f);
}

/* What the process arena has taken back is not found any more, however that happened. */
static void test_strings_that_were_taken_back_are_interned_anew(void) {
    LifetimesFixture f;
    Lifetimes *lifetimes = lifetimes_open(&f);
    Arena *process = lifetimes_arena(lifetimes, LIFETIME_PROCESS);
    ArenaMark mark = arena_mark(process);
    const char *before = lifetimes_intern(lifetimes, "name", 4);
    CHECK_STATUS(arena_rewind(process, mark), CORRAL_OK);
    memset(lifetimes_alloc(lifetimes, LIFETIME_PROCESS, 16), 'x', 16);
    const char *after = lifetimes_intern(lifetimes, "name", 4);
    CHECK_TRUE(after != before);
    CHECK_STR(after, "name");
    CHECK_EQ_U64(lifetimes_numbers(lifetimes).strings, 1);
    CHECK_STATUS(arena_reset(process), CORRAL_OK);
    CHECK_EQ_PTR(lifetimes_intern(lifetimes, "name", 4), before);
    CHECK_EQ_PTR(lifetimes_intern(lifetimes, "name", 4), before);
    lifetimes_close(&f);
}

/* --- kinds -------------------------------------------------------------------------------------------------------- */

static void test_rules_decide_by_the_tree(void) {
    LifetimesFixture f;
    Lifetimes *lifetimes = lifetimes_open(&f);
    int name = lifetimes_kind(lifetimes, "name", LIFETIME_RULE_PROCESS);
    int token = lifetimes_kind(lifetimes, "token", LIFETIME_RULE_UNIT);
    int cache = lifetimes_kind(lifetimes, "cache entry", LIFETIME_RULE_UNKNOWN);
    int node = lifetimes_kind(lifetimes, "node", LIFETIME_RULE_BY_CONTEXT);
    CHECK_EQ_I64(name, 0);
    CHECK_EQ_I64(node, 3);
    CHECK_EQ_I64(lifetimes_decide(lifetimes, name), LIFETIME_PROCESS);
    CHECK_EQ_I64(lifetimes_decide(lifetimes, token), LIFETIME_UNIT);
    CHECK_EQ_I64(lifetimes_decide(lifetimes, cache), LIFETIME_UNKNOWN);
    CHECK_EQ_I64(lifetimes_decide(lifetimes, node), LIFETIME_UNIT);
    CHECK_STATUS(lifetimes_set_context(lifetimes, LIFETIME_PROCESS), CORRAL_OK);
    CHECK_EQ_I64(lifetimes_decide(lifetimes, node), LIFETIME_PROCESS);
    CHECK_EQ_I64(lifetimes_decide(lifetimes, token), LIFETIME_UNIT);
    void *loaded = lifetimes_alloc_kind(lifetimes, node, 40);
    CHECK_SPOT(lifetimes_arena(lifetimes, LIFETIME_PROCESS), loaded, 0, 0);
    CHECK_STATUS(lifetimes_set_context(lifetimes, LIFETIME_UNIT), CORRAL_OK);
    CHECK_SPOT(lifetimes_arena(lifetimes, LIFETIME_UNIT), lifetimes_alloc_kind(lifetimes, node, 24), 0, 0);
    void *entry = lifetimes_alloc_kind(lifetimes, cache, 10);
    LifetimeKindStats stats;
    CHECK_STATUS(lifetimes_kind_stats(lifetimes, node, &stats), CORRAL_OK);
    CHECK_EQ_U64(stats.count[LIFETIME_PROCESS].allocations, 1);
    CHECK_EQ_U64(stats.count[LIFETIME_PROCESS].bytes, 40);
    CHECK_EQ_U64(stats.count[LIFETIME_UNIT].bytes, 24);
    CHECK_STATUS(lifetimes_kind_stats(lifetimes, cache, &stats), CORRAL_OK);
    CHECK_EQ_U64(stats.count[LIFETIME_UNKNOWN].allocations, 1);
    CHECK_STATUS(lifetimes_free(lifetimes, entry), CORRAL_OK);
    lifetimes_close(&f);
}

static void test_wrong_kinds_refused(void) {
    LifetimesFixture f;
    Lifetimes *lifetimes = lifetimes_open(&f);
    LifetimeKindStats stats;
    CHECK_EQ_I64(lifetimes_kind(lifetimes, "node", LIFETIME_RULE_UNIT), 0);
    CHECK_EQ_I64(lifetimes_kind(lifetimes, "node", LIFETIME_RULE_UNIT), 0);
    CHECK_EQ_I64(lifetimes_kind(lifetimes, "node", LIFETIME_RULE_PROCESS), -1);
    CHECK_STATUS(lifetimes_last_status(lifetimes), CORRAL_INVALID_ARGUMENT);
    CHECK_EQ_I64(lifetimes_kind(lifetimes, NULL, LIFETIME_RULE_UNIT), -1);
    CHECK_EQ_I64(lifetimes_kind(lifetimes, "", LIFETIME_RULE_UNIT), -1);
    CHECK_EQ_I64(lifetimes_kind(lifetimes, "a name of twenty-four cha", LIFETIME_RULE_UNIT), -1);
    CHECK_EQ_I64(lifetimes_kind(lifetimes, "other", (LifetimeRule)4), -1);
    CHECK_EQ_I64(lifetimes_kind(lifetimes, "other", (LifetimeRule)-1), -1);
    CHECK_EQ_I64(lifetimes_kind_named(lifetimes, "node"), 0);
    CHECK_EQ_I64(lifetimes_kind_named(lifetimes, "nod"), -1);
    CHECK_EQ_I64(lifetimes_kind_named(lifetimes, NULL), -1);
    CHECK_EQ_I64(lifetimes_decide(lifetimes, 1), -1);
    CHECK_EQ_I64(lifetimes_decide(lifetimes, -1), -1);
    CHECK_TRUE(lifetimes_alloc_kind(lifetimes, 1, 8) == NULL);
    CHECK_TRUE(lifetimes_alloc(lifetimes, (Lifetime)3, 8) == NULL);
    CHECK_TRUE(lifetimes_alloc(lifetimes, (Lifetime)-1, 8) == NULL);
    CHECK_TRUE(lifetimes_arena(lifetimes, LIFETIME_UNKNOWN) == NULL);
    CHECK_STATUS(lifetimes_kind_stats(lifetimes, 1, &stats), CORRAL_INVALID_ARGUMENT);
    CHECK_STATUS(lifetimes_kind_stats(lifetimes, 0, NULL), CORRAL_INVALID_ARGUMENT);
    CHECK_STATUS(lifetimes_set_context(lifetimes, LIFETIME_UNKNOWN), CORRAL_INVALID_ARGUMENT);
    for (int i = 1; i < LIFETIMES_KINDS_MAX; i++) {
        char name[24];
        snprintf(name, sizeof name, "kind %d", i);
        CHECK_EQ_I64(lifetimes_kind(lifetimes, name, LIFETIME_RULE_BY_CONTEXT), i);
    }
    CHECK_EQ_I64(lifetimes_kind(lifetimes, "one more", LIFETIME_RULE_UNIT), -1);
    CHECK_STATUS(lifetimes_last_status(lifetimes), CORRAL_LIMIT_REACHED);
    CHECK_EQ_U64(lifetimes_numbers(lifetimes).kinds, LIFETIMES_KINDS_MAX);
    lifetimes_close(&f);
}

static void test_kinds_are_counted_by_lifetime(void) {
    LifetimesFixture f;
    Lifetimes *lifetimes = lifetimes_open(&f);
    int node = lifetimes_kind(lifetimes, "node", LIFETIME_RULE_BY_CONTEXT);
    for (size_t i = 1; i <= 3; i++) {
        CHECK_TRUE(lifetimes_alloc_kind(lifetimes, node, 10 * i) != NULL);
        CHECK_TRUE(lifetimes_alloc(lifetimes, LIFETIME_UNIT, 1000) != NULL);
    }
    CHECK_STATUS(lifetimes_set_context(lifetimes, LIFETIME_PROCESS), CORRAL_OK);
    CHECK_TRUE(lifetimes_alloc_kind(lifetimes, node, 7) != NULL);
    CHECK_STATUS(lifetimes_end_unit(lifetimes), CORRAL_OK); /* counts are of all units */
    LifetimeKindStats stats;
    CHECK_STATUS(lifetimes_kind_stats(lifetimes, node, &stats), CORRAL_OK);
    CHECK_EQ_U64(stats.count[LIFETIME_UNIT].allocations, 3);
    CHECK_EQ_U64(stats.count[LIFETIME_UNIT].bytes, 60);
    CHECK_EQ_U64(stats.count[LIFETIME_PROCESS].allocations, 1);
    CHECK_EQ_U64(stats.count[LIFETIME_PROCESS].bytes, 7);
    CHECK_EQ_U64(stats.count[LIFETIME_UNKNOWN].allocations, 0);
    lifetimes_close(&f);
}

static void test_refused_allocations_are_not_counted(void) {
    LifetimesFixture f;
    Lifetimes *lifetimes = lifetimes_open(&f);
    for (int rule = 0; rule < LIFETIMES_COUNT; rule++) {
        char name[] = {(char)('a' + rule), '\0'};
        int kind = lifetimes_kind(lifetimes, name, (LifetimeRule)rule);
        CHECK_EQ_I64(kind, rule);
        CHECK_TRUE(lifetimes_alloc_kind(lifetimes, kind, SIZE_MAX) == NULL);
        CHECK_STATUS(lifetimes_last_status(lifetimes), CORRAL_SIZE_LIMIT);
        LifetimeKindStats stats;
        CHECK_STATUS(lifetimes_kind_stats(lifetimes, kind, &stats), CORRAL_OK);
        CHECK_EQ_U64(stats.count[rule].allocations + stats.count[rule].bytes, 0);
    }
    LifetimesStats all = lifetimes_numbers(lifetimes);
    CHECK_EQ_U64(all.process.allocations + all.unit.allocations + all.unknown.allocations + all.unknown.bytes, 0);
    lifetimes_close(&f);
}

static void test_policy_is_given_at_the_beginning(void) {
    static const LifetimePolicy policy[] = {{"name", LIFETIME_RULE_PROCESS},
                                            {"token", LIFETIME_RULE_UNIT},
                                            {"entry", LIFETIME_RULE_UNKNOWN},
                                            {"node", LIFETIME_RULE_BY_CONTEXT}};
    PoolFixture f;
    LifetimesConfig config = lifetimes_config_default();
    config.given_pool = fixture_default(&f);
    config.policy = policy;
    config.policy_count = 4;
    Lifetimes *lifetimes = lifetimes_create_with(&config);
    for (int kind = 0; kind < 4; kind++) {
        CHECK_EQ_I64(lifetimes_kind(lifetimes, policy[kind].kind, policy[kind].rule), kind);
    }
    CHECK_EQ_I64(lifetimes_kind(lifetimes, "label", LIFETIME_RULE_PROCESS), 4);
    CHECK_EQ_I64(lifetimes_decide(lifetimes, 3), LIFETIME_UNIT);
    CHECK_STATUS(lifetimes_destroy(lifetimes), CORRAL_OK);
    fixture_close(&f);
}

static void test_wrong_policies_refused(void) {
    PoolFixture f;
    CorralStatus status = CORRAL_OK;
    LifetimesConfig config = lifetimes_config_default();
    config.given_pool = fixture_default(&f);
    config.status = &status;
    LifetimePolicy many[LIFETIMES_KINDS_MAX + 1];
    char names[LIFETIMES_KINDS_MAX + 1][16];
    for (int i = 0; i <= LIFETIMES_KINDS_MAX; i++) {
        snprintf(names[i], sizeof names[i], "%d", i);
        many[i] = (LifetimePolicy){names[i], LIFETIME_RULE_UNIT};
    }
    config.policy = many;
    config.policy_count = LIFETIMES_KINDS_MAX + 1;
    CHECK_TRUE(lifetimes_create_with(&config) == NULL);
    CHECK_STATUS(status, CORRAL_LIMIT_REACHED);
    config.policy_count = 2;
    const LifetimePolicy wrong[] = {{names[0], LIFETIME_RULE_UNIT}, /* the same as the first one */
                                    {names[0], LIFETIME_RULE_PROCESS}, {NULL, LIFETIME_RULE_UNIT},
                                    {"", LIFETIME_RULE_UNIT},          {"a name of twenty-four ch", LIFETIME_RULE_UNIT},
                                    {"kind", (LifetimeRule)4}};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        many[1] = wrong[i];
        CHECK_TRUE(lifetimes_create_with(&config) == NULL);
        CHECK_STATUS(status, CORRAL_INVALID_ARGUMENT);
    }
    config.policy = NULL;
    CHECK_TRUE(lifetimes_create_with(&config) == NULL);
    CHECK_STATUS(status, CORRAL_INVALID_ARGUMENT);
    CHECK_EQ_U64(fixture_stats(&f).live_blocks, 0);
    fixture_close(&f);
}

/* --- report ------------------------------------------------------------------------------------------------------- */

static void test_table_is_as_expected(void) {
    LifetimesFixture f;
    Lifetimes *lifetimes = lifetimes_open(&f);
    int node = lifetimes_kind(lifetimes, "node", LIFETIME_RULE_BY_CONTEXT);
    int entry = lifetimes_kind(lifetimes, "entry", LIFETIME_RULE_UNKNOWN);
    CHECK_EQ_I64(lifetimes_kind(lifetimes, "never used", LIFETIME_RULE_UNIT), 2);
    CHECK_TRUE(lifetimes_intern(lifetimes, "print", 5) == lifetimes_intern(lifetimes, "print", 5));
    CHECK_TRUE(lifetimes_alloc_kind(lifetimes, node, 24) != NULL);
    CHECK_TRUE(lifetimes_alloc(lifetimes, LIFETIME_UNIT, 5000) != NULL);
    CHECK_STATUS(lifetimes_end_unit(lifetimes), CORRAL_OK);
    CHECK_STATUS(lifetimes_set_context(lifetimes, LIFETIME_PROCESS), CORRAL_OK);
    CHECK_TRUE(lifetimes_alloc_kind(lifetimes, node, 40) != NULL);
    void *block = lifetimes_alloc_kind(lifetimes, entry, 100);
    CHECK_STATUS(lifetimes_free(lifetimes, block), CORRAL_OK);
    char expected[2048] = {0};
    FILE *in = fopen(CORRAL_TABLES "/lifetimes.txt", "rb");
    REQUIRE_TRUE(in != NULL);
    expected[fread(expected, 1, sizeof expected - 1, in)] = '\0';
    fclose(in);
    char text[LIFETIMES_TABLE_MAX];
    CHECK_EQ_U64(lifetimes_text(lifetimes, text, sizeof text), strlen(expected));
    CHECK_STR(text, expected);
    char part[10];
    CHECK_EQ_U64(lifetimes_text(lifetimes, part, sizeof part), strlen(expected));
    CHECK_STR(part, "lifetimes");
    CHECK_EQ_U64(lifetimes_text(lifetimes, NULL, 0), strlen(expected));
    FILE *out = tmpfile();
    CHECK_STATUS(lifetimes_print(lifetimes, out), CORRAL_OK);
    CHECK_EQ_I64(ftell(out), (long)strlen(expected));
    fclose(out);
    CHECK_STATUS(lifetimes_print(lifetimes, NULL), CORRAL_INVALID_ARGUMENT);
    lifetimes_close(&f);
}

/* --- ends and misuse ---------------------------------------------------------------------------------------------- */

static void test_names_in_the_table_have_no_control_characters(void) {
    LifetimesFixture f;
    Lifetimes *lifetimes = lifetimes_open(&f);
    /* Escape, delete, U+0085, a line's end, umlauts, and one that was cut. */
    int kind = lifetimes_kind(lifetimes, "\x1b[2J\x7f\xc2\x85\n\xc3\xa4\xe2\x82\xac!\xc3", LIFETIME_RULE_UNIT);
    CHECK_TRUE(lifetimes_alloc_kind(lifetimes, kind, 24) != NULL);
    char text[LIFETIMES_TABLE_MAX];
    lifetimes_text(lifetimes, text, sizeof text);
    CHECK_TRUE(strstr(text, "\n  ?[2J???\xc3\xa4\xe2\x82\xac!? ") != NULL);
    lifetimes_close(&f);
}

static void test_blocks_of_the_pool_are_freed_too(void) {
    LifetimesFixture f;
    Lifetimes *lifetimes = lifetimes_open(&f);
    void *block = pool_alloc(lifetimes_pool(lifetimes), 100);
    CHECK_STATUS(lifetimes_free(lifetimes, block), CORRAL_OK);
    LifetimesStats stats;
    CHECK_STATUS(lifetimes_stats(lifetimes, &stats), CORRAL_OK);
    CHECK_EQ_U64(stats.freed, 1);
    CHECK_EQ_U64(stats.unknown.allocations, 0);
    CHECK_STATUS(lifetimes_check(lifetimes), CORRAL_OK);
    lifetimes_close(&f);
}

static void test_destroy_frees_every_lifetime(void) {
    FakePages pages;
    fake_pages_open(&pages);
    LifetimesConfig config = lifetimes_config_default();
    config.pool.source = &pages.source;
    Lifetimes *lifetimes = lifetimes_create_with(&config);
    for (size_t i = 0; i < 100; i++) {
        CHECK_TRUE(lifetimes_alloc(lifetimes, (Lifetime)(i % 3), 1000) != NULL);
    }
    CHECK_TRUE(lifetimes_intern(lifetimes, "text", 4) != NULL);
    CHECK_STATUS(lifetimes_destroy(lifetimes), CORRAL_OK);
    fake_pages_close(&pages);
    Lifetimes *own = lifetimes_create();
    CHECK_TRUE(lifetimes_alloc(own, LIFETIME_UNKNOWN, 10) != NULL);
    CHECK_STATUS(lifetimes_destroy(own), CORRAL_OK);
}

static void test_given_arenas_are_left_alone(void) {
    PoolFixture f;
    CorralStatus status = CORRAL_OK;
    LifetimesConfig config = lifetimes_config_default();
    config.status = &status;
    config.given_pool = fixture_default(&f);
    config.given_process = arena_create_default(f.pool);
    config.given_unit = arena_create_default(f.pool);
    Lifetimes *lifetimes = lifetimes_create_with(&config);
    CHECK_STATUS(status, CORRAL_OK);
    CHECK_EQ_PTR(lifetimes_arena(lifetimes, LIFETIME_PROCESS), config.given_process);
    const char *text = lifetimes_intern(lifetimes, "stays", 5);
    CHECK_STATUS(lifetimes_destroy(lifetimes), CORRAL_OK);
    CHECK_STR(text, "stays");
    CHECK_STATUS(lifetimes_destroy(lifetimes), CORRAL_INVALID_ARENA);
    LifetimesConfig wrong = config;
    wrong.given_unit = wrong.given_process;
    CHECK_TRUE(lifetimes_create_with(&wrong) == NULL);
    CHECK_STATUS(status, CORRAL_INVALID_ARGUMENT);
    wrong.given_unit = NULL;
    CHECK_TRUE(lifetimes_create_with(&wrong) == NULL);
    CHECK_STATUS(status, CORRAL_INVALID_ARENA);
    wrong.given_unit = config.given_unit;
    wrong.given_pool = NULL;
    CHECK_TRUE(lifetimes_create_with(&wrong) == NULL);
    CHECK_STATUS(status, CORRAL_INVALID_ARGUMENT);
    CHECK_STATUS(arena_destroy(config.given_unit), CORRAL_OK);
    CHECK_STATUS(arena_destroy(config.given_process), CORRAL_OK);
    fixture_close(&f);
}

typedef struct Ender {
    Lifetimes *lifetimes;
    CorralStatus ended;
    CorralStatus destroyed;
} Ender;

static void end_it(void *context) {
    Ender *ender = context;
    CHECK_TRUE(lifetimes_alloc(ender->lifetimes, LIFETIME_UNIT, 1000) != NULL);
    ender->ended = lifetimes_end_unit(ender->lifetimes);
    ender->destroyed = lifetimes_destroy(ender->lifetimes);
}

static void test_end_in_a_callback_refused(void) {
    LifetimesFixture f;
    Ender ender = {.lifetimes = lifetimes_open(&f)};
    Arena *unit = lifetimes_arena(ender.lifetimes, LIFETIME_UNIT);
    CHECK_STATUS(arena_on_release(unit, end_it, &ender), CORRAL_OK);
    CHECK_STATUS(lifetimes_end_unit(ender.lifetimes), CORRAL_OK);
    CHECK_STATUS(ender.ended, CORRAL_RELEASING);
    CHECK_STATUS(ender.destroyed, CORRAL_RELEASING);
    CHECK_EQ_U64(lifetimes_numbers(ender.lifetimes).units, 1);
    CHECK_EQ_U64(lifetimes_numbers(ender.lifetimes).last_unit, 1008); /* what the callback allocated is counted */
    lifetimes_close(&f);
}

static void test_what_is_no_lifetimes_refused(void) {
    LifetimesFixture f;
    static _Alignas(64) unsigned char foreign[1024];
    Lifetimes *destroyed = lifetimes_open(&f);
    CHECK_STATUS(lifetimes_destroy(destroyed), CORRAL_OK);
    Arena *arena = arena_create_default(f.base.pool);
    Lifetimes *wrong[] = {NULL, (Lifetimes *)(void *)foreign, destroyed, (Lifetimes *)(void *)arena};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        LifetimesStats stats;
        LifetimeKindStats kind;
        CHECK_TRUE(lifetimes_alloc(wrong[i], LIFETIME_UNIT, 8) == NULL);
        CHECK_TRUE(lifetimes_alloc_kind(wrong[i], 0, 8) == NULL);
        CHECK_TRUE(lifetimes_intern(wrong[i], "x", 1) == NULL);
        CHECK_TRUE(lifetimes_pool(wrong[i]) == NULL && lifetimes_arena(wrong[i], LIFETIME_UNIT) == NULL);
        CHECK_STATUS(lifetimes_free(wrong[i], foreign), CORRAL_INVALID_ARENA);
        CHECK_STATUS(lifetimes_end_unit(wrong[i]), CORRAL_INVALID_ARENA);
        CHECK_STATUS(lifetimes_set_context(wrong[i], LIFETIME_UNIT), CORRAL_INVALID_ARENA);
        CHECK_EQ_I64(lifetimes_kind(wrong[i], "kind", LIFETIME_RULE_UNIT), -1);
        CHECK_EQ_I64(lifetimes_kind_named(wrong[i], "kind"), -1);
        CHECK_EQ_I64(lifetimes_decide(wrong[i], 0), -1);
        CHECK_STATUS(lifetimes_kind_stats(wrong[i], 0, &kind), CORRAL_INVALID_ARENA);
        CHECK_STATUS(lifetimes_stats(wrong[i], &stats), CORRAL_INVALID_ARENA);
        CHECK_STATUS(lifetimes_print(wrong[i], stdout), CORRAL_INVALID_ARENA);
        CHECK_EQ_U64(lifetimes_text(wrong[i], NULL, 0), 0);
        CHECK_STATUS(lifetimes_check(wrong[i]), CORRAL_INVALID_ARENA);
        CHECK_STATUS(lifetimes_last_status(wrong[i]), CORRAL_INVALID_ARENA);
        CHECK_STATUS(lifetimes_destroy(wrong[i]), CORRAL_INVALID_ARENA);
    }
    CHECK_STATUS(arena_destroy(arena), CORRAL_OK);
    fixture_close(&f.base);
}

TEST_MAIN(TEST_CASE(test_blocks_go_where_their_lifetime_says), TEST_CASE(test_end_of_a_unit_takes_its_blocks_back),
          TEST_CASE(test_peak_of_each_unit_is_noted), TEST_CASE(test_freeing_arena_memory_refused),
          TEST_CASE(test_interned_string_has_one_address), TEST_CASE(test_many_strings_are_told_apart),
          TEST_CASE(test_strings_that_were_taken_back_are_interned_anew), TEST_CASE(test_rules_decide_by_the_tree),
          TEST_CASE(test_wrong_kinds_refused), TEST_CASE(test_kinds_are_counted_by_lifetime),
          TEST_CASE(test_refused_allocations_are_not_counted), TEST_CASE(test_policy_is_given_at_the_beginning),
          TEST_CASE(test_wrong_policies_refused), TEST_CASE(test_table_is_as_expected),
          TEST_CASE(test_names_in_the_table_have_no_control_characters),
          TEST_CASE(test_blocks_of_the_pool_are_freed_too), TEST_CASE(test_destroy_frees_every_lifetime),
          TEST_CASE(test_given_arenas_are_left_alone), TEST_CASE(test_end_in_a_callback_refused),
          TEST_CASE(test_what_is_no_lifetimes_refused))
