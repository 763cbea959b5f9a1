/* SPDX-License-Identifier: Apache-2.0
 * mapped_seal.c - writes an arena to a file that replaces another one as a whole.
 * Layer: structures. May include: arena/, mempool/, pages/, base/. Threads: the arena's owner. */
#include <inttypes.h>
#include <string.h>

#include "arena/arena_parts.h"
#include "base/align.h"
#include "base/check.h"
#include "base/poison.h"
#include "mapped_parts.h"
#include "pool_extension.h"

static_assert(MAPPED_BUFFER % MAPPED_PAGE == 0 && MAPPED_PAGE % 32 == 0, "what checksum_add() takes");
static_assert(sizeof(MappedHeader) <= MAPPED_PAGE, "the header fits");

/* A file as it grows. All bytes pass the buffer, also those of chunks: a stale view of Java may be writing to them just
 * now, and the checksum has to be that of the bytes in the file.
 * Invariant: written % MAPPED_BUFFER == MAPPED_PAGE; filled < MAPPED_BUFFER until the file ends */
typedef struct Writer {
    const OsFiles *files;
    OsNewFile made;
    OsFileError failed; /* 0: nothing has; from the first failure on nothing is written */
    Checksum checksum;
    unsigned char *buffer; /* MAPPED_BUFFER bytes, books of the pool */
    size_t filled;
    uint64_t written; /* bytes of the file before those in the buffer */
} Writer;

/* --- bytes -------------------------------------------------------------------------------------------------------- */

static void flush(Writer *writer) {
    checksum_add(&writer->checksum, writer->buffer, writer->filled);
    if (writer->failed == 0) {
        writer->failed = writer->files->write(&writer->made, writer->buffer, writer->filled, writer->written);
    }
    writer->written += writer->filled;
    writer->filled = 0;
}

/* Appends bytes of live memory, whatever their marks say: gaps between blocks are part of a chunk. */
static void put(Writer *writer, const unsigned char *source, size_t bytes) {
    while (bytes > 0) {
        size_t room = MAPPED_BUFFER - writer->filled;
        size_t part = bytes < room ? bytes : room;
        memory_peek(writer->buffer + writer->filled, source, part);
        writer->filled += part;
        source += part;
        bytes -= part;
        if (writer->filled == MAPPED_BUFFER) {
            flush(writer);
        }
    }
}

/* Appends zeros up to a place of the file. */
static void pad_to(Writer *writer, uint64_t offset) {
    static const unsigned char zeros[MAPPED_PAGE];
    for (uint64_t at = writer->written + writer->filled; at < offset;) {
        size_t part = offset - at < sizeof zeros ? (size_t)(offset - at) : sizeof zeros;
        put(writer, zeros, part);
        at += part;
    }
}

/* --- the parts of the file ---------------------------------------------------------------------------------------- */

static uint64_t table_end(uint32_t chunks) {
    return MAPPED_PAGE + (uint64_t)chunks * sizeof(MappedChunk);
}

static bool is_entered(const Arena *arena, uint32_t index) {
    return chunk_exists(arena, index) && chunk_is_entered(arena, index);
}

static uint32_t used_of(const Arena *arena, uint32_t index) {
    return is_entered(arena, index) ? (uint32_t)chunk_used(arena, index) : 0;
}

/* Where the chunk after one at `offset` begins. */
static uint64_t next_place(uint64_t offset, uint32_t used) {
    return offset + align_up(used, MAPPED_ALIGNMENT);
}

static uint64_t first_place(uint32_t chunks) {
    return align_up((size_t)table_end(chunks), MAPPED_ALIGNMENT);
}

/* What is mapped is whole pages, also where they are larger than MAPPED_PAGE. */
static size_t page_of(const OsFiles *files) {
    size_t page = files->page_size();
    return page > MAPPED_PAGE ? page : MAPPED_PAGE;
}

/* Appends the table; returns the size of the whole file. */
static uint64_t put_table(Writer *writer, const Arena *arena) {
    uint64_t place = first_place(arena->chunk_count);
    for (uint32_t index = 0; index < arena->chunk_count; index++) {
        MappedChunk row = {.used = used_of(arena, index)};
        row.offset = is_entered(arena, index) ? place : 0;
        place = next_place(place, row.used);
        put(writer, (const unsigned char *)&row, sizeof row);
    }
    return align_up((size_t)place, page_of(writer->files));
}

static void put_chunks(Writer *writer, const Arena *arena) {
    uint64_t place = first_place(arena->chunk_count);
    for (uint32_t index = 0; index < arena->chunk_count; index++) {
        uint32_t used = used_of(arena, index);
        pad_to(writer, place);
        put(writer, (const unsigned char *)(uintptr_t)arena->chunks[index].base, used);
        place = next_place(place, used);
    }
}

/* The header comes last: it has the checksum. */
static void write_header(Writer *writer, const Arena *arena, const MappedSeal *seal, uint64_t bytes) {
    unsigned char page[MAPPED_PAGE] = {0};
    MappedHeader header = {.byte_order = MAPPED_BYTE_ORDER,
                           .version = MAPPED_VERSION,
                           .page_size = (uint32_t)writer->files->page_size(),
                           .alignment = MAPPED_ALIGNMENT,
                           .bytes = bytes,
                           .tag = seal->tag,
                           .root = seal->root,
                           .used = arena_total_used(arena),
                           .count = arena_allocation_count(arena),
                           .chunks = arena->chunk_count,
                           .generation = arena->control.generation,
                           .content_checksum = checksum_end(&writer->checksum, page, 0)};
    memcpy(header.magic, MAPPED_FILE_MAGIC, sizeof header.magic);
    memcpy(page, &header, sizeof header);
    Checksum checksum;
    checksum_begin(&checksum);
    header.header_checksum = checksum_end(&checksum, page, sizeof page);
    memcpy(page, &header, sizeof header);
    if (writer->failed == 0) {
        writer->failed = writer->files->write(&writer->made, page, sizeof page, 0);
    }
}

/* --- sealing ------------------------------------------------------------------------------------------------------ */

static void write_all(Writer *writer, const Arena *arena, const MappedSeal *seal) {
    checksum_begin(&writer->checksum);
    writer->written = MAPPED_PAGE;
    uint64_t bytes = put_table(writer, arena);
    put_chunks(writer, arena);
    pad_to(writer, bytes);
    flush(writer);
    CHECK(writer->written == bytes);
    write_header(writer, arena, seal, bytes);
}

/* Makes the file, and then the name; what fails leaves nothing behind. */
static CorralStatus seal_file(Writer *writer, const Arena *arena, const char *path, const MappedSeal *seal,
                              MappedError *error) {
    const OsFiles *files = writer->files;
    OsFileError failed = files->create(path, &writer->made);
    if (failed != 0) {
        return mapped_system_refused(error, failed, path, "create a file beside it");
    }
    write_all(writer, arena, seal);
    const char *what = "write it";
    if (writer->failed == 0) {
        what = "bring it to the device";
        writer->failed = files->sync(&writer->made);
    }
    if (writer->failed == 0) {
        what = "put it in place";
        writer->failed = files->replace(&writer->made);
    }
    if (writer->failed != 0) {
        files->discard(&writer->made);
        return mapped_system_refused(error, writer->failed, path, what);
    }
    failed = files->sync_directory(&writer->made);
    return failed == 0
               ? mapped_done(error)
               : mapped_system_refused(error, failed, path, "sync its directory: the new file is in place, but");
}

/* A valid arena, which remembers why it could not be sealed. */
static CorralStatus seal_valid(const OsFiles *files, Arena *arena, const char *path, const MappedSeal *seal,
                               MappedError *error) {
    if (path == NULL) {
        return mapped_refused(error, CORRAL_INVALID_ARGUMENT, path, "pass the name of a file");
    }
    if (seal->root != 0 && arena_resolve(arena, seal->root) == NULL) {
        return mapped_refused(error, CORRAL_STALE_REF, path, "root=0x%" PRIx64 " is no reference of the arena now",
                              seal->root);
    }
    size_t bytes = align_up(sizeof(Writer), 64) + MAPPED_BUFFER;
    Writer *writer = pool_books_take(arena->pool, bytes);
    if (writer == NULL) {
        return mapped_refused(error, CORRAL_NO_MEMORY, path, "no memory for a buffer of %zu bytes", bytes);
    }
    writer->files = files;
    writer->buffer = (unsigned char *)writer + align_up(sizeof(Writer), 64);
    CorralStatus status = seal_file(writer, arena, path, seal, error);
    pool_books_give(arena->pool, writer, bytes);
    return status;
}

CorralStatus mapped_seal_with(const OsFiles *files, Arena *arena, const char *path, const MappedSeal *seal,
                              MappedError *error) {
    static const MappedSeal plain = {0};
    if (!arena_is_valid(arena)) {
        return mapped_refused(error, CORRAL_INVALID_ARENA, path, "what is to be sealed is no arena");
    }
    CorralStatus status = seal_valid(files, arena, path, seal != NULL ? seal : &plain, error);
    if (status != CORRAL_OK) {
        arena_fail(arena, status);
    }
    return status;
}

CorralStatus mapped_seal(Arena *arena, const char *path, const MappedSeal *seal, MappedError *error) {
    return mapped_seal_with(os_files(), arena, path, seal, error);
}
