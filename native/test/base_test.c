/* SPDX-License-Identifier: Apache-2.0
 * base_test.c - arithmetic on sizes at its edges. */
#include "base/align.h"

#include "support/test.h"

static void test_power_of_two_is_recognised(void) {
    CHECK_FALSE(is_power_of_two(0));
    CHECK_FALSE(is_power_of_two(3));
    CHECK_FALSE(is_power_of_two(SIZE_MAX));
    for (unsigned shift = 0; shift < sizeof(size_t) * 8; shift++) {
        CHECK_TRUE(is_power_of_two((size_t)1 << shift));
    }
}

static void test_checked_add_refuses_overflow(void) {
    size_t sum;
    CHECK_TRUE(checked_add(SIZE_MAX - 1, 1, &sum) && sum == SIZE_MAX);
    CHECK_TRUE(checked_add(0, 0, &sum) && sum == 0);
    CHECK_FALSE(checked_add(SIZE_MAX, 1, &sum));
    CHECK_FALSE(checked_add(SIZE_MAX, SIZE_MAX, &sum));
}

static void test_checked_mul_refuses_overflow(void) {
    size_t product;
    CHECK_TRUE(checked_mul(0, SIZE_MAX, &product) && product == 0);
    CHECK_TRUE(checked_mul(SIZE_MAX, 0, &product) && product == 0);
    CHECK_TRUE(checked_mul(SIZE_MAX, 1, &product) && product == SIZE_MAX);
    CHECK_TRUE(checked_mul(SIZE_MAX / 3, 3, &product));
    CHECK_FALSE(checked_mul(SIZE_MAX / 2 + 1, 2, &product));
    CHECK_FALSE(checked_mul(SIZE_MAX, SIZE_MAX, &product));
}

static void test_checked_align_up_refuses_overflow(void) {
    size_t rounded;
    CHECK_TRUE(checked_align_up(0, 16, &rounded) && rounded == 0);
    CHECK_TRUE(checked_align_up(17, 16, &rounded) && rounded == 32);
    CHECK_TRUE(checked_align_up(SIZE_MAX - 15, 16, &rounded) && rounded == SIZE_MAX - 15);
    CHECK_FALSE(checked_align_up(SIZE_MAX - 14, 16, &rounded));
    CHECK_FALSE(checked_align_up(SIZE_MAX, 4096, &rounded));
}

static void test_align_up_and_gap_agree(void) {
    for (size_t alignment = 1; alignment <= 4096; alignment *= 2) {
        for (size_t value = 0; value < 300; value++) {
            CHECK_EQ_U64(align_up(value, alignment), value + align_gap(value, alignment));
            CHECK_EQ_U64(align_up(value, alignment) % alignment, 0);
            CHECK_TRUE(align_gap(value, alignment) < alignment);
        }
    }
}

static void test_floor_log2_is_the_highest_bit(void) {
    for (unsigned bit = 0; bit < 64; bit++) {
        uint64_t power = UINT64_C(1) << bit;
        CHECK_EQ_U64(floor_log2(power), bit);
        CHECK_EQ_U64(floor_log2(power | (power - 1)), bit);
    }
}

static void test_lowest_bit_is_the_lowest(void) {
    for (unsigned bit = 0; bit < 64; bit++) {
        uint64_t power = UINT64_C(1) << bit;
        CHECK_EQ_U64(lowest_bit(power), bit);
        CHECK_EQ_U64(lowest_bit(power | (0 - power)), bit);
        CHECK_EQ_U64(lowest_bit(power | UINT64_C(1) << 63), bit);
    }
}

TEST_MAIN(TEST_CASE(test_power_of_two_is_recognised), TEST_CASE(test_checked_add_refuses_overflow),
          TEST_CASE(test_checked_mul_refuses_overflow), TEST_CASE(test_checked_align_up_refuses_overflow),
          TEST_CASE(test_align_up_and_gap_agree), TEST_CASE(test_floor_log2_is_the_highest_bit),
          TEST_CASE(test_lowest_bit_is_the_lowest))
