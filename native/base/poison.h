/* SPDX-License-Identifier: Apache-2.0
 * poison.h - tells AddressSanitizer and Valgrind which bytes may be used. No-ops in a build that knows neither.
 * Layer: base. May include: nothing. The marks change no size and no branch of the code that sets them. */
#ifndef CORRAL_BASE_POISON_H
#define CORRAL_BASE_POISON_H

#include <stddef.h>

#if defined(__SANITIZE_ADDRESS__)
#define CORRAL_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define CORRAL_ASAN 1
#endif
#endif
#ifndef CORRAL_ASAN
#define CORRAL_ASAN 0
#endif

#ifndef CORRAL_VALGRIND
#define CORRAL_VALGRIND 0
#endif

#if CORRAL_ASAN
#include <sanitizer/asan_interface.h>
#endif
#if CORRAL_VALGRIND
#include <valgrind/memcheck.h>
#endif

#if CORRAL_ASAN
#define CORRAL_UNCHECKED __attribute__((no_sanitize_address))
#else
#define CORRAL_UNCHECKED
#endif

/* The bytes may not be touched until memory_open(). */
static inline void memory_close(const volatile void *start, size_t bytes) {
    (void)start;
    (void)bytes;
#if CORRAL_ASAN
    ASAN_POISON_MEMORY_REGION(start, bytes);
#endif
#if CORRAL_VALGRIND
    VALGRIND_MAKE_MEM_NOACCESS(start, bytes);
#endif
}

/* The bytes may be written, and read once they have been written. Called also before memory goes back to an owner that
 * knows nothing of marks: a poison that survives the unmapping would hit whoever gets the address next. */
static inline void memory_open(const volatile void *start, size_t bytes) {
    (void)start;
    (void)bytes;
#if CORRAL_ASAN
    ASAN_UNPOISON_MEMORY_REGION(start, bytes);
#endif
#if CORRAL_VALGRIND
    VALGRIND_MAKE_MEM_UNDEFINED(start, bytes);
#endif
}

/* As memory_open(), and the bytes may be read: they have been written. */
static inline void memory_open_filled(const volatile void *start, size_t bytes) {
    memory_open(start, bytes);
#if CORRAL_VALGRIND
    VALGRIND_MAKE_MEM_DEFINED(start, bytes);
#endif
}

/* Copies bytes of live memory whatever their marks say, for a look that is no use. A loop of its own: memcpy() is
 * checked also when its caller is not. */
CORRAL_UNCHECKED static inline void memory_peek(void *copy, const volatile void *start, size_t bytes) {
    const volatile unsigned char *from = start;
    volatile unsigned char *to = copy;
#if CORRAL_VALGRIND
    VALGRIND_DISABLE_ERROR_REPORTING;
#endif
    for (size_t i = 0; i < bytes; i++) {
        to[i] = from[i];
    }
#if CORRAL_VALGRIND
    VALGRIND_ENABLE_ERROR_REPORTING;
    VALGRIND_MAKE_MEM_DEFINED(copy, bytes);
#endif
}

#endif
