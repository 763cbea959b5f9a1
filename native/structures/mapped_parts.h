/* SPDX-License-Identifier: Apache-2.0
 * mapped_parts.h - the format of a sealed file, and what tests replace.
 * Layer: structures (private to it). May include: arena/, base/, pages/. */
#ifndef CORRAL_MAPPED_PARTS_H
#define CORRAL_MAPPED_PARTS_H

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "corral/mapped_arena.h"
#include "corral/page_source.h"
#include "os_file.h"

#define MAPPED_FILE_MAGIC "CORRALMA" /* without its NUL */
#define MAPPED_BYTE_ORDER UINT32_C(0x01020304)
#define MAPPED_MAGIC UINT32_C(0xABCD4326) /* of an open MappedArena */
#define MAPPED_BUFFER ((size_t)64 << 10)  /* bytes that are read or written at once: a multiple of MAPPED_PAGE */

/* The file:   [ header: MAPPED_PAGE bytes | chunk table | chunks, each at a multiple of MAPPED_ALIGNMENT | zeros ]
 * Numbers are in the byte order of the machine that wrote them. The first four fields stay where they are in every
 * later version, so that each version can tell what it does not know. The rest of the header's bytes is zero. */
typedef struct MappedHeader {
    char magic[8];       /* MAPPED_FILE_MAGIC */
    uint32_t byte_order; /* MAPPED_BYTE_ORDER */
    uint32_t version;    /* MAPPED_VERSION */
    uint32_t page_size;  /* of the machine */
    uint32_t alignment;  /* MAPPED_ALIGNMENT */
    uint64_t bytes;      /* of the file: a multiple of page_size */
    uint64_t tag;        /* as MappedInfo has them: */
    uint64_t root;
    uint64_t used;
    uint64_t count;
    uint32_t chunks;
    uint32_t generation;
    uint64_t content_checksum; /* of all bytes after the header */
    uint64_t header_checksum;  /* of the header with this field zero */
} MappedHeader;

static_assert(offsetof(MappedHeader, byte_order) == 8, "format: byte order");
static_assert(offsetof(MappedHeader, version) == 12, "format: version");
static_assert(offsetof(MappedHeader, page_size) == 16, "format: page size");
static_assert(offsetof(MappedHeader, bytes) == 24, "format: bytes");
static_assert(offsetof(MappedHeader, chunks) == 64, "format: chunks");
static_assert(offsetof(MappedHeader, header_checksum) == 80, "format: header checksum");
static_assert(sizeof(MappedHeader) == 88, "format: header");

/* A row of the chunk table. Invariant: used == 0 and offset == 0 (references lead to no such chunk), or
 * end of the table <= offset <= offset + used <= bytes of the file, offset % MAPPED_ALIGNMENT == 0 */
typedef struct MappedChunk {
    uint64_t offset; /* of the first byte in the file */
    uint32_t used;   /* bytes */
    uint32_t zero;
} MappedChunk;

static_assert(sizeof(MappedChunk) == 16, "format: chunk table");

/* --- the checksum (mapped_checksum.c) ----------------------------------------------------------------------------- */

/* XXH64 with seed 0, in steps. */
typedef struct Checksum {
    uint64_t lanes[4];
    uint64_t bytes;
} Checksum;

void checksum_begin(Checksum *checksum);

/* Adds `bytes` bytes, a multiple of 32. */
void checksum_add(Checksum *checksum, const void *source, size_t bytes);

/* The checksum of all that was added and of `bytes` more. */
uint64_t checksum_end(Checksum *checksum, const void *source, size_t bytes);

/* --- errors (mapped_error.c) -------------------------------------------------------------------------------------- */

#define MAPPED_PATH_SHOWN 300 /* bytes of a path in a text: its end, which says more than its begin */

/* Stores the status and `file=path: ` with a text (printf format) in `error`, which may be NULL; returns the status. */
#if defined(__GNUC__)
__attribute__((format(printf, 4, 5)))
#endif
CorralStatus
mapped_refused(MappedError *error, CorralStatus status, const char *path, const char *format, ...);

/* The same for what the system has refused while `what` was being done: CORRAL_FILE_REFUSED, or CORRAL_NO_MEMORY when
 * it was short of memory or open files. */
CorralStatus mapped_system_refused(MappedError *error, OsFileError cause, const char *path, const char *what);

/* CORRAL_OK, and an empty text. */
CorralStatus mapped_done(MappedError *error);

/* --- with other files and pages than the system's: for tests ------------------------------------------------------ */

CorralStatus mapped_seal_with(const OsFiles *files, Arena *arena, const char *path, const MappedSeal *seal,
                              MappedError *error);

/* `pages` must outlive the arena. */
MappedArena *mapped_open_with(const OsFiles *files, const PageSource *pages, const char *path, MappedHow how,
                              MappedError *error);

/* --- for Java ----------------------------------------------------------------------------------------------------- */

/* Makes mapped_close() refuse an open one: Java uses it by its address, and ends it. */
void mapped_hold(MappedArena *mapped);

/* As mapped_close(), also of one that is held. */
CorralStatus mapped_end(MappedArena *mapped);

/* The first byte of the file, in memory; for Java, which knows its places. */
const unsigned char *mapped_content(const MappedArena *mapped);

#endif
