/* SPDX-License-Identifier: Apache-2.0
 * slot_pool_test.c - values in slots and chunks: put, read, replace, remove, walk, refuse. */
#include "support/slot_retry.h"

typedef struct SlotFixture {
    PoolFixture base;
    SlotPool *slots;
} SlotFixture;

static SlotPool *open(SlotFixture *fixture) {
    Pool *pool = fixture_default(&fixture->base);
    fixture->slots = slot_pool_create(pool);
    CHECK_TRUE(fixture->slots != NULL);
    return fixture->slots;
}

static void close(SlotFixture *fixture) {
    CHECK_STATUS(slot_pool_check(fixture->slots), CORRAL_OK);
    CHECK_STATUS(slot_pool_destroy(fixture->slots), CORRAL_OK);
    CHECK_EQ_U64(fixture_stats(&fixture->base).live_blocks, 0);
    fixture_close(&fixture->base);
}

static SlotPoolStats stats_of(const SlotPool *slots) {
    SlotPoolStats stats;
    CHECK_STATUS(slot_pool_stats(slots, &stats), CORRAL_OK);
    CHECK_EQ_U64(stats.live, stats.inline_live + stats.large_live);
    CHECK_LE_U64(stats.live, stats.peak);
    CHECK_LE_U64(stats.large_bytes, stats.chunk_bytes);
    CHECK_LE_U64(stats.chunk_bytes + stats.free_bytes, stats.arena_bytes);
    CHECK_LE_U64(stats.reused, stats.large_puts);
    return stats;
}

/* `size` bytes that tell `seed`. */
static const unsigned char *pattern(size_t size, unsigned seed) {
    static unsigned char bytes[1 << 18];
    for (size_t i = 0; i < size; i++) {
        bytes[i] = (unsigned char)(seed * 31 + i * 7 + (i >> 8));
    }
    return bytes;
}

static void check_value(SlotPool *slots, SlotHandle handle, size_t size, unsigned seed) {
    size_t actual = SIZE_MAX;
    const void *bytes = slot_bytes(slots, handle, &actual);
    CHECK_EQ_U64(actual, size);
    CHECK_TRUE(bytes != NULL && (size == 0 || memcmp(bytes, pattern(size, seed), size) == 0));
}

static void test_typed_values_come_back(void) {
    SlotFixture fixture;
    SlotPool *slots = open(&fixture);
    SlotHandle a = slot_put_byte(slots, 0, -1), b = slot_put_short(slots, 0, INT16_MIN), c = slot_put_int(slots, 0, 7),
               d = slot_put_long(slots, 0, INT64_MIN), e = slot_put_float(slots, 0, 1.5f),
               f = slot_put_double(slots, 0, -0.25);
    int8_t byte = 0;
    int16_t number = 0;
    int32_t word = 0;
    int64_t large = 0;
    float real = 0;
    double wide = 0;
    CHECK_STATUS(slot_get_byte(slots, a, &byte), CORRAL_OK);
    CHECK_STATUS(slot_get_short(slots, b, &number), CORRAL_OK);
    CHECK_STATUS(slot_get_int(slots, c, &word), CORRAL_OK);
    CHECK_STATUS(slot_get_long(slots, d, &large), CORRAL_OK);
    CHECK_STATUS(slot_get_float(slots, e, &real), CORRAL_OK);
    CHECK_STATUS(slot_get_double(slots, f, &wide), CORRAL_OK);
    CHECK_TRUE(byte == -1 && number == INT16_MIN && word == 7 && large == INT64_MIN);
    CHECK_TRUE(real >= 1.5f && real <= 1.5f && wide >= -0.25 && wide <= -0.25);
    CHECK_STATUS(slot_get_int(slots, d, &word), CORRAL_INVALID_ARGUMENT);
    CHECK_STATUS(slot_set_int(slots, d, 9), CORRAL_OK);
    CHECK_STATUS(slot_get_int(slots, d, &word), CORRAL_OK);
    CHECK_EQ_I64(word, 9);
    close(&fixture);
}

static void test_values_up_to_16_bytes_are_inline(void) {
    SlotFixture fixture;
    SlotPool *slots = open(&fixture);
    SlotHandle handles[17];
    for (unsigned size = 0; size <= 16; size++) {
        handles[size] = slot_put(slots, 0, pattern(size, size), size);
        CHECK_EQ_U64(handles[size], (uint64_t)1 << 32 | size); /* the first free slot, in its first generation */
    }
    SlotPoolStats stats = stats_of(slots);
    CHECK_EQ_U64(stats.inline_live, 17);
    CHECK_EQ_U64(stats.arena_bytes, 0);
    CHECK_EQ_U64(stats.slot_blocks, 1);
    for (unsigned size = 0; size <= 16; size++) {
        check_value(slots, handles[size], size, size);
    }
    SlotHandle large = slot_put(slots, 0, pattern(17, 1), 17);
    check_value(slots, large, 17, 1);
    stats = stats_of(slots);
    CHECK_EQ_U64(stats.large_live, 1);
    CHECK_EQ_U64(stats.chunk_bytes, 32);
    CHECK_EQ_U64(stats.arena_bytes, 65536);
    close(&fixture);
}

static void test_removed_handle_refused(void) {
    SlotFixture fixture;
    SlotPool *slots = open(&fixture);
    SlotHandle first = slot_put_int(slots, 0, 1);
    CHECK_STATUS(slot_remove(slots, first), CORRAL_OK);
    CHECK_STATUS(slot_remove(slots, first), CORRAL_STALE_HANDLE);
    SlotHandle second = slot_put_int(slots, 0, 2);
    CHECK_EQ_U64((uint32_t)second, (uint32_t)first); /* the same slot */
    CHECK_TRUE(second != first);
    int32_t value = 0;
    CHECK_STATUS(slot_get_int(slots, first, &value), CORRAL_STALE_HANDLE);
    CHECK_TRUE(slot_bytes(slots, first, NULL) == NULL);
    CHECK_STATUS(slot_pool_last_status(slots), CORRAL_STALE_HANDLE);
    CHECK_STATUS(slot_set(slots, first, "x", 1), CORRAL_STALE_HANDLE);
    CHECK_STATUS(slot_get_int(slots, second, &value), CORRAL_OK);
    CHECK_EQ_I64(value, 2);
    close(&fixture);
}

/* Every handle but that of the one live value is refused, whatever its bits. */
static void test_forged_handle_refused(void) {
    SlotFixture fixture;
    SlotPool *slots = open(&fixture);
    SlotHandle live = slot_put_int(slots, 0, 1);
    SlotHandle removed = slot_put_int(slots, 0, 2);
    slot_remove(slots, removed);
    SlotHandle large = slot_put(slots, 0, pattern(100, 1), 100);
    slot_remove(slots, large);
    static const uint64_t parts[] = {0, 1, 2, 3, 63, 64, 2727, 2728, 4095, 4096, UINT32_MAX, UINT32_MAX - 1, 1u << 31};
    size_t count = sizeof parts / sizeof parts[0], refused = 0;
    for (size_t high = 0; high < count; high++) {
        for (size_t low = 0; low < count; low++) {
            SlotHandle forged = parts[high] << 32 | parts[low];
            refused += slot_remove(slots, forged) == CORRAL_STALE_HANDLE && slot_bytes(slots, forged, NULL) == NULL;
            if (forged == live) {
                live = slot_put_int(slots, 0, 1);
            }
        }
    }
    CHECK_EQ_U64(refused, count * count - 3); /* 1:0 was live, and so were those after it in 2:0 and 3:0 */
    CHECK_EQ_U64(stats_of(slots).live, 1);
    CHECK_STATUS(slot_remove(slots, live), CORRAL_OK);
    uint64_t state = 1;
    for (size_t i = 0; i < test_scaled(200000); i++) {
        CHECK_STATUS(slot_remove(slots, test_random(&state)), CORRAL_STALE_HANDLE);
    }
    close(&fixture);
}

static void test_slot_whose_generation_ends_is_retired(void) {
    SlotFixture fixture;
    SlotPool *slots = open(&fixture);
    SlotHandle handle = slot_put_int(slots, 0, 1);
    CHECK_STATUS(slot_remove(slots, handle), CORRAL_OK);
    Slot *slot = &slots->blocks[0]->slots[0];
    slot->state = (uint64_t)SLOT_GENERATION_MAX << 32 | SLOT_FREE;
    slots->blocks[0]->newest = SLOT_GENERATION_MAX;
    SlotHandle last = slot_put_int(slots, 0, 2);
    CHECK_EQ_U64(last, (uint64_t)SLOT_GENERATION_MAX << 32);
    CHECK_STATUS(slot_remove(slots, last), CORRAL_OK);
    CHECK_STATUS(slot_remove(slots, last), CORRAL_STALE_HANDLE);
    CHECK_STATUS(slot_pool_check(slots), CORRAL_OK);
    CHECK_EQ_U64((uint32_t)slot_put_int(slots, 0, 3), 1); /* another slot */
    close(&fixture);
}

static void test_free_chunk_serves_its_size_class(void) {
    SlotFixture fixture;
    SlotPool *slots = open(&fixture);
    SlotHandle first = slot_put(slots, 0, pattern(1000, 1), 1000);
    SlotHandle other = slot_put(slots, 0, pattern(1000, 2), 1000);
    const void *place = slot_bytes(slots, first, NULL);
    uint64_t used = stats_of(slots).chunk_bytes;
    CHECK_EQ_U64(used, 2048);
    CHECK_STATUS(slot_remove(slots, first), CORRAL_OK);
    CHECK_EQ_U64(stats_of(slots).free_bytes, 1024);
    SlotHandle smaller = slot_put(slots, 0, pattern(800, 3), 800); /* its class ends at 832 */
    CHECK_TRUE(slot_bytes(slots, smaller, NULL) != place);
    SlotHandle similar = slot_put(slots, 0, pattern(961, 4), 961); /* the class of 961 to 1,024 bytes */
    CHECK_EQ_PTR(slot_bytes(slots, similar, NULL), place);
    CHECK_EQ_U64((uint32_t)similar, (uint32_t)first);
    check_value(slots, similar, 961, 4);
    check_value(slots, other, 1000, 2);
    SlotPoolStats stats = stats_of(slots);
    CHECK_EQ_U64(stats.reused, 1);
    CHECK_EQ_U64(stats.large_puts, 4);
    CHECK_EQ_U64(stats.free_bytes, 0);
    close(&fixture);
}

/* Every size up to 64 KiB, and those around each class border up to 1 GiB. */
static void test_chunks_waste_no_more_than_promised(void) {
    uint32_t last = 0;
    for (size_t size = SLOT_INLINE_MAX + 1; size <= SLOT_VALUE_MAX;) {
        uint32_t size_class = slot_class_of(size);
        size_t capacity = slot_class_capacity(size_class);
        CHECK_TRUE(capacity >= size && size_class - last <= 1);
        CHECK_LE_U64(capacity - size, size / 8 > 15 ? size / 8 : 15);
        if (size == capacity || size <= 65536) {
            size++;
        } else {
            size = size + 1 == capacity ? capacity : size + (capacity - size) / 2;
        }
        last = size_class;
    }
    CHECK_EQ_U64(last, SLOT_SIZE_CLASSES - 1);
}

/* From every size to every other around the borders, with the bytes of the old value as the source, too. */
static void test_value_grows_and_shrinks_under_its_handle(void) {
    static const size_t sizes[] = {0, 1, 8, 15, 16, 17, 32, 33, 128, 129, 144, 1000, 1024, 1025, 70000};
    SlotFixture fixture;
    SlotPool *slots = open(&fixture);
    size_t count = sizeof sizes / sizeof sizes[0];
    for (size_t from = 0; from < count; from++) {
        for (size_t to = 0; to < count; to++) {
            SlotHandle handle = slot_put(slots, 0, pattern(sizes[from], 5), sizes[from]);
            SlotHandle beside = slot_put(slots, 0, pattern(sizes[from], 6), sizes[from]);
            CHECK_STATUS(slot_set(slots, handle, pattern(sizes[to], 7), sizes[to]), CORRAL_OK);
            check_value(slots, handle, sizes[to], 7);
            check_value(slots, beside, sizes[from], 6);
            size_t kept = sizes[to] < 10 ? sizes[to] : 10;
            CHECK_STATUS(slot_set(slots, handle, slot_bytes(slots, handle, NULL), kept), CORRAL_OK);
            check_value(slots, handle, kept, 7);
            CHECK_STATUS(slot_remove(slots, handle), CORRAL_OK);
            CHECK_STATUS(slot_remove(slots, beside), CORRAL_OK);
        }
    }
    CHECK_STATUS(slot_pool_check(slots), CORRAL_OK);
    SlotPoolStats stats = stats_of(slots);
    CHECK_EQ_U64(stats.live, 0);
    CHECK_EQ_U64(stats.peak, 2);
    close(&fixture);
}

static void test_values_are_met_in_slot_order(void) {
    SlotFixture fixture;
    SlotPool *slots = open(&fixture);
    SlotHandle handles[6000];
    for (int i = 0; i < 6000; i++) {
        handles[i] = slot_put_int(slots, 0, i);
    }
    for (int i = 0; i < 6000; i += 3) {
        slot_remove(slots, handles[i]);
    }
    int met = 0, expected = 0;
    for (SlotHandle at = slot_next(slots, 0); at != 0; at = slot_next(slots, at)) {
        expected += expected % 3 == 0 ? 1 : 0;
        CHECK_EQ_U64(at, handles[expected]);
        expected++;
        met++;
    }
    CHECK_EQ_I64(met, 4000);
    CHECK_EQ_U64(slot_next(slots, UINT64_MAX), 0);
    CHECK_EQ_U64(slot_next(slots, handles[3]), handles[4]); /* also from a place whose value is gone */
    close(&fixture);
}

static void test_bytes_that_are_no_value_refused(void) {
    SlotFixture fixture;
    SlotPool *slots = open(&fixture);
    SlotHandle handle = slot_put(slots, 0, NULL, 0);
    CHECK_TRUE(handle != 0);
    CHECK_EQ_U64(slot_put(slots, 0, NULL, 1), 0);
    CHECK_STATUS(slot_pool_last_status(slots), CORRAL_INVALID_ARGUMENT);
    CHECK_EQ_U64(slot_put(slots, 0, "", SLOT_VALUE_MAX + 1), 0);
    CHECK_STATUS(slot_pool_last_status(slots), CORRAL_SIZE_LIMIT);
    CHECK_EQ_U64(slot_put_utf8(slots, 0, NULL), 0);
    CHECK_STATUS(slot_pool_last_status(slots), CORRAL_INVALID_ARGUMENT);
    CHECK_EQ_U64(slot_put_words(slots, 0, NULL, 4), 0);
    uint64_t words[2] = {0, 0};
    CHECK_EQ_U64(slot_put_words(slots, 0, words, 17), 0);
    CHECK_STATUS(slot_set(slots, handle, NULL, 3), CORRAL_INVALID_ARGUMENT);
    CHECK_STATUS(slot_set(slots, handle, "", SIZE_MAX), CORRAL_SIZE_LIMIT);
    CHECK_STATUS(slot_read(slots, handle, NULL, 0), CORRAL_INVALID_ARGUMENT);
    CHECK_STATUS(slot_pool_stats(slots, NULL), CORRAL_INVALID_ARGUMENT);
    CHECK_EQ_U64(stats_of(slots).live, 1);
    close(&fixture);
}

static void check_all_refuse(SlotPool *slots) {
    int32_t value;
    size_t size = 1;
    SlotPoolStats stats;
    CHECK_EQ_U64(slot_put(slots, 0, "x", 1), 0);
    CHECK_EQ_U64(slot_put_utf8(slots, 0, "x"), 0);
    CHECK_EQ_U64(slot_put_utf8(slots, 0, NULL), 0);
    CHECK_EQ_U64(slot_put_int(slots, 0, 1), 0);
    CHECK_STATUS(slot_set(slots, (uint64_t)1 << 32, "x", 1), CORRAL_INVALID_ARENA);
    CHECK_STATUS(slot_get_int(slots, (uint64_t)1 << 32, &value), CORRAL_INVALID_ARENA);
    CHECK_TRUE(slot_bytes(slots, (uint64_t)1 << 32, &size) == NULL);
    CHECK_EQ_U64(size, 0);
    CHECK_STATUS(slot_remove(slots, (uint64_t)1 << 32), CORRAL_INVALID_ARENA);
    CHECK_EQ_U64(slot_next(slots, 0), 0);
    CHECK_EQ_U64(slot_next_in(slots, 0, 0), 0);
    CHECK_EQ_U64(slot_region_create(slots), 0);
    CHECK_STATUS(slot_region_destroy(slots, 1), CORRAL_INVALID_ARENA);
    CHECK_STATUS(slot_pool_stats(slots, &stats), CORRAL_INVALID_ARENA);
    CHECK_STATUS(slot_pool_stats(slots, NULL), CORRAL_INVALID_ARENA);
    CHECK_EQ_U64(stats.live + stats.slot_blocks, 0);
    CHECK_STATUS(slot_pool_check(slots), CORRAL_INVALID_ARENA);
    CHECK_STATUS(slot_pool_last_status(slots), CORRAL_INVALID_ARENA);
    CHECK_STATUS(slot_pool_destroy(slots), CORRAL_INVALID_ARENA);
}

static void test_what_is_no_slot_pool_refused(void) {
    static _Alignas(64) unsigned char foreign[4096];
    SlotFixture fixture;
    SlotPool *slots = open(&fixture);
    slot_put_int(slots, 0, 1);
    slot_put(slots, 0, pattern(100, 1), 100);
    CHECK_STATUS(slot_pool_destroy(slots), CORRAL_OK);
    check_all_refuse(NULL);
    check_all_refuse((SlotPool *)(void *)foreign);
    check_all_refuse((SlotPool *)(void *)(foreign + 1));
    check_all_refuse(slots);
    CHECK_TRUE(slot_pool_create(NULL) == NULL);
    fixture_close(&fixture.base);
}

static void test_slot_pool_ends_with_its_parent(void) {
    ArenaFixture fixture;
    Arena *parent = arena_fixture_default(&fixture);
    SlotPoolConfig config = slot_pool_config_default();
    CorralStatus status = CORRAL_CORRUPTED;
    config.parent = parent;
    config.status = &status;
    SlotPool *slots = slot_pool_create_with(NULL, &config);
    CHECK_STATUS(status, CORRAL_OK);
    slot_put(slots, slot_region_create(slots), pattern(100, 1), 100);
    slot_put(slots, 0, pattern(100, 1), 100);
    ArenaStats stats;
    CHECK_STATUS(arena_stats(parent, &stats), CORRAL_OK);
    CHECK_EQ_U64(stats.children, 3);
    CHECK_STATUS(arena_reset(parent), CORRAL_OK);
    check_all_refuse(slots);
    slots = slot_pool_create_with(NULL, &config);
    CHECK_STATUS(arena_clear(parent), CORRAL_OK);
    check_all_refuse(slots);
    config.limit = 4096;
    slots = slot_pool_create_with(NULL, &config);
    CHECK_TRUE(slot_put_int(slots, 0, 1) != 0);
    CHECK_EQ_U64(slot_put(slots, 0, pattern(5000, 1), 5000), 0);
    CHECK_STATUS(slot_pool_last_status(slots), CORRAL_LIMIT_REACHED);
    CHECK_STATUS(slot_pool_check(slots), CORRAL_OK);
    CHECK_STATUS(slot_pool_destroy(slots), CORRAL_OK);
    arena_fixture_close(&fixture);
    config.parent = (Arena *)(void *)&fixture;
    CHECK_TRUE(slot_pool_create_with(NULL, &config) == NULL);
    CHECK_STATUS(status, CORRAL_INVALID_ARENA);
}

/* A limit is used whole, however small, and whether a value is smaller than a block or larger. */
static void test_slot_limits_smaller_than_a_block(void) {
    static const size_t sizes[] = {17, 112, 1000, 60000, 65536, 106496, 1 << 18};
    PoolFixture fixture;
    Pool *pool = fixture_default(&fixture);
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        size_t capacity = slot_class_capacity(slot_class_of(sizes[i]));
        SlotPoolConfig config = slot_pool_config_default();
        config.limit = capacity - ARENA_ALIGNMENT;
        SlotPool *slots = slot_pool_create_with(pool, &config);
        CHECK_EQ_U64(slot_put(slots, 0, pattern(sizes[i], 1), sizes[i]), 0);
        CHECK_STATUS(slot_pool_last_status(slots), CORRAL_LIMIT_REACHED);
        CHECK_STATUS(slot_pool_destroy(slots), CORRAL_OK);
        config.limit = capacity;
        slots = slot_pool_create_with(pool, &config);
        CHECK_TRUE(slot_put(slots, 0, pattern(sizes[i], 1), sizes[i]) != 0);
        CHECK_EQ_U64(slot_put(slots, 0, pattern(sizes[i], 1), sizes[i]), 0);
        CHECK_STATUS(slot_pool_last_status(slots), CORRAL_LIMIT_REACHED);
        CHECK_STATUS(slot_pool_check(slots), CORRAL_OK);
        CHECK_STATUS(slot_pool_destroy(slots), CORRAL_OK);
    }
    fixture_close(&fixture);
}

static void test_slot_pool_ends_with_its_pool(void) {
    SlotFixture fixture;
    SlotPool *slots = open(&fixture);
    slot_put_int(slots, 0, 1);
    slot_put(slots, slot_region_create(slots), pattern(100, 1), 100);
    fixture_close(&fixture.base);
}

/* The books are given back, so that slot pools that follow each other need the room of one. */
static void test_slot_pools_leave_nothing_behind(void) {
    SlotFixture fixture;
    Pool *pool = fixture_default(&fixture.base);
    uint64_t reserved = 0;
    for (int round = 0; round < 20; round++) {
        SlotPool *slots = slot_pool_create(pool);
        for (int i = 0; i < 6000; i++) {
            slot_put_int(slots, 0, i);
        }
        slot_put(slots, slot_region_create(slots), pattern(100, 1), 100);
        CHECK_STATUS(slot_pool_destroy(slots), CORRAL_OK);
        reserved = round == 1 ? fixture_stats(&fixture.base).reserved : reserved;
    }
    CHECK_EQ_U64(fixture_stats(&fixture.base).reserved, reserved);
    fixture_close(&fixture.base);
}

TEST_MAIN(TEST_CASE(test_typed_values_come_back), TEST_CASE(test_values_up_to_16_bytes_are_inline),
          TEST_CASE(test_removed_handle_refused), TEST_CASE(test_forged_handle_refused),
          TEST_CASE(test_slot_whose_generation_ends_is_retired), TEST_CASE(test_free_chunk_serves_its_size_class),
          TEST_CASE(test_chunks_waste_no_more_than_promised), TEST_CASE(test_value_grows_and_shrinks_under_its_handle),
          TEST_CASE(test_values_are_met_in_slot_order), TEST_CASE(test_bytes_that_are_no_value_refused),
          TEST_CASE(test_slot_limits_smaller_than_a_block), TEST_CASE(test_what_is_no_slot_pool_refused),
          TEST_CASE(test_slot_pool_ends_with_its_parent), TEST_CASE(test_slot_pool_ends_with_its_pool),
          TEST_CASE(test_slot_pools_leave_nothing_behind))
