/* SPDX-License-Identifier: Apache-2.0
 * align.h - checked arithmetic on sizes. Layer: base. May include: nothing. Threads: pure functions. */
#ifndef CORRAL_BASE_ALIGN_H
#define CORRAL_BASE_ALIGN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* True for 1, 2, 4, ... */
static inline bool is_power_of_two(size_t value) {
    return value != 0 && (value & (value - 1)) == 0;
}

/* Stores a + b in *sum; false, and *sum unspecified, when it does not fit. */
static inline bool checked_add(size_t a, size_t b, size_t *sum) {
    *sum = a + b;
    return *sum >= a;
}

/* Stores a * b in *product; false, and *product unspecified, when it does not fit. */
static inline bool checked_mul(size_t a, size_t b, size_t *product) {
    *product = a * b;
    return a == 0 || *product / a == b;
}

/* Rounds `value` up to a multiple of `alignment` (a power of two); false when the result does not fit. */
static inline bool checked_align_up(size_t value, size_t alignment, size_t *rounded) {
    bool fits = checked_add(value, alignment - 1, rounded);
    *rounded &= ~(alignment - 1);
    return fits;
}

/* Rounds up a value that the caller knows to be small enough. */
static inline size_t align_up(size_t value, size_t alignment) {
    return (value + alignment - 1) & ~(alignment - 1);
}

/* Bytes from `address` to the next multiple of `alignment` (a power of two). */
static inline size_t align_gap(uint64_t address, size_t alignment) {
    return (size_t)(-address & (uint64_t)(alignment - 1));
}

/* Index of the highest set bit; value > 0. */
static inline unsigned floor_log2(uint64_t value) {
    unsigned log = 0;
    for (unsigned step = 32; step != 0; step >>= 1) {
        if (value >> step != 0) {
            value >>= step;
            log += step;
        }
    }
    return log;
}

/* Index of the lowest set bit; value > 0. The product with a de Bruijn sequence has another top for each bit
 * (Leiserson, Prokop and Randall, 1998). */
static inline unsigned lowest_bit(uint64_t value) {
    static const uint8_t index_of_top[64] = {0,  1,  48, 2,  57, 49, 28, 3,  61, 58, 50, 42, 38, 29, 17, 4,
                                             62, 55, 59, 36, 53, 51, 43, 22, 45, 39, 33, 30, 24, 18, 12, 5,
                                             63, 47, 56, 27, 60, 41, 37, 16, 54, 35, 52, 21, 44, 32, 23, 11,
                                             46, 26, 40, 15, 34, 20, 31, 10, 25, 14, 19, 9,  13, 8,  7,  6};
    return index_of_top[(value & (0 - value)) * UINT64_C(0x03F79D71B4CB0A89) >> 58];
}

#endif
