/* SPDX-License-Identifier: Apache-2.0
 * mapped_damage_test.c - files that were damaged, cut or made by others. */
#define _GNU_SOURCE

#include "support/mapped_fixture.h"

#include <signal.h>
#include <sys/wait.h>

#include "support/test.h"

/* --- the checksum ------------------------------------------------------------------------------------------------- */

static uint64_t checksum_of(const void *bytes, size_t size) {
    Checksum checksum;
    checksum_begin(&checksum);
    size_t first = size / 64 * 32; /* in two steps */
    checksum_add(&checksum, bytes, first);
    return checksum_end(&checksum, (const unsigned char *)bytes + first, size - first);
}

/* The reference implementation's own values: its sanity buffer, and texts that its documentation states. */
static void test_checksum_is_xxh64(void) {
    unsigned char sanity[222];
    uint64_t generator = UINT32_C(2654435761);
    for (size_t i = 0; i < sizeof sanity; i++) {
        sanity[i] = (unsigned char)(generator >> 56);
        generator *= UINT64_C(11400714785074694797);
    }
    CHECK_EQ_U64(checksum_of(sanity, 0), UINT64_C(0xEF46DB3751D8E999));
    CHECK_EQ_U64(checksum_of(sanity, 1), UINT64_C(0xE934A84ADB052768));
    CHECK_EQ_U64(checksum_of(sanity, 14), UINT64_C(0x8282DCC4994E35C8));
    CHECK_EQ_U64(checksum_of(sanity, 222), UINT64_C(0xB641AE8CB691C174));
    CHECK_EQ_U64(checksum_of("abc", 3), UINT64_C(0x44BC2CF5AD770999));
}

/* --- damage ------------------------------------------------------------------------------------------------------- */

/* A sealed file of `nodes` nodes: its bytes, to be freed. */
static unsigned char *sealed(MappedFixture *f, size_t nodes, size_t *size) {
    mapped_fixture_open(f);
    CHECK_STATUS(mapped_fixture_seal(f, os_files(), mapped_list(f->arena, 1, nodes)), CORRAL_OK);
    return file_bytes(f->path, size);
}

static CorralStatus status_of(MappedFixture *f, MappedHow how) {
    MappedArena *mapped = mapped_fixture_read(f, how);
    CorralStatus status = f->error.status;
    if (mapped != NULL) {
        mapped_close(mapped);
    }
    return status;
}

/* Changes one byte of the file in place. */
static void poke(const MappedFixture *f, size_t at, unsigned char value) {
    FILE *file = fopen(f->path, "r+b");
    if (CHECK_TRUE(file != NULL)) {
        CHECK_TRUE(fseek(file, (long)at, SEEK_SET) == 0 && fwrite(&value, 1, 1, file) == 1);
        CHECK_TRUE(fclose(file) == 0);
    }
}

static void test_mapped_every_flipped_header_byte_is_found(void) {
    MappedFixture f;
    size_t size = 0;
    unsigned char *bytes = sealed(&f, 10, &size);
    REQUIRE_TRUE(bytes != NULL);
    size_t step = test_scaled(100) < 100 ? 61 : 1;
    for (size_t at = 0; at < MAPPED_PAGE && test_failures() == 0; at += at < sizeof(MappedHeader) ? 1 : step) {
        for (unsigned bit = 0; bit < 8; bit += at < sizeof(MappedHeader) ? 1 : 7) {
            poke(&f, at, (unsigned char)(bytes[at] ^ 1U << bit));
            CorralStatus status = status_of(&f, bit % 2 == 0 ? MAPPED_SHARED : MAPPED_LOADED);
            CorralStatus expected = at < 12   ? CORRAL_FILE_FOREIGN
                                    : at < 16 ? (at == 12 && bit == 0 ? CORRAL_FILE_DAMAGED : CORRAL_FILE_NEWER)
                                    : at < 24 ? CORRAL_FILE_FOREIGN
                                              : CORRAL_FILE_DAMAGED;
            if (!CHECK_STATUS(status, expected)) {
                printf("        byte %zu bit %u: %s\n", at, bit, f.error.text);
            }
        }
        poke(&f, at, bytes[at]);
    }
    CHECK_STATUS(status_of(&f, MAPPED_SHARED), CORRAL_OK);
    free(bytes);
    mapped_fixture_close(&f);
}

static void test_mapped_every_flipped_content_byte_is_found(void) {
    MappedFixture f;
    size_t size = 0;
    unsigned char *bytes = sealed(&f, 300, &size);
    REQUIRE_TRUE(bytes != NULL);
    for (size_t at = MAPPED_PAGE; at < size && test_failures() == 0; at += test_scaled(100) < 100 ? 509 : 7) {
        poke(&f, at, bytes[at] ^ 0x10);
        CHECK_STATUS(status_of(&f, at % 2 == 0 ? MAPPED_SHARED : MAPPED_LOADED), CORRAL_FILE_DAMAGED);
        poke(&f, at, bytes[at]);
    }
    CHECK_STATUS(status_of(&f, MAPPED_SHARED), CORRAL_OK);
    free(bytes);
    mapped_fixture_close(&f);
}

static void test_mapped_every_truncation_is_found(void) {
    MappedFixture f;
    size_t size = 0;
    unsigned char *bytes = sealed(&f, 20000, &size);
    REQUIRE_TRUE(bytes != NULL);
    for (size_t kept = size; kept-- > 0 && test_failures() == 0;) {
        kept = kept / MAPPED_PAGE * MAPPED_PAGE;
        CHECK_TRUE(truncate(f.path, (off_t)kept) == 0);
        CHECK_REFUSED(&f, kept == 0 ? CORRAL_FILE_FOREIGN : CORRAL_FILE_DAMAGED,
                      kept == 0 ? "bytes=0" : "it is truncated, make it again");
    }
    for (size_t kept = 1; kept < MAPPED_PAGE; kept += 37) {
        file_write(f.path, bytes, kept);
        CHECK_REFUSED(&f, kept < 8 ? CORRAL_FILE_FOREIGN : CORRAL_FILE_DAMAGED, "a sealed arena has at least 4096");
    }
    free(bytes);
    mapped_fixture_close(&f);
}

static void test_mapped_longer_file_is_refused(void) {
    MappedFixture f;
    size_t size = 0;
    free(sealed(&f, 10, &size));
    CHECK_TRUE(truncate(f.path, (off_t)(size + MAPPED_PAGE)) == 0);
    CHECK_REFUSED(&f, CORRAL_FILE_DAMAGED, "longer than it was");
    mapped_fixture_close(&f);
}

/* Writes the file with a changed header, whose checksum is right again. */
static void forge(MappedFixture *f, unsigned char *bytes, size_t size, const MappedHeader *changed) {
    MappedHeader header = *changed;
    header.content_checksum = checksum_of(bytes + MAPPED_PAGE, size - MAPPED_PAGE);
    header.header_checksum = 0;
    memcpy(bytes, &header, sizeof header);
    header.header_checksum = checksum_of(bytes, MAPPED_PAGE);
    memcpy(bytes, &header, sizeof header);
    file_write(f->path, bytes, size);
}

static void test_mapped_files_of_other_machines_are_refused(void) {
    MappedFixture f;
    size_t size = 0;
    unsigned char *bytes = sealed(&f, 10, &size);
    REQUIRE_TRUE(bytes != NULL);
    MappedHeader header;
    memcpy(&header, bytes, sizeof header);
    MappedHeader other = header;
    other.byte_order = UINT32_C(0x04030201);
    forge(&f, bytes, size, &other);
    CHECK_REFUSED(&f, CORRAL_FILE_FOREIGN, "byte_order=0x4030201, this machine has 0x1020304");
    other = header;
    other.page_size = 65536;
    forge(&f, bytes, size, &other);
    CHECK_REFUSED(&f, CORRAL_FILE_FOREIGN, "page_size=0x10000, this machine has 0x1000");
    other = header;
    other.version = MAPPED_VERSION + 1;
    forge(&f, bytes, size, &other);
    CHECK_REFUSED(&f, CORRAL_FILE_NEWER, "version=2, this library knows versions up to 1");
    file_write(f.path, "#!/bin/sh\nexit\n", 15);
    CHECK_REFUSED(&f, CORRAL_FILE_FOREIGN, "bytes=15");
    memset(bytes, 'x', size);
    file_write(f.path, bytes, size);
    CHECK_REFUSED(&f, CORRAL_FILE_FOREIGN, "it does not begin with CORRALMA");
    free(bytes);
    mapped_fixture_close(&f);
}

/* Right checksums do not make a table right: whatever it says, nothing outside the file is reached. */
static void test_mapped_forged_tables_are_refused(void) {
    static const MappedChunk rows[] = {{0, 1, 0},          {4096, 16, 0},     {4096 + 64, 1 << 20, 0}, {1 << 20, 1, 0},
                                       {UINT64_MAX, 1, 0}, {4096 + 65, 1, 0}, {4096 + 64, 160, 1}};
    MappedFixture f;
    size_t size = 0;
    unsigned char *bytes = sealed(&f, 10, &size);
    REQUIRE_TRUE(bytes != NULL);
    MappedHeader header;
    memcpy(&header, bytes, sizeof header);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        memcpy(bytes + MAPPED_PAGE, &rows[i], sizeof rows[i]);
        forge(&f, bytes, size, &header);
        CHECK_REFUSED(&f, CORRAL_FILE_DAMAGED, "a chunk lies outside");
    }
    MappedChunk row = {MAPPED_PAGE + 64, 160, 0};
    memcpy(bytes + MAPPED_PAGE, &row, sizeof row);
    const MappedHeader changed[] = {{.chunks = UINT32_MAX}, {.chunks = ARENA_CHUNKS_MAX}, {.chunks = 1000}};
    for (size_t i = 0; i < sizeof changed / sizeof changed[0]; i++) {
        MappedHeader other = header;
        other.chunks = changed[i].chunks;
        forge(&f, bytes, size, &other);
        CHECK_REFUSED(&f, CORRAL_FILE_DAMAGED, "sizes do not fit");
    }
    MappedHeader other = header;
    other.root = header.root + 1000;
    forge(&f, bytes, size, &other);
    CHECK_REFUSED(&f, CORRAL_FILE_DAMAGED, "its root leads nowhere");
    other = header;
    other.root = 0;
    other.generation = 0;
    forge(&f, bytes, size, &other);
    CHECK_REFUSED(&f, CORRAL_FILE_DAMAGED, "its root leads nowhere");
    free(bytes);
    mapped_fixture_close(&f);
}

/* --- while it is open --------------------------------------------------------------------------------------------- */

/* What C has to expect of MAPPED_SHARED when somebody truncates the file: a signal, and no wrong bytes. */
static void test_mapped_truncated_pages_are_a_signal(void) {
    MappedFixture f;
    size_t size = 0;
    free(sealed(&f, 5000, &size));
    MappedArena *mapped = mapped_fixture_read(&f, MAPPED_SHARED);
    REQUIRE_TRUE(mapped != NULL);
    pid_t child = fork();
    REQUIRE_TRUE(child >= 0);
    if (child == 0) {
        signal(SIGBUS, SIG_DFL);
        CHECK_TRUE(truncate(f.path, (off_t)MAPPED_PAGE) == 0);
        const volatile unsigned char *first = mapped_resolve(mapped, mapped_root(mapped), 1);
        _exit(*first);
    }
    int how = 0;
    CHECK_TRUE(waitpid(child, &how, 0) == child);
    CHECK_TRUE(WIFSIGNALED(how) && WTERMSIG(how) == SIGBUS);
    CHECK_STATUS(mapped_close(mapped), CORRAL_OK); /* closing touches nothing */
    mapped_fixture_close(&f);
}

TEST_MAIN(TEST_CASE(test_checksum_is_xxh64), TEST_CASE(test_mapped_every_flipped_header_byte_is_found),
          TEST_CASE(test_mapped_every_flipped_content_byte_is_found), TEST_CASE(test_mapped_every_truncation_is_found),
          TEST_CASE(test_mapped_longer_file_is_refused), TEST_CASE(test_mapped_files_of_other_machines_are_refused),
          TEST_CASE(test_mapped_forged_tables_are_refused), TEST_CASE(test_mapped_truncated_pages_are_a_signal))
